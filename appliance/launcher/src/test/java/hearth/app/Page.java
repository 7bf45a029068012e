package hearth.app;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A browser without script that believes every certificate: a cookie, forms, no redirects. */
final class Page {
    private static final String COOKIE = "__Host-hearth=";

    private final String base;
    private final HttpClient client;
    private String cookie = "";

    Page(InetSocketAddress https) throws GeneralSecurityException {
        base = "https://" + https.getAddress().getHostAddress() + ":" + https.getPort();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Credulous()}, null);
        client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(context)
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

    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket s) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket s) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine e) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine e) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
