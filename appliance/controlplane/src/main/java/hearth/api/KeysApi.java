package hearth.api;

import hearth.base.Refused;
import hearth.tailnet.AuthKey;
import hearth.tailnet.CreatedKey;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Auth keys of the REST API v2, mounted at {@code /api/v2}. */
final class KeysApi implements HttpService {
    private final Tailnet tailnet;
    private final Caller caller;
    private final InstantSource clock;

    KeysApi(Tailnet tailnet, Caller caller, InstantSource clock) {
        this.tailnet = tailnet;
        this.caller = caller;
        this.clock = clock;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/tailnet/{tailnet}/keys", Exchange.needing(caller, Right.READ, this::list))
                .post("/tailnet/{tailnet}/keys", Exchange.needing(caller, Right.KEYS, this::create))
                .get(
                        "/tailnet/{tailnet}/keys/{id}",
                        Exchange.needing(caller, Right.READ, this::show))
                .delete(
                        "/tailnet/{tailnet}/keys/{id}",
                        Exchange.needing(caller, Right.KEYS, this::revoke));
    }

    private void list(Exchange x) {
        Snapshot s = tailnet.snapshot();
        ObjectNode out = Objects.object();
        ArrayNode keys = out.putArray("keys");
        s.keys().forEach(k -> keys.add(Objects.key(s, k, clock.instant())));
        x.send(out);
    }

    private void show(Exchange x) throws Refused {
        Snapshot s = tailnet.snapshot();
        AuthKey k = s.key(x.path("id"));
        if (k == null) {
            throw Refused.notFound("no key \"" + x.path("id") + "\"");
        }
        x.send(Objects.key(s, k, clock.instant()));
    }

    private void revoke(Exchange x) throws Refused {
        tailnet.revokeKey(x.actor(), x.path("id"));
        x.done();
    }

    private void create(Exchange x) throws Refused, IOException {
        ObjectNode body = x.json();
        JsonNode type = body.path("keyType");
        if (type.isString() && !type.asString().isEmpty() && !type.asString().equals("auth")) {
            throw Refused.invalid("keyType \"" + type.asString() + "\": expected \"auth\"");
        }
        JsonNode create = body.path("capabilities").path("devices").path("create");
        JsonNode seconds = body.path("expirySeconds");
        Duration expiry = null;
        if (!seconds.isMissingNode() && !seconds.isNull()) {
            if (!seconds.isIntegralNumber() || seconds.asLong() < 0) {
                throw Refused.invalid(
                        "expirySeconds: expected a number of seconds, got " + seconds);
            }
            expiry = seconds.asLong() == 0 ? null : Duration.ofSeconds(seconds.asLong());
        }
        String user = body.path("user").isString() ? body.path("user").asString() : null;
        CreatedKey made =
                tailnet.createKey(
                        x.actor(),
                        new KeyOptions(
                                user,
                                Exchange.texts(create, "tags"),
                                create.path("reusable").asBoolean(false),
                                create.path("ephemeral").asBoolean(false),
                                create.path("preauthorized").asBoolean(false),
                                expiry,
                                body.path("description").asString("")));
        ObjectNode out = Objects.key(tailnet.snapshot(), made.key(), clock.instant());
        out.put("key", made.secret());
        x.send(out);
    }
}
