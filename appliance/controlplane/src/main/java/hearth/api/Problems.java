package hearth.api;

import hearth.base.Problem;
import hearth.policy.InvalidPolicy;
import hearth.tailnet.PolicyState;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Policy problems as the API words them: the service's single message, positions in {@code data}.
 */
final class Problems {
    private Problems() {}

    static ObjectNode body(InvalidPolicy e) {
        ObjectNode out = Objects.object();
        out.put("message", e.message());
        ArrayNode data = out.putArray("data");
        for (Problem p : e.problems()) {
            ObjectNode d = data.addObject();
            d.put("user", p.path());
            d.putArray("errors")
                    .add(
                            p.line() == 0
                                    ? p.text()
                                    : "line "
                                            + p.line()
                                            + ", column "
                                            + p.column()
                                            + ": "
                                            + p.text());
        }
        return out;
    }

    /** {@code ?details=1}: the text in base 64 with what is wrong with it. */
    static String details(PolicyState policy) {
        ObjectNode out = Objects.object();
        out.put(
                "acl",
                Base64.getEncoder().encodeToString(policy.text().getBytes(StandardCharsets.UTF_8)));
        out.putNull("warnings");
        if (policy.problems().isEmpty()) {
            out.putNull("errors");
        } else {
            ArrayNode errors = out.putArray("errors");
            policy.problems().forEach(p -> errors.add(p.toString()));
        }
        return out.toString();
    }
}
