package hearth.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Every rule of a policy in one world, in the order of evaluation, denies without effect included:
 * what explanations and lints look at.
 */
final class Walk {
    final Document document;
    final World world;
    final Roster roster;

    /** Acls in the order of the text, then grants; parts among own devices once for each owner. */
    final List<PartState> states;

    final FirstMatch match;

    Walk(Document document, World world) {
        this.document = document;
        this.world = world;
        this.roster = Roster.of(document, world, null);
        List<Rule> rules = document.rules();
        List<Part> parts = Part.all(rules == null ? Compiled.EVERYTHING : rules);
        Matching matching = new Matching(document, roster);
        List<PartState> plain = new ArrayList<>();
        for (Part p : parts) {
            if (p.kind() != Part.Kind.SELF) {
                plain.add(matching.state(p));
            }
        }
        Map<String, List<PartState>> self = Compiled.selfStates(parts, roster, matching);
        this.match = new FirstMatch(roster, plain, self);
        this.states = match.states();
    }
}
