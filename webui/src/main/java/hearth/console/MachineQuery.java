package hearth.console;

import hearth.base.IpPrefix;
import hearth.console.view.Machines.Row;
import hearth.tailnet.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What a person typed into the filter of the machines list. Words must occur in name, address,
 * owner, tag, system or version; {@code is:online}, {@code is:offline}, {@code is:expired}, {@code
 * is:ephemeral}, {@code is:direct}, {@code is:relayed}, {@code has:exit}, {@code has:routes},
 * {@code tag:…}, {@code owner:…}, {@code os:…} ask for one thing; a dash before turns it round.
 */
final class MachineQuery {
    /** A machine as it is judged: the node and how it is shown. */
    record Entry(Node node, Row row) {}

    private final List<Predicate<Entry>> tests = new ArrayList<>();

    MachineQuery(String text) {
        for (String word : text.toLowerCase(Locale.ROOT).split("\\s+", -1)) {
            boolean not = word.startsWith("-") && word.length() > 1;
            String plain = not ? word.substring(1) : word;
            if (!plain.isEmpty()) {
                Predicate<Entry> test = test(plain);
                tests.add(not ? test.negate() : test);
            }
        }
    }

    boolean accepts(Entry entry) {
        return tests.stream().allMatch(t -> t.test(entry));
    }

    private static Predicate<Entry> test(String word) {
        int colon = word.indexOf(':');
        String key = colon < 0 ? "" : word.substring(0, colon);
        String value = word.substring(colon + 1);
        return switch (key) {
            case "is" ->
                    switch (value) {
                        case "online" -> e -> e.row().online();
                        case "offline" -> e -> !e.row().online();
                        case "expired" -> e -> e.node().expired();
                        case "ephemeral" -> e -> e.node().ephemeral();
                        case "direct" -> e -> path(e).startsWith("direct");
                        case "relayed" -> e -> path(e).startsWith("relayed");
                        default -> _ -> false;
                    };
            case "has" ->
                    switch (value) {
                        case "exit" ->
                                e ->
                                        e.node().enabledRoutes().stream()
                                                .anyMatch(IpPrefix::isDefaultRoute);
                        case "routes" -> e -> !e.node().enabledRoutes().isEmpty();
                        default -> _ -> false;
                    };
            case "tag" -> e -> e.row().tags().stream().anyMatch(t -> t.contains(value));
            case "owner" -> e -> e.row().owner().contains(value);
            case "os" -> e -> e.row().os().toLowerCase(Locale.ROOT).contains(value);
            default -> e -> all(e.row()).contains(word);
        };
    }

    private static String path(Entry e) {
        var path = e.row().path();
        return path == null ? "" : path.text().toLowerCase(Locale.ROOT);
    }

    private static String all(Row r) {
        return String.join(
                        " ",
                        r.name(),
                        r.owner(),
                        String.join(" ", r.tags()),
                        r.v4(),
                        r.v6(),
                        r.os(),
                        r.version())
                .toLowerCase(Locale.ROOT);
    }

    /** The order a column's head asks for; a dash before its name turns it round. */
    static Comparator<Entry> order(String sort) {
        boolean down = sort.startsWith("-");
        Comparator<Entry> byName = Comparator.comparing(e -> e.row().name());
        Comparator<Entry> by =
                switch (down ? sort.substring(1) : sort) {
                    case "address" -> Comparator.comparing(e -> e.node().v4());
                    case "state" -> Comparator.comparing(e -> e.row().state().text());
                    case "path" -> Comparator.comparing(MachineQuery::path);
                    case "seen" ->
                            Comparator.comparing(
                                    e -> {
                                        var seen = e.row().seen();
                                        return e.row().online()
                                                ? "9"
                                                : seen == null ? "" : seen.iso();
                                    });
                    case "version" -> Comparator.comparing(e -> padded(e.row().version()));
                    case "expiry" ->
                            Comparator.comparing(
                                    e -> {
                                        var at = e.node().keyExpiry();
                                        return at == null ? "9" : at.toString();
                                    });
                    default -> byName;
                };
        return (down ? by.reversed() : by).thenComparing(byName);
    }

    /** 1.9.2 before 1.10.0. */
    private static String padded(String version) {
        var out = new StringBuilder();
        for (String part : version.split("\\.", -1)) {
            out.append("0".repeat(Math.max(0, 8 - part.length()))).append(part);
        }
        return out.toString();
    }
}
