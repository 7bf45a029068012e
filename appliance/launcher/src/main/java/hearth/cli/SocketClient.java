package hearth.cli;

import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.InvalidPolicy;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks the appliance over its unix socket. An answer other than 2xx becomes a {@link Refused} with
 * the server's {@code message}.
 */
final class SocketClient {
    static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration READ_LIMIT = Duration.ofMinutes(2);

    static final String JSON_TYPE = "application/json";

    private final Path socket;
    private final WebClient client;

    SocketClient(Path socket) {
        this.socket = socket;
        this.client =
                WebClient.builder()
                        .baseUri("http://hearth")
                        .baseAddress(UnixDomainSocketAddress.of(socket))
                        .connectTimeout(CONNECT_LIMIT)
                        .readTimeout(READ_LIMIT)
                        .build();
    }

    JsonNode get(String path) throws Refused {
        return json(send("GET", path, null, "application/json"));
    }

    JsonNode post(String path, @Nullable JsonNode body) throws Refused {
        byte[] bytes = JSON.writeValueAsBytes(body == null ? JSON.createObjectNode() : body);
        return json(send("POST", path, bytes, "application/json"));
    }

    JsonNode delete(String path) throws Refused {
        return json(send("DELETE", path, null, "application/json"));
    }

    /** Sends {@code body} as it is. */
    byte[] send(String method, String path, byte @Nullable [] body, String contentType)
            throws Refused {
        Answer answer = ask(method, path, body, contentType);
        if (answer.status / 100 != 2) {
            throw refusal(answer.status, answer.body);
        }
        return answer.body;
    }

    /** Posts a policy, or what holds policies; what is wrong with one comes with its place. */
    JsonNode policy(String path, byte[] body, String contentType) throws Refused, InvalidPolicy {
        Answer answer = ask("POST", path, body, contentType);
        if (answer.status / 100 == 2) {
            return contentType.equals(JSON_TYPE) ? json(answer.body) : JSON.createObjectNode();
        }
        Refused refused = refusal(answer.status, answer.body);
        List<Problem> problems = new ArrayList<>();
        if (refused.code() == Refused.Code.INVALID) {
            for (JsonNode p : tree(answer.body).path("problems")) {
                problems.add(
                        new Problem(
                                p.path("path").asString(""),
                                p.path("line").asInt(),
                                p.path("column").asInt(),
                                p.path("code").asString(""),
                                p.path("text").asString("")));
            }
        }
        if (problems.isEmpty()) {
            throw refused;
        }
        throw new InvalidPolicy(problems);
    }

    private static JsonNode tree(byte[] answer) {
        try {
            return JSON.readTree(answer);
        } catch (JacksonException e) {
            return JSON.createObjectNode();
        }
    }

    private static final class Answer {
        final int status;
        final byte[] body;

        Answer(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }
    }

    private Answer ask(String method, String path, byte @Nullable [] body, String contentType)
            throws Refused {
        var request =
                client.method(Method.create(method))
                        .uri(path)
                        .skipUriEncoding(true)
                        .header(HeaderNames.ACCEPT, contentType)
                        .header(HeaderNames.CONTENT_TYPE, contentType);
        try (HttpClientResponse response =
                body == null ? request.request() : request.submit(body)) {
            byte[] answer;
            try (InputStream in = response.inputStream()) {
                answer = in.readAllBytes();
            }
            return new Answer(response.status().code(), answer);
        } catch (IOException e) {
            throw new Refused(Refused.Code.UNAVAILABLE, unreachable(e));
        } catch (UncheckedIOException e) {
            throw new Refused(Refused.Code.UNAVAILABLE, unreachable(e));
        }
    }

    private String unreachable(Exception e) {
        String why;
        if (!Files.exists(socket)) {
            why = "there is no such socket; is hearth serve running?";
        } else if (!Files.isWritable(socket)) {
            why = "this account may not use it; try sudo, or the account that serves";
        } else if (String.valueOf(e.getMessage()).contains("refused")) {
            why = "nobody listens there; is hearth serve running?";
        } else {
            why = String.valueOf(e.getMessage());
        }
        return "cannot reach the appliance at " + socket + ": " + why;
    }

    private static Refused refusal(int status, byte[] answer) {
        Refused.Code code = Refused.Code.INVALID;
        for (Refused.Code c : Refused.Code.values()) {
            if (c.httpStatus() == status) {
                code = c;
            }
        }
        String text = new String(answer, StandardCharsets.UTF_8).strip();
        try {
            JsonNode tree = JSON.readTree(answer);
            if (tree.path("message").isString()) {
                StringBuilder all = new StringBuilder(tree.path("message").asString());
                for (JsonNode d : tree.path("data")) {
                    for (JsonNode error : d.path("errors")) {
                        all.append("\n  ").append(d.path("user").asString("")).append(": ");
                        all.append(error.asString());
                    }
                }
                text = all.toString();
            }
        } catch (JacksonException e) {
            // not JSON: the text as it came is the reason
        }
        return new Refused(code, text.isEmpty() ? "status " + status : text);
    }

    private static JsonNode json(byte[] answer) throws Refused {
        if (answer.length == 0) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(answer);
        } catch (JacksonException e) {
            throw new Refused(Refused.Code.UNAVAILABLE, "the appliance's answer is not JSON");
        }
    }

    /** A path element or query value, escaped. */
    static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
