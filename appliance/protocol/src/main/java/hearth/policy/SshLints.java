package hearth.policy;

import hearth.base.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** W11: an ssh rule whose sessions nobody records. */
final class SshLints {
    private static final int TCP = 6;

    private final Walk walk;

    private SshLints(Walk walk) {
        this.walk = walk;
    }

    /** In the order of the text, one at most for each rule. */
    static List<Problem> of(Walk walk) {
        SshLints lints = new SshLints(walk);
        List<Problem> out = new ArrayList<>();
        for (SshRule rule : walk.document.ssh()) {
            String text = rule.action() == SshRule.Action.DENY ? null : lints.wrong(rule);
            if (text != null) {
                Place at = rule.place();
                out.add(walk.document.positions().problem(at.path(), at.offset(), "W11", text));
            }
        }
        return out;
    }

    private @Nullable String wrong(SshRule rule) {
        if (rule.recorders().isEmpty()) {
            return rule.enforceRecorder()
                    ? "enforceRecorder without recorder: the sessions are not recorded"
                    : null;
        }
        String outcome = rule.enforceRecorder() ? "refused" : "not recorded";
        List<NodeState> recorders = new ArrayList<>();
        for (String tag : rule.recorders()) {
            recorders.addAll(walk.roster.members(new Selector.Tag(tag)));
        }
        if (recorders.isEmpty()) {
            return "no device has \""
                    + rule.recorders().getFirst()
                    + "\": until one does the sessions are "
                    + outcome;
        }
        for (NodeState n : destinations(rule)) {
            if (recorders.stream().noneMatch(r -> reaches(n, r))) {
                return "no rule lets \""
                        + n.device.name()
                        + "\" reach "
                        + rule.recorders().getFirst()
                        + ":"
                        + SshCompiler.RECORDER_PORT
                        + ": its sessions are "
                        + outcome;
            }
        }
        return null;
    }

    /** Devices that the rule may open. */
    private Set<NodeState> destinations(SshRule rule) {
        Set<NodeState> out = new TreeSet<>(Roster.BY_ID);
        for (Selector to : rule.destinations()) {
            if (to.is(AutoGroup.SELF)) {
                for (Selector from : rule.sources()) {
                    out.addAll(walk.roster.members(from));
                }
            } else {
                out.addAll(walk.roster.members(to));
            }
        }
        return out;
    }

    private boolean reaches(NodeState from, NodeState to) {
        return from == to
                || walk.match.allows(
                        new FirstMatch.Flow(
                                from.device.v4(), to.device.v4(), TCP, SshCompiler.RECORDER_PORT))
                || walk.match.allows(
                        new FirstMatch.Flow(
                                from.device.v6(), to.device.v6(), TCP, SshCompiler.RECORDER_PORT));
    }
}
