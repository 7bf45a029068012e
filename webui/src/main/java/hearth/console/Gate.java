package hearth.console;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.login.Logins;
import hearth.login.Session;
import hearth.login.TrustedProxies;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What every request passes before its handler: security headers, TLS, the neighbourhood, the
 * session, the route's rule, and for changes the origin and the session's token.
 */
final class Gate {
    static final String COOKIE = "__Host-hearth";
    static final HeaderName HX_REDIRECT = HeaderNames.create("HX-Redirect");
    static final HeaderName HX_RETARGET = HeaderNames.create("HX-Retarget");
    static final HeaderName HX_RESWAP = HeaderNames.create("HX-Reswap");
    static final String CSP =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";
    private static final Logger LOG = System.getLogger(Gate.class.getName());
    private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final HeaderName FORWARDED_FOR =
            HeaderNames.create(TrustedProxies.FORWARDED_FOR);
    private static final HeaderName FORWARDED_PROTO =
            HeaderNames.create(TrustedProxies.FORWARDED_PROTO);
    private static final String UNNAMED_PROXY =
            "These pages answer at home only, and behind a proxy nobody can tell who is: name it"
                    + " with hearth serve --trusted-proxies=ADDRESS, and have it set"
                    + " X-Forwarded-For and X-Forwarded-Proto\n";
    private static final Pattern SEGMENT = Pattern.compile("\\{(\\w+)}");

    private final Tailnet tailnet;
    private final Logins logins;
    private final Box box;
    private final Pages pages;
    private final TrustedProxies proxies;
    private final Predicate<IpAddress> atHome;
    private final boolean plainToo;

