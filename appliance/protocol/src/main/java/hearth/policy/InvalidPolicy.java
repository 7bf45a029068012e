package hearth.policy;

import hearth.base.Problem;
import java.util.List;

/** A policy that is refused, with everything that is wrong with it. */
public final class InvalidPolicy extends Exception {
    private final transient List<Problem> problems;

    public InvalidPolicy(List<Problem> problems) {
        super(problems.getFirst().text(), null, false, false);
        this.problems = List.copyOf(problems);
    }

    /** All problems, the one that the service would name first. */
    public List<Problem> problems() {
        return problems;
    }

    /** The single text that Tailscale's service answers with. */
    public String message() {
        return problems.getFirst().text();
    }
}
