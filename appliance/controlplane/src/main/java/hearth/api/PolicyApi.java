package hearth.api;

import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.DeviceBindings;
import hearth.policy.InvalidPolicy;
import hearth.policy.Lints;
import hearth.policy.Policy;
import hearth.policy.PolicyMatches;
import hearth.policy.TextDiff;
import hearth.policy.World;
import hearth.policy.hujson.HuArray;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuJsonException;
import hearth.policy.hujson.PolicyTag;
import hearth.tailnet.PolicyState;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The policy file of the REST API v2, mounted at {@code /api/v2}: read as text or JSON, replace
 * with {@code If-Match}, validate, preview. The ETag is the SHA-256 of the formatted text. {@code
 * validate} answers 200 to whatever is HuJSON, with a message when it would not be saved.
 */
final class PolicyApi implements HttpService {
    private static final String PATH = "/tailnet/{tailnet}/acl";
    private static final int MAX_VERSIONS = 1000;
    private static final int MAX_COMMENT = 1000; // characters

    private final Tailnet tailnet;
    private final Caller caller;

    PolicyApi(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(PATH, Exchange.needing(caller, Right.READ, this::get))
                .post(PATH, Exchange.needing(caller, Right.POLICY, this::set))
                .post(PATH + "/validate", Exchange.needing(caller, Right.READ, this::validate))
                .post(PATH + "/preview", Exchange.needing(caller, Right.READ, this::preview));
    }

    /** {@code -}, or the tailnet by its domain. */
    private void checkTailnet(Exchange x) throws Refused {
        String name = x.path("tailnet");
        if (!name.equals("-") && !name.equalsIgnoreCase(tailnet.snapshot().domain())) {
            throw Refused.notFound("no tailnet \"" + name + "\"");
        }
    }

    /** Routes of {@code /api/hearth/policy}. */
    void history(HttpRules rules) {
        rules.get("/policy/history", Exchange.needing(caller, Right.READ, this::versions))
                .post("/policy/rollback", Exchange.needing(caller, Right.POLICY, this::rollBack));
    }

    private void versions(Exchange x) throws Refused {
        ArrayNode out = Objects.object().putArray("versions");
        List<PolicyVersion> all = tailnet.policyHistory(MAX_VERSIONS);
        for (int i = 0; i < all.size(); i++) {
            PolicyVersion v = all.get(i);
            ObjectNode o = out.addObject();
            o.put("version", v.version());
            o.put("time", Objects.time(v.time()));
            o.put("author", v.author());
            o.put("comment", v.comment());
            o.put("text", v.text());
            if (i + 1 < all.size() || v.version() == 1) {
                String before = v.version() == 1 ? Policy.DEFAULT_TEXT : all.get(i + 1).text();
                Objects.texts(o.putArray("changes"), TextDiff.told(before, v.text()));
            }
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
            PolicyVersion old = tailnet.policyVersion(version.asLong());
            x.send(
                    Refused.Code.INVALID.httpStatus(),
                    Problems.placed(e, subject(old == null ? "" : old.text())));
        }
    }

    private void get(Exchange x) throws Refused {
        checkTailnet(x);
        send(x, tailnet.snapshot().policy());
    }

    private void set(Exchange x) throws Refused, IOException {
        checkTailnet(x);
        String body = x.bodyText();
        String text = body.isBlank() ? Policy.DEFAULT_TEXT : body;
        PolicyState was = tailnet.snapshot().policy();
        String header = x.header("If-Match");
        boolean conditional = !header.isEmpty() && !header.strip().equals("*");
        if (conditional && !PolicyTag.matches(header, was.etag(), was.untouched())) {
            throw new Refused(
                    Refused.Code.PRECONDITION_FAILED, "precondition failed, invalid old hash");
        }
        try {
            PolicyState now =
                    tailnet.setPolicy(x.actor(), text, conditional ? was.etag() : null, comment(x));
            send(x, now);
        } catch (InvalidPolicy e) {
            x.send(
                    Refused.Code.INVALID.httpStatus(),
                    details(x)
                            ? Problems.placed(e, subject(text))
                            : Problems.body(e, subject(text)));
        }
    }

    /** A note for the history: the query's, which takes every character, or a header's. */
    private static String comment(Exchange x) {
        String asked =
                x.query("comment").isEmpty() ? x.header("X-Hearth-Comment") : x.query("comment");
        return asked.length() > MAX_COMMENT ? asked.substring(0, MAX_COMMENT) : asked;
    }

