package hearth.api;

import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.tailnet.Actor;
import hearth.tailnet.Role;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One request of a program, with the actor behind it, and its answer. */
final class Exchange {
    /** What answers a request; a refusal becomes its status and {@code {"message": …}}. */
    @FunctionalInterface
    interface Action {
        void run(Exchange x) throws Refused, IOException;
    }

    private static final System.Logger LOG = System.getLogger(Exchange.class.getName());
    private static final int MAX_BODY_BYTES = 4 << 20;

    private final ServerRequest request;
    private final ServerResponse response;
    private final Actor actor;

    private Exchange(ServerRequest request, ServerResponse response, Actor actor) {
        this.request = request;
        this.response = response;
        this.actor = actor;
    }

    /** A route that {@code right} opens. */
    static Handler needing(Caller caller, Role.Right right, Action action) {
        return (request, response) -> {
            try {
                Actor actor = caller.of(request);
                if (!actor.role().may(right)) {
                    throw Refused.forbidden("role " + actor.role().text() + " may not do that");
                }
                action.run(new Exchange(request, response, actor));
            } catch (Refused r) {
                refuse(response, r);
            } catch (IOException e) { // a full disk, a folder that is gone
                String what = request.prologue().method() + " " + request.path().path();
                LOG.log(Level.WARNING, what + " was not done: " + e.getMessage());
                refuse(
                        response,
                        new Refused(Refused.Code.UNAVAILABLE, "not done: " + e.getMessage()));
            }
        };
    }

    private static void refuse(ServerResponse response, Refused r) {
        ObjectNode body = ControlJson.MAPPER.createObjectNode().put("message", r.text());
        send(response, r.code().httpStatus(), body);
    }

    Actor actor() {
        return actor;
    }

    String path(String name) {
        return request.path().pathParameters().get(name);
    }

    String query(String name) {
        return request.query().first(name).orElse("");
    }

    String header(String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("");
    }

    /** Whether JSON is asked for and not HuJSON as well. */
    boolean wantsJson() {
        String accept = header("Accept").toLowerCase(Locale.ROOT);
        return accept.contains("application/json") && !accept.contains("application/hujson");
    }

    byte[] body() throws Refused, IOException {
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
            if (bytes.length > MAX_BODY_BYTES) {
                throw Refused.invalid("body of more than " + MAX_BODY_BYTES + " bytes");
            }
            return bytes;
        }
    }

    InputStream stream() {
        return request.content().inputStream();
    }

    /** The body as text; what is no UTF-8 is refused, or something else would be kept. */
    String bodyText() throws Refused, IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body())).toString();
        } catch (CharacterCodingException e) {
            throw Refused.invalid("body is not UTF-8");
        }
    }

    /** The body as a JSON object; an empty body is an empty object. */
    ObjectNode json() throws Refused, IOException {
        byte[] bytes = body();
        if (bytes.length == 0) {
            return ControlJson.MAPPER.createObjectNode();
        }
        try {
            if (ControlJson.MAPPER.readTree(bytes) instanceof ObjectNode o) {
                return o;
            }
        } catch (JacksonException e) {
            throw Refused.invalid("body is not JSON: " + e.getOriginalMessage());
        }
        throw Refused.invalid("body is not a JSON object");
    }

    static boolean flag(JsonNode object, String field) throws Refused {
        JsonNode v = object.path(field);
        if (!v.isBoolean()) {
            throw Refused.invalid(field + ": expected true or false, got " + shown(v));
        }
        return v.asBoolean();
    }

    static String text(JsonNode object, String field) throws Refused {
        JsonNode v = object.path(field);
        if (!v.isString()) {
            throw Refused.invalid(field + ": expected text, got " + shown(v));
        }
        return v.asString();
    }

    /** A list of texts, empty when the field is absent. */
    static List<String> texts(JsonNode object, String field) throws Refused {
        JsonNode array = object.path(field);
        List<String> out = new ArrayList<>();
        if (array.isMissingNode() || array.isNull()) {
            return out;
        }
        boolean good = array.isArray();
        for (JsonNode n : array) {
            good &= n.isString();
            out.add(n.asString(""));
        }
        if (!good) {
            throw Refused.invalid(field + ": expected a list of texts, got " + array);
        }
        return out;
    }

    private static String shown(JsonNode v) {
        return v.isMissingNode() ? "nothing" : v.toString();
    }

    void send(JsonNode body) {
        send(response, Status.OK_200.code(), body);
    }

    void done() {
        send(ControlJson.MAPPER.createObjectNode());
    }

    void send(int status, JsonNode body) {
        send(response, status, body);
    }

    void send(byte[] body, String contentType, @Nullable String etag) {
        response.header(HeaderNames.CONTENT_TYPE, contentType);
        if (etag != null) {
            response.header(HeaderNames.ETAG, etag);
        }
        response.header(HeaderNames.CACHE_CONTROL, "no-store").send(body);
    }

    private static void send(ServerResponse response, int status, JsonNode body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .send(ControlJson.MAPPER.writeValueAsBytes(body));
    }
}
