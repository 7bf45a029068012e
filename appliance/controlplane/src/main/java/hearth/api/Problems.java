package hearth.api;

import hearth.base.Problem;
import hearth.policy.InvalidPolicy;
import hearth.tailnet.PolicyState;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Policy problems as the API words them: the service's single message, all of them in {@code data},
 * those of tests under the source of the test.
 */
final class Problems {
    private Problems() {}

    /** {@code subject} names the source of a failed test; without it the place stands there. */
    static ObjectNode body(InvalidPolicy e, Function<Problem, String> subject) {
        ObjectNode out = Objects.object();
        out.put("message", e.message());
        Map<String, ArrayNode> bySubject = new LinkedHashMap<>();
        ArrayNode data = out.putArray("data");
        for (Problem p : e.problems()) {
            boolean test = p.code().equals(InvalidPolicy.TEST_FAILED);
            bySubject
                    .computeIfAbsent(
                            test ? subject.apply(p) : p.path(),
                            s -> data.addObject().put("user", s).putArray("errors"))
                    .add(test ? p.text() : placed(p));
        }
        return out;
    }

    /** The same and where each problem stands, for our own command line. */
    static ObjectNode placed(InvalidPolicy e, Function<Problem, String> subject) {
        ObjectNode out = body(e, subject);
        ArrayNode problems = out.putArray("problems");
        for (Problem p : e.problems()) {
            boolean test = p.code().equals(InvalidPolicy.TEST_FAILED);
            problems.addObject()
                    .put("path", p.path())
                    .put("line", p.line())
                    .put("column", p.column())
                    .put("code", p.code())
                    .put(
                            "text",
                            test ? "test of \"" + subject.apply(p) + "\": " + p.text() : p.text());
        }
        return out;
    }

    private static String placed(Problem p) {
        return p.line() == 0
                ? p.text()
                : "line " + p.line() + ", column " + p.column() + ": " + p.text();
    }

    /** {@code ?details=1}: the text in base 64 with what is wrong with it and what is doubtful. */
    static String details(PolicyState policy, List<Problem> lints) {
        ObjectNode out = Objects.object();
        out.put(
                "acl",
                Base64.getEncoder().encodeToString(policy.text().getBytes(StandardCharsets.UTF_8)));
        list(out, "warnings", lints);
        list(out, "errors", policy.problems());
        return out.toString();
    }

    private static void list(ObjectNode out, String name, List<Problem> problems) {
        if (problems.isEmpty()) {
            out.putNull(name);
            return;
        }
        ArrayNode texts = out.putArray(name);
        problems.forEach(p -> texts.add(placed(p)));
    }
}
