package hearth.api;

import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.DeviceBindings;
import hearth.policy.Explain;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.PolicyDiff;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a policy means for the devices there are, mounted at {@code /api/hearth/policy}: its own
 * tests, why a flow is allowed or refused, who gains and who loses between two texts.
 */
final class PolicyQuestions implements HttpService {
    private final Tailnet tailnet;
    private final Caller caller;

    PolicyQuestions(Tailnet tailnet, Caller caller) {
        this.tailnet = tailnet;
        this.caller = caller;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.post("/test", Exchange.needing(caller, Right.READ, this::test))
                .get("/explain", Exchange.needing(caller, Right.READ, this::explain))
                .post("/diff", Exchange.needing(caller, Right.READ, this::diff));
    }

    /** Runs the tests of the text in the body, or of the saved policy when it is empty. */
    private void test(Exchange x) throws Refused, IOException {
        String body = x.bodyText();
        String text = body.isBlank() ? tailnet.snapshot().policy().text() : body;
        try {
            tailnet.tryPolicy(text);
            x.done();
        } catch (InvalidPolicy e) {
            x.send(Refused.Code.INVALID.httpStatus(), Problems.placed(e, PolicyApi.subject(text)));
        }
    }

    private void explain(Exchange x) throws Refused {
        Snapshot s = tailnet.snapshot();
        String port = x.query("port");
        if (!port.matches("[0-9]{1,5}")) {
            throw Refused.invalid("port \"" + port + "\": expected a number up to 65535");
        }
        Policy policy;
        try {
            policy = Policy.parse(tailnet.policyInForce(), Policy.Dialect.HEARTH);
        } catch (InvalidPolicy e) {
            throw new IllegalStateException("the policy in force cannot be read", e);
        }
        var answers =
                Explain.explain(
                        policy,
                        s.world(),
                        x.query("src"),
                        x.query("dst"),
                        x.query("proto").isEmpty() ? "tcp" : x.query("proto"),
                        Integer.parseInt(port));
        ArrayNode out = Objects.object().putArray("answers");
        for (Explain.Answer a : answers) {
            ObjectNode o = out.addObject();
            o.put("source", a.source());
            o.put("destination", a.destination());
            o.put("protocol", a.protocol());
            o.put("port", a.port());
            o.put("allowed", a.allowed());
            line(o, "decides", a.decides());
            o.put("reason", a.reason());
            ArrayNode misses = o.putArray("misses");
            for (Explain.Miss m : a.misses()) {
                ObjectNode miss = misses.addObject();
                line(miss, "line", m.line());
                miss.put("why", m.why());
            }
        }
        x.send(out);
    }

    private static void line(ObjectNode out, String name, Explain.@Nullable Line line) {
        if (line != null) {
            out.putObject(name)
                    .put("path", line.path())
                    .put("line", line.line())
                    .put("column", line.column())
                    .put("rule", line.rule());
        }
    }

    /** Body: {@code {"before": text, "after": text}}; the saved policy where one is missing. */
    private void diff(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        Snapshot s = tailnet.snapshot();
        String saved = s.policy().text();
        try {
            var before = Policy.parse(body.path("before").asString(saved), Policy.Dialect.HEARTH);
            var after = Policy.parse(body.path("after").asString(saved), Policy.Dialect.HEARTH);
            var preview =
                    PolicyDiff.between(
                            before.compile(DeviceBindings.afterSave(before, s.compiled())),
                            after.compile(DeviceBindings.afterSave(after, s.compiled())));
            ObjectNode out = Objects.object();
            ArrayNode changes = out.putArray("changes");
            for (PolicyDiff.Change c : preview.changes()) {
                ObjectNode o = changes.addObject();
                o.put("gains", c.gains());
                Objects.texts(o.putArray("sources"), c.sources());
                o.put("destination", c.destination());
                o.put("traffic", c.traffic());
            }
            ArrayNode notes = out.putArray("notes");
            for (PolicyDiff.Note n : preview.notes()) {
                ObjectNode o = notes.addObject();
                o.put("topic", n.topic().name().toLowerCase(Locale.ROOT));
                o.put("text", n.text());
                Objects.texts(o.putArray("devices"), n.devices());
            }
            out.put("complete", preview.complete());
            x.send(out);
        } catch (InvalidPolicy e) {
            x.send(Refused.Code.INVALID.httpStatus(), Problems.placed(e, Problem::path));
        }
    }
}
