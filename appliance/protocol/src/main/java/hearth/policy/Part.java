package hearth.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The piece of a {@link Rule} that is compiled in one way.
 *
 * @param order position in the filter
 * @param openings those whose targets belong to this kind
 */
record Part(
        int order,
        Kind kind,
        Rule rule,
        List<Selector> sources,
        List<Rule.Opening> openings,
        Map<String, List<JsonNode>> app,
        List<Selector> appTo) {

    enum Kind {
        /** The same sources for every destination. */
        PLAIN,
        /** Each user's devices among themselves. */
        SELF,
        /** Through routers with a tag. */
        VIA
    }

    /** Capabilities that bring another one in the opposite direction. */
    private static final Map<String, String> COMPANIONS =
            Map.of(
                    "tailscale.com/cap/drive", "tailscale.com/cap/drive-sharer",
                    "tailscale.com/cap/relay", "tailscale.com/cap/relay-target");

    static List<Part> of(List<Rule> rules) {
        return all(withoutVainDenies(rules));
    }

    /** The parts of all rules, also of denies that take nothing away. */
    static List<Part> all(List<Rule> rules) {
        List<Part> out = new ArrayList<>();
        for (Rule r : rules) {
            if (!r.via().isEmpty()) {
                out.add(
                        new Part(
                                out.size(),
                                Kind.VIA,
                                r,
                                r.sources(),
                                r.openings(),
                                Map.of(),
                                List.of()));
                continue;
            }
            add(r, Kind.PLAIN, out);
            add(r, Kind.SELF, out);
        }
        return List.copyOf(out);
    }

    /** Without the denies that no accept follows: what nothing allows is refused anyhow. */
    private static List<Rule> withoutVainDenies(List<Rule> rules) {
        if (rules.stream().anyMatch(Rule::isGrant)) {
            return rules;
        }
        int end = rules.size();
        while (end > 0 && rules.get(end - 1).action() == Rule.Action.DENY) {
            end--;
        }
        return rules.subList(0, end);
    }

    boolean isDeny() {
        return rule.action() == Rule.Action.DENY;
    }

    /** Whether a deny in this part takes away from {@code accept}. */
    boolean precedes(Part accept) {
        return isDeny() && (accept.rule.isGrant() || order < accept.order);
    }

    private static void add(Rule r, Kind kind, List<Part> out) {
        boolean self = kind == Kind.SELF;
        List<Rule.Opening> openings = new ArrayList<>();
        for (Rule.Opening o : r.openings()) {
            List<Rule.Target> targets =
                    o.targets().stream().filter(t -> t.to().is(AutoGroup.SELF) == self).toList();
            if (!targets.isEmpty()) {
                openings.add(new Rule.Opening(o.protocols(), targets));
            }
        }
        List<Selector> appTo =
                r.appTo().stream().filter(s -> s.is(AutoGroup.SELF) == self).toList();
        Map<String, List<JsonNode>> app = appTo.isEmpty() ? Map.of() : r.app();
        if (openings.isEmpty() && app.isEmpty()) {
            return;
        }
        out.add(new Part(out.size(), kind, r, r.sources(), openings, app, appTo));
        for (String cap : app.keySet().stream().sorted().toList()) {
            String companion = COMPANIONS.get(cap);
            if (companion != null) {
                Map<String, List<JsonNode>> reverse = Map.of(companion, List.of());
                out.add(new Part(out.size(), kind, r, appTo, List.of(), reverse, r.sources()));
            }
        }
    }

    /** Whether this part is the opposite direction of the capability it came with. */
    boolean isCompanion() {
        return openings.isEmpty() && !app.equals(rule.app());
    }

    /** Every selector that decides which nodes receive this part. */
    List<Selector> targets() {
        List<Selector> out = new ArrayList<>(appTo);
        openings.forEach(o -> o.targets().forEach(t -> out.add(t.to())));
        return out;
    }
}
