package hearth.tailnet;

import hearth.base.Problem;
import hearth.policy.CompiledPolicy;
import hearth.policy.Policy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The policy that was saved last and the one that is in force; the same unless the saved one is no
 * longer valid.
 *
 * @param saved the text as it was saved
 * @param inForce version of the policy in force; less than {@code saved} when the last good one had
 *     to stay, 0 for the built-in default
 * @param problems what is wrong with {@code saved}; empty when it is in force
 * @param compiled what is in force, for every node
 */
public record PolicyState(
        PolicyVersion saved, long inForce, List<Problem> problems, CompiledPolicy compiled) {
    public PolicyState {
        problems = List.copyOf(problems);
    }

    public String text() {
        return saved.text();
    }

    /** What {@code If-Match} is compared with, without the quotes: {@link PolicyVersion#etag}. */
    public String etag() {
        return saved.etag();
    }

    /** Whether nobody has changed the policy that a new tailnet has, or it was set back to it. */
    public boolean untouched() {
        return saved.version() == 0 || saved.text().equals(Policy.DEFAULT_TEXT);
    }

    /** What the page must say when the saved policy is not in force, else null. */
    public @Nullable String banner() {
        return problems.isEmpty()
                ? null
                : "the saved policy (version "
                        + saved.version()
                        + ") is not valid, "
                        + (inForce == 0 ? "the default policy" : "version " + inForce)
                        + " is in force: "
                        + problems.getFirst().text();
    }

    PolicyState with(CompiledPolicy next) {
        return new PolicyState(saved, inForce, problems, next);
    }
}