    /**
     * @param proxies whose word for a browser's address and TLS counts
     * @param atHome whose sign-in, set-up and admin pages are answered at all
     * @param plainToo without TLS as well, which only tests want
     */
    Gate(
            Tailnet tailnet,
            Logins logins,
            Box box,
            Pages pages,
            TrustedProxies proxies,
            Predicate<IpAddress> atHome,
            boolean plainToo) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.box = box;
        this.pages = pages;
        this.proxies = proxies;
        this.atHome = atHome;
        this.plainToo = plainToo;
    }

    void mount(HttpRules rules, Route route) {
        if (route.change()) {
            rules.post(route.path(), (req, res) -> pass(route, req, res));
        } else {
            rules.get(route.path(), (req, res) -> pass(route, req, res));
        }
    }

    private void pass(Route route, ServerRequest req, ServerResponse res) {
        boolean secure = secure(req);
        headers(secure, res);
        IpAddress remote = remote(req);
        if (!secure && !plainToo) {
            if (proxies.circle(peer(req), lines(req, FORWARDED_FOR), lines(req, FORWARDED_PROTO))) {
                res.status(Status.NOT_FOUND_404).send(UNNAMED_PROXY);
            } else {
                toTls(route, req, res);
            }
            return;
        }
        if (route.rule().kind() != Rule.Kind.PUBLIC && !home(req, res, remote)) {
            return;
        }
        Session session = cookie(req).flatMap(logins::session).orElse(null);
        User user = session == null ? null : tailnet.snapshot().userByLogin(session.login());
        if (session != null && (user == null || user.suspended())) {
            logins.signOut(session.id());
            session = null;
            user = null;
        }
        Form form = Form.EMPTY;
        Form query = Form.EMPTY;
        Refused unreadable = null;
        try {
            query = Form.parse(req.query().rawValue());
            if (route.change()) {
                form = Form.read(req.content().inputStream());
            }
        } catch (Refused e) {
            unreadable = e;
        } catch (IOException e) {
            unreadable = Refused.invalid("the form did not arrive whole");
        }
        var call = new Call(req, res, remote, session, user, form, query);
        if (unreadable != null) {
            pages.refused(call, unreadable);
        } else {
            pass(route, call, secure);
        }
    }

    /** Answers those who are not at home with nothing. */
    private boolean home(ServerRequest req, ServerResponse res, IpAddress remote) {
        if (proxies.strange(peer(req), lines(req, FORWARDED_FOR))) {
            res.status(Status.NOT_FOUND_404).send(UNNAMED_PROXY);
            return false;
        }
        if (!atHome.test(remote)) {
            res.status(Status.NOT_FOUND_404).send();
            return false;
        }
        return true;
    }

    /** The route's rule, and for changes that they come from our own page and this session. */
    private void pass(Route route, Call call, boolean secure) {
        User user = call.user();
        if (route.rule().needsPerson() && user == null) {
            toSignIn(route, call);
            return;
        }
        if (user != null && !route.rule().allows(user.role())) {
            pages.forbidden(call, route.rule());
            return;
        }
        if (route.change() && !sameOrigin(call.req, secure)) {
            pages.refused(call, Refused.forbidden("this request did not come from our own page"));
            return;
        }
        if (route.change() && route.rule().needsPerson() && !token(call)) {
            pages.refused(
                    call,
                    Refused.forbidden(
                            "this form was made for another session: go back, reload the page and"
                                    + " send it again"));
            return;
        }
        if (!route.page().isEmpty() && !call.htmx()) {
            redirect(call.res, owner(route, call));
            return;
        }
        run(route, call);
    }

    private void run(Route route, Call call) {
        try {
            route.handler().handle(call);
        } catch (Refused e) {
            pages.refused(call, e);
        } catch (Exception e) {
            if (call.res.isSent() || disconnected(e)) {
                LOG.log(Level.DEBUG, "answer broke off route=" + route, e);
                return;
            }
            String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
            LOG.log(Level.ERROR, "page failed route=" + route + " request=" + id, e);
            pages.failed(call, id);
        }
    }

    private static boolean disconnected(Exception e) {
        return e instanceof IOException
                || e.getCause() instanceof IOException
                || e.getClass().getSimpleName().equals("ServerConnectionException");
    }

    private static void headers(boolean secure, ServerResponse res) {
        res.header(
                HeaderNames.create("Content-Security-Policy"),
                secure ? CSP + "; upgrade-insecure-requests" : CSP);
        res.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
        res.header(HeaderNames.create("Referrer-Policy"), "same-origin");
        if (secure) { // browsers grumble about it elsewhere
            res.header(HeaderNames.create("Cross-Origin-Opener-Policy"), "same-origin");
        }
        res.header(HeaderNames.create("Cross-Origin-Resource-Policy"), "same-origin");
        res.header(HeaderNames.create("X-Frame-Options"), "DENY");
        res.header(
                HeaderNames.create("Permissions-Policy"),
                "camera=(), microphone=(), geolocation=(), usb=()");
        res.header(HeaderNames.CACHE_CONTROL, "no-store");
    }

    private void toTls(Route route, ServerRequest req, ServerResponse res) {
        if (route.change()) {
            res.status(Status.NOT_FOUND_404).send();
            return;
        }
        String query = req.query().isEmpty() ? "" : "?" + req.query().rawValue();
        res.status(Status.TEMPORARY_REDIRECT_307);
        res.header(HeaderNames.LOCATION, box.pageUrl() + req.path().rawPath() + query);
        res.send();
    }

    private void toSignIn(Route route, Call call) {
        if (!logins.setUp()) {
            redirect(call, "/setup");
            return;
        }
        String next = route.change() ? "/admin" : call.req.path().rawPath();
        if (call.htmx()) {
            next = ownPath(call.currentUrl());
        } else if (!route.page().isEmpty()) {
            next = owner(route, call);
        }
        String to = "/login?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
        if (call.htmx()) {
            call.res.status(Status.UNAUTHORIZED_401);
            call.res.header(HX_REDIRECT, to);
            call.res.send();
        } else {
            redirect(call.res, to);
        }
    }

    /** The path of a full address, {@code /admin} when it has none of ours. */
    static String ownPath(String url) {
        Matcher m = Pattern.compile("https?://[^/]+(/[^#]*).*").matcher(url);
        return m.matches() ? safeNext(m.group(1)) : "/admin";
    }

    /** A place to go on to: one of our own paths, else {@code /admin}. */
    static String safeNext(String next) {
        boolean own =
                next.startsWith("/")
                        && !next.startsWith("//")
                        && next.chars().allMatch(c -> c > ' ' && c < 127 && c != '\\');
        boolean known = next.equals("/admin") || next.startsWith("/admin/");
        return own && (known || next.startsWith("/join") || next.startsWith("/ssh/"))
                ? next
                : "/admin";
    }

    private static String owner(Route route, Call call) {
        return SEGMENT.matcher(route.page())
                .replaceAll(
                        m ->
                                Matcher.quoteReplacement(
                                        URLEncoder.encode(
                                                call.segment(m.group(1)), StandardCharsets.UTF_8)));
    }

    /** Sends the browser on, whole page or script alike. */
    static void redirect(Call call, String to) {
        if (call.htmx()) {
            call.res.header(HX_REDIRECT, to);
            call.res.send();
        } else {
            redirect(call.res, to);
        }
    }

    private static void redirect(ServerResponse res, String to) {
        res.status(Status.SEE_OTHER_303);
        res.header(HeaderNames.LOCATION, to);
        res.send();
    }

    private IpAddress remote(ServerRequest req) {
        return proxies.client(peer(req), lines(req, FORWARDED_FOR));
    }

    private boolean secure(ServerRequest req) {
        return proxies.secure(peer(req), req.isSecure(), lines(req, FORWARDED_PROTO));
    }

    private static IpAddress peer(ServerRequest req) {
        return req.remotePeer().address() instanceof InetSocketAddress a && a.getAddress() != null
                ? IpAddress.of(a.getAddress()).unmapped()
                : IpAddress.V4_MIN;
    }

    private static List<String> lines(ServerRequest req, HeaderName name) {
        return req.headers().contains(name) ? req.headers().get(name).allValues() : List.of();
    }

    private static Optional<String> cookie(ServerRequest req) {
        if (!req.headers().contains(HeaderNames.COOKIE)) {
            return Optional.empty();
        }
        for (String line : req.headers().get(HeaderNames.COOKIE).allValues()) {
            for (String pair : line.split(";", -1)) {
                String p = pair.strip();
                if (p.startsWith(COOKIE + "=")) {
                    return Optional.of(p.substring(COOKIE.length() + 1));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Browsers tell where a request comes from; only our own pages may send changes. Who tells
     * neither {@code Sec-Fetch-Site} nor {@code Origin} is refused.
     */
    private static boolean sameOrigin(ServerRequest req, boolean secure) {
        String site = Call.header(req, SEC_FETCH_SITE);
        if (!site.isEmpty()) {
            return site.equals("same-origin");
        }
        String own = (secure ? "https://" : "http://") + req.authority();
        return Call.header(req, HeaderNames.ORIGIN)
                .toLowerCase(Locale.ROOT)
                .equals(own.toLowerCase(Locale.ROOT));
    }

    private static boolean token(Call call) {
        byte[] want = call.ownSession().csrf().getBytes(StandardCharsets.US_ASCII);
        byte[] given = call.form().text("_csrf").getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(want, given);
    }

    /** Gives the browser its session. */
    static void setCookie(ServerResponse res, String secret) {
        res.header(
                HeaderValues.create(
                        HeaderNames.SET_COOKIE,
                        COOKIE + "=" + secret + "; Path=/; Secure; HttpOnly; SameSite=Lax"));
    }

    static void clearCookie(ServerResponse res) {
        res.header(
                HeaderValues.create(
                        HeaderNames.SET_COOKIE,
                        COOKIE + "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
    }
}
