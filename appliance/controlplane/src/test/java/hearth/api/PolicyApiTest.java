package hearth.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.policy.Policy;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.PolicyTag;
import hearth.tailnet.SmallTailnet;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The policy endpoints, asked over a unix socket as curl asks. */
@Timeout(60)
final class PolicyApiTest {
    private static final String ACL = "/api/v2/tailnet/-/acl";
    private static final String TEXT =
            """
            // mine
            {
              "tagOwners": {"tag:web": []},
              "postures": {"posture:new": ["node:tsVersion >= '1.80'"]},
              "acls": [
                {"action": "accept", "src": ["owner@hearth.internal"], "dst": ["100.64.0.1:22,80"]},
                {"action": "accept", "src": ["kim@hearth.internal"], "dst": ["tag:web:*"], "srcPosture": ["posture:new"]},
                {"action": "deny", "src": ["*"], "dst": ["*:25"]},
              ],
              "grants": [{"src": ["autogroup:member"], "dst": ["10.0.0.0/8"], "ip": ["tcp:443"], "via": ["tag:web"]}],
            }
            """;

    private final Tailnet tailnet;

    @TempDir Path dir;
    private @Nullable WebServer server;

    PolicyApiTest() throws Refused {
        this.tailnet = SmallTailnet.withOneNode();
    }

    /** Status, head and body of an answer. */
    private record Answer(int status, String head, String body) {
        String header(String name) {
            String wanted = name.toLowerCase(Locale.ROOT) + ": ";
            return head.lines()
                    .filter(l -> l.toLowerCase(Locale.ROOT).startsWith(wanted))
                    .map(l -> l.substring(wanted.length()).strip())
                    .findFirst()
                    .orElse("");
        }

        JsonNode json() {
            return ControlJson.MAPPER.readTree(body);
        }
    }