    private static boolean details(Exchange x) {
        return x.query("details").equals("1") || x.query("details").equals("true");
    }

    /** Names the source of a failed test in {@code text}. */
    static Function<Problem, String> subject(String text) {
        try {
            return Policy.parse(text, Policy.Dialect.HEARTH)::subject;
        } catch (InvalidPolicy _) {
            return Problem::path; // it did not come to tests
        }
    }

    /** An array is tests for the policy in force, an object a policy with its own. */
    private void validate(Exchange x) throws Refused, IOException {
        checkTailnet(x);
        String body = x.bodyText();
        boolean tests;
        try {
            tests = HuJson.parse(body) instanceof HuArray;
        } catch (HuJsonException e) {
            throw Refused.invalid(String.valueOf(e.getMessage()));
        }
        Snapshot s = tailnet.snapshot();
        Function<Problem, String> subject = Problem::path;
        try {
            Policy policy =
                    tests
                            ? Policy.withTests(s.policy().text(), body, Policy.Dialect.HEARTH)
                            : Policy.parse(body, Policy.Dialect.HEARTH);
            subject = policy::subject;
            policy.check(DeviceBindings.afterSave(policy, s.compiled()));
            x.done();
        } catch (InvalidPolicy e) {
            x.send(Problems.body(e, subject));
        }
    }

    /** The rules that concern a user or an address; of the policy in force without a body. */
    private void preview(Exchange x) throws Refused, IOException {
        checkTailnet(x);
        String body = x.bodyText();
        Snapshot s = tailnet.snapshot();
        String type = x.query("type");
        String of = x.query("previewFor");
        if (of.isBlank()) {
            throw Refused.invalid("previewFor must be specified");
        }
        try {
            Policy policy =
                    Policy.parse(body.isBlank() ? s.policy().text() : body, Policy.Dialect.HEARTH);
            World world = DeviceBindings.afterSave(policy, s.compiled());
            List<PolicyMatches.Match> matches =
                    switch (type) {
                        case "user" -> PolicyMatches.ofUser(policy, world, of);
                        case "ipport" -> PolicyMatches.ofAddress(policy, world, of);
                        default ->
                                throw Refused.invalid(
                                        "type \"" + type + "\": expected user or ipport");
                    };
            ObjectNode out = Objects.object();
            ArrayNode list = out.putArray("matches");
            matches.forEach(m -> match(list.addObject(), m));
            out.put("type", type).put("previewFor", of);
            var postures = PolicyMatches.postures(policy, matches);
            if (!postures.isEmpty()) {
                ObjectNode named = out.putObject("postures");
                postures.forEach((name, all) -> Objects.texts(named.putArray(name), all));
            }
            x.send(out);
        } catch (InvalidPolicy e) {
            x.send(Refused.Code.INVALID.httpStatus(), Problems.body(e, Problem::path));
        }
    }

    private static void match(ObjectNode out, PolicyMatches.Match m) {
        Objects.texts(out.putArray("users"), m.users());
        Objects.texts(out.putArray("ports"), m.ports());
        out.put("lineNumber", m.line());
        if (!m.via().isEmpty()) {
            Objects.texts(out.putArray("via"), m.via());
        }
        if (!m.postures().isEmpty()) {
            Objects.texts(out.putArray("postures"), m.postures());
        }
        if (m.deny()) {
            out.put("action", "deny");
        }
    }

    private void send(Exchange x, PolicyState policy) throws Refused {
        String text = policy.text();
        boolean details = details(x);
        try {
            String body =
                    details
                            ? Problems.details(policy, lints(text))
                            : x.wantsJson() ? HuJson.standardize(text) : text;
            String type = details || x.wantsJson() ? "application/json" : "application/hujson";
            x.send(body.getBytes(StandardCharsets.UTF_8), type, "\"" + policy.etag() + "\"");
        } catch (HuJsonException e) {
            throw Refused.invalid("the stored policy is not HuJSON: " + e.getMessage());
        }
    }

    private List<Problem> lints(String text) {
        try {
            Policy policy = Policy.parse(text, Policy.Dialect.HEARTH);
            return Lints.of(policy, tailnet.snapshot().world(), null);
        } catch (InvalidPolicy _) {
            return List.of(); // its errors are told
        }
    }
}
