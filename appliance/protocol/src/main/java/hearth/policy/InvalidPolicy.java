package hearth.policy;

import hearth.base.Problem;
import java.util.List;

/** A policy that is refused, with everything that is wrong with it. */
public final class InvalidPolicy extends Exception {
    /** The code of a failed test of the policy itself. */
    public static final String TEST_FAILED = "test-failed";

    private final transient List<Problem> problems;

    public InvalidPolicy(List<Problem> problems) {
        this(problems, serviceText(problems.getFirst()));
    }

    InvalidPolicy(List<Problem> problems, String message) {
        super(message, null, false, false);
        this.problems = List.copyOf(problems);
    }

    /** The service tells only that tests failed, not which. */
    private static String serviceText(Problem first) {
        return first.code().equals(TEST_FAILED) ? "test(s) failed" : first.text();
    }

    /** All problems, the one that the service would name first. */
    public List<Problem> problems() {
        return problems;
    }

    /** The single text that Tailscale's service answers with. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
