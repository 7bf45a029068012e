package hearth.console;

import hearth.base.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of a form, of a body or of a query; a field may come more than once. */
final class Form {
    /** A policy of 256 kB with every character escaped. */
    static final int MAX_BYTES = 800_000;

    private static final int MAX_FIELDS = 1000;
    private static final String TAG = "tag:";
    static final Form EMPTY = new Form(Map.of());

    private final Map<String, List<String>> fields;

    private Form(Map<String, List<String>> fields) {
        this.fields = fields;
    }

    /** Reads a body of type {@code application/x-www-form-urlencoded}. */
    static Form read(InputStream body) throws IOException, Refused {
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw Refused.invalid("the form is larger than " + MAX_BYTES / 1000 + " kB");
        }
        return parse(new String(bytes, StandardCharsets.UTF_8));
    }

    static Form parse(String text) throws Refused {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String pair : text.split("&", MAX_FIELDS)) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            if (!name.isEmpty()) {
                fields.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
            }
        }
        return new Form(fields);
    }

    private static String decode(String text) throws Refused {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refused.invalid("the form is not well-formed");
        }
    }

    /** The first value without white space around it; empty when the field is absent. */
    String text(String name) {
        return raw(name).strip();
    }

    /** The first value as it came; empty when the field is absent. */
    String raw(String name) {
        List<String> values = fields.get(name);
        return values == null ? "" : values.getFirst();
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** All values of a field that are not blank. */
    List<String> all(String name) {
        return fields.getOrDefault(name, List.of()).stream()
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    /** The words of a field, separated by commas, spaces or line ends. */
    List<String> words(String name) {
        return List.of(text(name).split("[\\s,]+", -1)).stream().filter(s -> !s.isEmpty()).toList();
    }

    /** The words of a field as tags, {@code tag:} put before those without it. */
    List<String> tags(String name) {
        return words(name).stream().map(t -> t.startsWith(TAG) ? t : TAG + t).toList();
    }

    /** As {@link #tags}, refused when there is none. */
    List<String> someTags(String name) throws Refused {
        List<String> tags = tags(name);
        if (tags.isEmpty()) {
            throw Refused.invalid("name at least one tag, for example tag:server");
        }
        return tags;
    }

    /**
     * Refuses a form that was filled in before somebody else saved: its field {@code was} names
     * another version than the present one. Sent once more, it is taken.
     */
    void refuseStale(String version, String present) throws Refused {
        if (has("was") && !text("was").equals(version)) {
            throw Refused.conflict(
                    "somebody saved something else meanwhile: "
                            + present
                            + "; yours is not saved yet, save again to put it in its place");
        }
    }

    /** What a refused form shows again: everything but secrets. */
    Map<String, String> typed() {
        Map<String, String> out = new LinkedHashMap<>();
        fields.forEach(
                (name, values) -> {
                    if (!name.startsWith("password")
                            && !name.startsWith("_")
                            && !name.equals("was")) {
                        out.put(name, values.getFirst());
                    }
                });
        out.put("_", "");
        return out;
    }
}
