package hearth.policy;

import hearth.base.Refused;
import hearth.policy.hujson.HuArray;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import hearth.policy.hujson.HuLiteral;
import hearth.policy.hujson.HuNumber;
import hearth.policy.hujson.HuObject;
import hearth.policy.hujson.HuString;
import hearth.policy.hujson.HuValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes another name for a device in a policy's text; every other byte of it stays. */
public final class DeviceRename {
    private DeviceRename() {}

    /**
     * The text with {@code to} wherever it means the device {@code from}: a host alias, a comment
     * or an account of that name stays.
     *
     * @param from a label that the text names
     * @param to a label; with {@code device:} before it where the text has an alias of that name
     * @throws Refused the text does not name {@code from}, or {@code to} cannot be a device's name
     */
    public static String rewrite(String text, String from, String to, String baseDomain)
            throws InvalidPolicy, Refused {
        Document document = Policy.parse(text, Policy.Dialect.HEARTH).document();
        Map<Integer, HuString> strings = new TreeMap<>();
        collect(tree(text), strings);
        Pattern name =
                Pattern.compile(
                        "((?:device:)?)"
                                + Pattern.quote(from)
                                + "((?:\\."
                                + Pattern.quote(baseDomain)
                                + ")?\\.?(?::.*)?)",
                        Pattern.CASE_INSENSITIVE);
        boolean alias = document.hosts().containsKey(to);
        TreeMap<Integer, String> written = new TreeMap<>();
        document.devices()
                .forEach(
                        (device, places) -> {
                            if (DeviceBindings.label(device, baseDomain).equals(from)) {
                                write(places, strings, name, alias, to, written);
                            }
                        });
        if (written.isEmpty()) {
            throw Refused.notFound("the policy names no device \"" + from + "\"");
        }
        StringBuilder out = new StringBuilder(text);
        written.descendingMap()
                .forEach((at, value) -> out.replace(at, end(strings.get(at)), value));
        Set<String> wanted = new TreeSet<>(document.deviceLabels(baseDomain));
        wanted.remove(from);
        wanted.add(to);
        String after = out.toString();
        Set<String> named =
                Policy.parse(after, Policy.Dialect.HEARTH).document().deviceLabels(baseDomain);
        if (!named.equals(wanted)) {
            throw Refused.invalid("\"" + to + "\" would not mean a device in this policy");
        }
        return after;
    }

    private static void write(
            List<Place> places,
            Map<Integer, HuString> strings,
            Pattern name,
            boolean alias,
            String to,
            Map<Integer, String> written) {
        for (Place place : places) {
            HuString s = strings.get(place.offset());
            Matcher m = s == null ? null : name.matcher(s.value().strip());
            if (m != null && m.matches()) {
                String head = m.group(1).isEmpty() && alias ? "device:" : m.group(1);
                // nothing in it needs an escape: the text was read as a name and ports
                written.put(place.offset(), "\"" + head + to + m.group(2) + "\"");
            }
        }
    }

    private static HuValue tree(String text) {
        try {
            return HuJson.parse(text);
        } catch (HuJsonException e) {
            throw new IllegalStateException("the policy was read a moment ago", e);
        }
    }

    private static int end(@Nullable HuString s) {
        return Objects.requireNonNull(s).end();
    }

    private static void collect(HuValue v, Map<Integer, HuString> out) {
        switch (v) {
            case HuObject o -> o.members().forEach(m -> collect(m.value(), out));
            case HuArray a -> a.elements().forEach(e -> collect(e, out));
            case HuString s -> out.put(s.offset(), s);
            case HuNumber _, HuLiteral _ -> {}
        }
    }
}
