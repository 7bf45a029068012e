package hearth.tailnet;

import hearth.base.Refused;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Host names of devices as DNS labels, each used once. */
final class Names {
    static final int MAX_LABEL = 63;
    private static final String FALLBACK = "node";

    /** Endings that a local network adds (tailscale/tailscale util/dnsname). */
    private static final List<String> LOCAL_ENDINGS = List.of(".local", ".localdomain", ".lan");

    private Names() {}

    /**
     * The label of a host name: {@code Joe's Mac mini} is {@code joes-mac-mini}; what has no letter
     * or digit of ASCII is {@code node}.
     */
    static String label(String hostname) {
        String name = hostname.toLowerCase(Locale.ROOT);
        for (String ending : LOCAL_ENDINGS) {
            if (name.endsWith(ending)) {
                name = name.substring(0, name.length() - ending.length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < name.length() && out.length() < MAX_LABEL; i++) {
            char c = name.charAt(i);
            boolean separator = c == ' ' || c == '.' || c == '@' || c == '_' || c == '-';
            if (isLetterOrDigit(c) || (separator && !out.isEmpty())) {
                out.append(separator ? '-' : c);
            }
        }
        while (!out.isEmpty() && out.charAt(out.length() - 1) == '-') {
            out.setLength(out.length() - 1);
        }
        return out.isEmpty() ? FALLBACK : out.toString();
    }

    /** {@code wanted}, or with -1, -2 … behind it, so that no node but {@code self} has it. */
    static String unique(Snapshot s, String wanted, long self) {
        String name = wanted;
        for (int i = 1; taken(s, name, self); i++) {
            String suffix = "-" + i;
            int keep = Math.min(wanted.length(), MAX_LABEL - suffix.length());
            name = wanted.substring(0, keep) + suffix;
        }
        return name;
    }

    /** The name that a node with this host name has now, or should get. */
    static String follow(Snapshot s, Node n, String hostname) {
        String base = label(hostname);
        String rest = n.name().startsWith(base) ? n.name().substring(base.length()) : null;
        boolean alreadyOfBase = rest != null && (rest.isEmpty() || rest.matches("-[0-9]+"));
        return alreadyOfBase ? n.name() : unique(s, base, n.id());
    }

    static boolean taken(Snapshot s, String name, long self) {
        Node n = s.nodeByName(name);
        return n != null && n.id() != self;
    }

    /** A name that a person gives: a label as it stands, or it is refused. */
    static String given(String name) throws Refused {
        String label = name.toLowerCase(Locale.ROOT);
        String problem = problem(label);
        if (problem != null) {
            throw Refused.invalid("name \"" + name + "\": " + problem);
        }
        return label;
    }

    private static @Nullable String problem(String label) {
        if (label.isEmpty() || label.length() > MAX_LABEL) {
            return "expected 1 to 63 characters";
        }
        for (int i = 0; i < label.length(); i++) {
            if (!isLetterOrDigit(label.charAt(i)) && label.charAt(i) != '-') {
                return "expected letters, digits and dashes";
            }
        }
        if (label.startsWith("-") || label.endsWith("-")) {
            return "it begins or ends with a dash";
        }
        return null;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }
}