    @BeforeEach
    void start() {
        Caller caller = new SocketPeers().caller(tailnet);
        server =
                WebServer.builder()
                        .shutdownHook(false)
                        .bindAddress(UnixDomainSocketAddress.of(dir.resolve("s")))
                        .routing(r -> r.register("/api/v2", new PolicyApi(tailnet, caller)))
                        .build()
                        .start();
    }

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.stop();
        }
        tailnet.close();
    }

    private Answer ask(String method, String path, String body, String... headers)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: hearth\r\nConnection: close\r\nContent-Length: "
                        + bytes.length
                        + "\r\n"
                        + String.join("", Arrays.stream(headers).map(h -> h + "\r\n").toList())
                        + "\r\n";
        try (SocketChannel c = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("s")))) {
            c.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            c.write(ByteBuffer.wrap(bytes));
            InputStream in = Channels.newInputStream(c);
            StringBuilder before = new StringBuilder();
            while (before.indexOf("\r\n\r\n") < 0) {
                before.append((char) in.read());
            }
            Answer bare = new Answer(Integer.parseInt(before.substring(9, 12)), before + "", "");
            byte[] rest = in.readNBytes(Integer.parseInt(bare.header("Content-Length")));
            return new Answer(bare.status(), bare.head(), new String(rest, StandardCharsets.UTF_8));
        }
    }

    @Test
    void isReadAsWrittenOrAsJson() throws Exception {
        assertEquals(200, ask("POST", ACL, TEXT).status());
        Answer text = ask("GET", ACL, "", "Accept: application/hujson");
        assertEquals(TEXT, text.body());
        assertEquals("application/hujson", text.header("Content-Type"));
        assertEquals(PolicyTag.of(TEXT), text.header("ETag"));
        Answer json = ask("GET", ACL, "", "Accept: application/json");
        assertEquals("application/json", json.header("Content-Type"));
        assertEquals(PolicyTag.of(TEXT), json.header("ETag"));
        assertEquals("accept", json.json().at("/acls/0/action").asString());
        assertEquals(
                TEXT, ask("GET", ACL, "", "Accept: application/hujson, application/json").body());
        assertEquals(TEXT, ask("GET", ACL, "", "Accept: */*").body());
        assertEquals(
                "application/json",
                ask("GET", ACL, "", "Accept: Application/JSON").header("Content-Type"));
        Answer details = ask("GET", ACL + "?details=1", "");
        assertEquals(
                TEXT,
                new String(
                        Base64.getDecoder().decode(details.json().path("acl").asString()),
                        StandardCharsets.UTF_8));
        assertTrue(details.json().path("errors").isNull(), details.body());
        assertTrue(details.json().path("warnings").isArray(), details.body());
        assertEquals(404, ask("GET", "/api/v2/tailnet/other/acl", "").status());
        assertEquals(200, ask("GET", "/api/v2/tailnet/hearth.internal/acl", "").status());
    }

    @Test
    void isReplacedOnlyByWhoKnowsIt() throws Exception {
        String policy = "{\"acls\": []}";
        Answer first = ask("POST", ACL, policy, "If-Match: \"ts-default\"");
        assertEquals(200, first.status(), first.body());
        assertEquals(policy, first.body());
        Answer stale = ask("POST", ACL, TEXT, "If-Match: \"ts-default\"");
        assertEquals(412, stale.status());
        assertEquals(
                "precondition failed, invalid old hash", stale.json().path("message").asString());
        assertEquals(412, ask("POST", ACL, TEXT, "If-Match: \"" + "0".repeat(64) + "\"").status());
        // another layout of the same text has the same tag
        String laidOut = HuJson.format(policy);
        assertFalse(laidOut.equals(policy));
        assertEquals(200, ask("POST", ACL, laidOut).status());
        Answer known = ask("POST", ACL, TEXT, "If-Match: " + first.header("ETag"));
        assertEquals(200, known.status(), known.body());
        assertEquals(PolicyTag.of(TEXT), known.header("ETag"));
        // nothing sets it back, and then it is untouched again
        assertEquals(Policy.DEFAULT_TEXT, ask("POST", ACL, "").body());
        assertEquals(200, ask("POST", ACL, TEXT, "If-Match: \"ts-default\"").status());
    }

    @Test
    void refusesInTheWordsOfTheService() throws Exception {
        Answer tag =
                ask(
                        "POST",
                        ACL,
                        "{\"acls\": [{\"action\": \"accept\", \"src\": [\"tag:x_\"], \"dst\": [\"*:*\"]}]}");
        assertEquals(400, tag.status());
        assertEquals("src=tag not found: \"tag:x_\"", tag.json().path("message").asString());
        assertEquals(
                "line 1, column 40: src=tag not found: \"tag:x_\"",
                tag.json().at("/data/0/errors/0").asString(),
                tag.body());
        String failing =
                "{\"acls\": [], \"tests\": [{\"src\": \"100.64.0.1\", \"accept\": [\"100.64.0.9:22\", \"100.64.0.9:80\"]}]}";
        Answer test = ask("POST", ACL, failing);
        assertEquals(400, test.status());
        assertEquals(
                "{\"message\":\"test(s) failed\",\"data\":[{\"user\":\"100.64.0.1\",\"errors\":["
                        + "\"address \\\"100.64.0.9:22\\\": want: Accept, got: Drop\","
                        + "\"address \\\"100.64.0.9:80\\\": want: Accept, got: Drop\"]}]}",
                test.body());
        assertEquals(400, ask("POST", ACL, "{").status());
        // our own command line asks for places as well
        Answer placed = ask("POST", ACL + "?details=1", failing);
        assertEquals(400, placed.status());
        assertEquals(
                "{\"path\":\"tests[0].accept[0]\",\"line\":1,\"column\":57,\"code\":\"test-failed\","
                        + "\"text\":\"test of \\\"100.64.0.1\\\": address \\\"100.64.0.9:22\\\": want: Accept, got: Drop\"}",
                placed.json().at("/problems/0").toString());
    }

    @Test
    void validatesAPolicyOrTests() throws Exception {
        ask("POST", ACL, TEXT);
        Answer good = ask("POST", ACL + "/validate", TEXT);
        assertEquals(200, good.status());
        assertEquals("{}", good.body());
        Answer bad = ask("POST", ACL + "/validate", "{\"acl\": []}");
        assertEquals(200, bad.status());
        assertEquals("json: unknown field \"acl\"", bad.json().path("message").asString());
        String own = "owner@hearth.internal";
        Answer passing =
                ask(
                        "POST",
                        ACL + "/validate",
                        "[{\"src\": \""
                                + own
                                + "\", \"accept\": [\"100.64.0.1:22\"], \"deny\": [\"100.64.0.1:25\"]}]");
        assertEquals("{}", passing.body());
        Answer failing =
                ask(
                        "POST",
                        ACL + "/validate",
                        "[{\"src\": \"" + own + "\", \"accept\": [\"100.64.0.1:443\"]}]");
        assertEquals(200, failing.status());
        assertEquals(
                "{\"message\":\"test(s) failed\",\"data\":[{\"user\":\"owner@hearth.internal\",\"errors\":["
                        + "\"address \\\"100.64.0.1:443\\\": want: Accept, got: Drop\"]}]}",
                failing.body());
        assertEquals(400, ask("POST", ACL + "/validate", "{").status());
        assertEquals(TEXT, ask("GET", ACL, "").body(), "nothing was saved");
    }

    @Test
    void previewsWhatConcernsAUserOrAnAddress() throws Exception {
        ask("POST", ACL, TEXT);
        Answer user = ask("POST", ACL + "/preview?type=user&previewFor=kim@hearth.internal", "");
        assertEquals(
                "{\"matches\":[{\"users\":[\"kim@hearth.internal\"],\"ports\":[\"tag:web:*\"],\"lineNumber\":7,\"postures\":[\"posture:new\"]},"
                        + "{\"users\":[\"*\"],\"ports\":[\"*:25\"],\"lineNumber\":8,\"action\":\"deny\"},"
                        + "{\"users\":[\"autogroup:member\"],\"ports\":[\"10.0.0.0/8:443\"],\"lineNumber\":10,\"via\":[\"tag:web\"]}],"
                        + "\"type\":\"user\",\"previewFor\":\"kim@hearth.internal\",\"postures\":{\"posture:new\":[\"node:tsVersion >= '1.80'\"]}}",
                user.body());
        Answer port = ask("POST", ACL + "/preview?type=ipport&previewFor=10.1.2.3:443", "");
        assertEquals(1, port.json().path("matches").size(), port.body());
        Answer other =
                ask(
                        "POST",
                        ACL + "/preview?type=ipport&previewFor=100.64.0.1:80",
                        "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"100.64.0.1:80\"]}]}");
        assertEquals(
                "{\"matches\":[{\"users\":[\"*\"],\"ports\":[\"100.64.0.1:80\"],\"lineNumber\":1}],\"type\":\"ipport\",\"previewFor\":\"100.64.0.1:80\"}",
                other.body());
        assertEquals(400, ask("POST", ACL + "/preview?type=user", "").status());
        assertEquals(400, ask("POST", ACL + "/preview?type=x&previewFor=a", "").status());
        assertEquals(400, ask("POST", ACL + "/preview?type=ipport&previewFor=a", "").status());
    }
}
