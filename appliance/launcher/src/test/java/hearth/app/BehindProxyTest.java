package hearth.app;

import static hearth.app.RunningAppliance.ascii;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpPrefix;
import hearth.crypto.SecretKey;
import hearth.ts2021.ControlCaller;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole appliance behind a proxy that has TLS: who asks is whom a trusted proxy names. */
@Timeout(60)
final class BehindProxyTest {
    private static final String STRANGER = "203.0.113.9";
    private static final String AT_HOME = "192.168.7.7";
    private static final String NEIGHBOUR = "192.168.7.8";
    private static final int MOST_TRIES = 60;

    @TempDir Path dir;

    private static String ask(HeadProxy proxy, String request, String body) throws Exception {
        try (var s = new Socket(RunningAppliance.LOOPBACK, proxy.address().getPort())) {
            s.setSoTimeout(20_000);
            String host = "127.0.0.1:" + proxy.address().getPort();
            s.getOutputStream()
                    .write(
                            ascii(
                                    request.replace("\n", "\r\n")
                                            + "\r\nHost: "
                                            + host
                                            + "\r\nOrigin: https://"
                                            + host
                                            + "\r\nContent-Type: application/x-www-form-urlencoded"
                                            + "\r\nConnection: close\r\nContent-Length: "
                                            + body.length()
                                            + "\r\n\r\n"
                                            + body));
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String status(String answer) {
        return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    }

    /** A device asks to be let in; gives what the appliance knows of it. */
    private static String waiting(RunningAppliance box, HeadProxy proxy) throws Exception {
        try (SecretKey machine = SecretKey.generate(box.random);
                SecretKey node = SecretKey.generate(box.random);
                var caller =
                        ControlCaller.connect(
                                proxy.address(), box.serverKey, machine, box.random)) {
            String body =
                    "{\"Version\":113,\"NodeKey\":\""
                            + node.nodeKey()
                            + "\",\"Hostinfo\":{\"Hostname\":\"phone\",\"OS\":\"iOS\"}}";
            String answer = caller.post("/machine/register", ascii(body)).body();
            assertTrue(answer.contains("/join/"), answer);
            return box.logins();
        }
    }

    @Test
    void aTrustedProxySaysWhoAsks() throws Exception {
        try (var box = new RunningAppliance(dir, List.of(IpPrefix.parse("127.0.0.1/32")));
                var proxy = new HeadProxy(box.http)) {
            String logins = waiting(box, proxy);
            assertTrue(logins.contains(STRANGER), logins);

            assertEquals("404", status(ask(proxy, "GET /admin HTTP/1.1", "")));
            String forged = "GET /admin HTTP/1.1\nX-Forwarded-For: " + AT_HOME;
            assertEquals("404", status(ask(proxy, forged, "")), "the proxy's word is the last");

            proxy.client = AT_HOME;
            String page = ask(proxy, "GET /setup HTTP/1.1", "");
            assertEquals("200", status(page), page);
            assertTrue(page.contains("upgrade-insecure-requests"), "the browser speaks TLS");
            String form =
                    "_csrf=&token="
                            + box.setupToken()
                            + "&name=Ana&login=ana&password=four+quiet+green+words"
                            + "&password2=four+quiet+green+words";
            String done = ask(proxy, "POST /setup HTTP/1.1", form);
            assertEquals("303", status(done), done);
            assertTrue(box.audit().contains(AT_HOME), box.audit());

            String braked = "";
            for (int i = 0; i < MOST_TRIES && !braked.equals("429"); i++) {
                braked = status(signIn(proxy, "nobody" + i));
            }
            assertEquals("429", braked);
            proxy.client = NEIGHBOUR;
            assertEquals("422", status(signIn(proxy, "somebody")), "another address");
        }
    }

    private static String signIn(HeadProxy proxy, String login) throws Exception {
        return ask(proxy, "POST /login HTTP/1.1", "_csrf=&login=" + login + "&password=wrong");
    }

    @Test
    void nobodyElseDoes() throws Exception {
        try (var box = new RunningAppliance(dir);
                var proxy = new HeadProxy(box.http)) {
            String logins = waiting(box, proxy);
            assertFalse(logins.contains(STRANGER), logins);
            assertTrue(logins.contains("127.0.0.1"), logins);
            String page = ask(proxy, "GET /setup HTTP/1.1", "");
            assertEquals("404", status(page), "to TLS would be in a circle");
            assertTrue(page.contains("--trusted-proxies"), page);
        }
    }
}
