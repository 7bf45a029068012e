package hearth.app;

import hearth.listen.TrustAll;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** A browser without script that believes every certificate: a cookie, forms, no redirects. */
final class Page {
    private static final String COOKIE = "__Host-hearth=";

    private final String base;
    private final HttpClient client;
    private String cookie = "";

    Page(InetSocketAddress https) throws GeneralSecurityException {
        base = "https://" + https.getAddress().getHostAddress() + ":" + https.getPort();
        client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(TrustAll.context())
                        .connectTimeout(Duration.ofSeconds(10))
                        .build();
    }

    String cookie() {
        return cookie;
    }

    String get(String path) throws Exception {
        return send(request(path).GET());
    }

    /** Sends a form from our own page; gives the answer's body. */
    String post(String path, String form) throws Exception {
        return send(
                request(path)
                        .header("Origin", base)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder r =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
        return cookie.isEmpty() ? r : r.header("Cookie", COOKIE + cookie);
    }

    private String send(HttpRequest.Builder r) throws Exception {
        var answer = client.send(r.build(), HttpResponse.BodyHandlers.ofString());
        for (String set : answer.headers().allValues("Set-Cookie")) {
            if (set.startsWith(COOKIE)) {
                cookie = set.substring(COOKIE.length(), set.indexOf(';'));
            }
        }
        return answer.body();
    }
}
