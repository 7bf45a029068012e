package hearth.console;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A browser without script, as far as tests need one: a cookie, forms, no redirects. */
final class Visitor {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final String base;
    private @Nullable String cookie;
    private boolean htmx;

    Visitor(String base) {
        this.base = base;
    }

    void cookie(String secret) {
        cookie = secret;
    }

    @Nullable String cookie() {
        return cookie;
    }

    /** Asks as the script of an open page does. */
    Visitor htmx() {
        Visitor v = new Visitor(base);
        v.cookie = cookie;
        v.htmx = true;
        return v;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    /** Sends a form with the session's token, from our own page. */
    HttpResponse<String> post(String path, String... fields)
            throws IOException, InterruptedException {
        StringBuilder body = new StringBuilder("_csrf=" + (cookie == null ? "" : token()));
        for (int i = 0; i < fields.length; i += 2) {
            body.append('&').append(fields[i]).append('=').append(encode(fields[i + 1]));
        }
        return send(
                request(path)
                        .header("Origin", base)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    /** Sends what it is told, with these headers and nothing else. */
    HttpResponse<String> raw(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder r = request(path);
        for (int i = 0; i < headers.length; i += 2) {
            r.header(headers[i], headers[i + 1]);
        }
        return send(r.POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** The token of this session's forms, read from a page. */
    String token() throws IOException, InterruptedException {
        Visitor plain = new Visitor(base);
        plain.cookie = cookie;
        Matcher m =
                Pattern.compile("name=\"_csrf\" value=\"([^\"]*)\"")
                        .matcher(plain.get("/admin/account").body());
        return m.find() ? m.group(1) : "";
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder r =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
        if (cookie != null) {
            r.header("Cookie", "other=1; __Host-hearth=" + cookie);
        }
        if (htmx) {
            r.header("HX-Request", "true");
            r.header("HX-Current-URL", base + "/admin/machines?q=x");
        }
        return r;
    }

    private HttpResponse<String> send(HttpRequest.Builder r)
            throws IOException, InterruptedException {
        HttpResponse<String> res = CLIENT.send(r.build(), HttpResponse.BodyHandlers.ofString());
        for (String set : res.headers().allValues("Set-Cookie")) {
            if (set.startsWith("__Host-hearth=")) {
                String value = set.substring("__Host-hearth=".length(), set.indexOf(';'));
                cookie = value.isEmpty() ? null : value;
            }
        }
        return res;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
