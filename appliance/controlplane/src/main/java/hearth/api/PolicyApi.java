package hearth.api;

import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import hearth.policy.hujson.PolicyTag;
import hearth.tailnet.PolicyState;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ArrayNode;

/**
 * The policy file of the REST API v2, mounted at {@code /api/v2}: read as text or JSON, replace
 * with {@code If-Match}. The ETag is the SHA-256 of the formatted text.
 */
final class PolicyApi implements HttpService {
    private static final String PATH = "/tailnet/{tailnet}/acl";
    private static final int MAX_VERSIONS = 1000;

    private final Tailnet tailnet;
    private final Caller caller;

    PolicyApi(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(PATH, Exchange.needing(caller, Right.READ, this::get))
                .post(PATH, Exchange.needing(caller, Right.POLICY, this::set));
    }

    /** Routes of {@code /api/hearth/policy}. */
    void history(HttpRules rules) {
        rules.get("/policy/history", Exchange.needing(caller, Right.READ, this::versions))
                .post("/policy/rollback", Exchange.needing(caller, Right.POLICY, this::rollBack));
    }

    private void versions(Exchange x) throws Refused {
        ArrayNode out = Objects.object().putArray("versions");
        for (PolicyVersion v : tailnet.policyHistory(MAX_VERSIONS)) {
            out.addObject()
                    .put("version", v.version())
                    .put("time", Objects.time(v.time()))
                    .put("author", v.author())
                    .put("comment", v.comment())
                    .put("text", v.text());
        }
        x.send(out);
    }

    private void rollBack(Exchange x) throws Refused, IOException {
        var version = x.json().path("version");
        if (!version.isIntegralNumber()) {
            throw Refused.invalid("version: expected a number, got " + version);
        }
        try {
            send(x, tailnet.rollBackPolicy(x.actor(), version.asLong()));
        } catch (InvalidPolicy e) {
            x.send(Refused.Code.INVALID.httpStatus(), Problems.body(e));
        }
    }

    private void get(Exchange x) throws Refused {
        send(x, tailnet.snapshot().policy());
    }

    private void set(Exchange x) throws Refused, IOException {
        String text = x.bodyText();
        PolicyState was = tailnet.snapshot().policy();
        String header = x.header("If-Match");
        boolean conditional = !header.isEmpty() && !header.strip().equals("*");
        if (conditional && !matches(header, was)) {
            throw new Refused(
                    Refused.Code.PRECONDITION_FAILED, "precondition failed, invalid old hash");
        }
        try {
            PolicyState now =
                    tailnet.setPolicy(
                            x.actor(),
                            text.isBlank() ? Policy.DEFAULT_TEXT : text,
                            conditional ? was.etag() : null,
                            x.header("X-Hearth-Comment"));
            send(x, now);
        } catch (InvalidPolicy e) {
            x.send(Refused.Code.INVALID.httpStatus(), Problems.body(e));
        }
    }

    private static boolean matches(String ifMatch, PolicyState was) throws Refused {
        try {
            return PolicyTag.matches(ifMatch, was.text(), was.saved().version() == 0);
        } catch (HuJsonException e) {
            throw unreadable(e);
        }
    }

    private static Refused unreadable(HuJsonException e) {
        return Refused.invalid("the stored policy is not HuJSON: " + e.getMessage());
    }

    private static void send(Exchange x, PolicyState policy) throws Refused {
        String text = policy.text();
        try {
            if (x.wantsJson()) {
                String json =
                        x.query("details").equals("1")
                                ? Problems.details(policy)
                                : HuJson.standardize(text);
                send(x, json, "application/json", text);
            } else {
                send(x, text, "application/hujson", text);
            }
        } catch (HuJsonException e) {
            throw unreadable(e);
        }
    }

    private static void send(Exchange x, String body, String type, String policy)
            throws HuJsonException {
        x.send(body.getBytes(StandardCharsets.UTF_8), type, PolicyTag.of(policy));
    }
}
