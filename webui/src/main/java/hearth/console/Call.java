package hearth.console;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.login.Session;
import hearth.tailnet.Actor;
import hearth.tailnet.Role.Right;
import hearth.tailnet.User;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/** One request with what is known of its sender. Confined to its thread. */
final class Call {
    private static final HeaderName HX_REQUEST = HeaderNames.create("HX-Request");
    private static final HeaderName HX_CURRENT_URL = HeaderNames.create("HX-Current-URL");

    final ServerRequest req;
    final ServerResponse res;
    private final IpAddress remote;
    private final @Nullable Session session;
    private final @Nullable User user;
    private final Form form;
    private final Form query;

    Call(
            ServerRequest req,
            ServerResponse res,
            IpAddress remote,
            @Nullable Session session,
            @Nullable User user,
            Form form,
            Form query) {
        this.req = req;
        this.res = res;
        this.remote = remote;
        this.session = session;
        this.user = user;
        this.form = form;
        this.query = query;
    }

    IpAddress remote() {
        return remote;
    }

    /** Who is signed in, null for nobody. */
    @Nullable User user() {
        return user;
    }

    @Nullable Session session() {
        return session;
    }

    /** Who is signed in; only on routes that need a person. */
    User person() {
        if (user == null) {
            throw new IllegalStateException("no person on " + req.path().path());
        }
        return user;
    }

    /** The session; only on routes that need a person. */
    Session ownSession() {
        if (session == null) {
            throw new IllegalStateException("no session on " + req.path().path());
        }
        return session;
    }

    boolean may(Right right) {
        return user != null && user.role().may(right);
    }

    /** The person as the commands and the audit log know them. */
    Actor actor() {
        User p = person();
        return new Actor(p.login(), p.role(), "console", "", remote.toString());
    }

    /** The body's fields of a POST. */
    Form form() {
        return form;
    }

    Form query() {
        return query;
    }

    /** A segment of the path. */
    String segment(String name) {
        return req.path().pathParameters().get(name);
    }

    /** A segment that is a number; anything else does not exist. */
    long number(String name) throws Refused {
        String text = segment(name);
        if (!text.matches("[0-9]{1,18}")) {
            throw Refused.notFound("there is no such page");
        }
        return Long.parseLong(text);
    }

    /** Whether a script of an open page asks, and wants a part of it. */
    boolean htmx() {
        return header(HX_REQUEST).equals("true");
    }

    /** The address of the page the script runs in, empty when unknown. */
    String currentUrl() {
        return header(HX_CURRENT_URL);
    }

    String agent() {
        return header(HeaderNames.USER_AGENT);
    }

    String header(HeaderName name) {
        return header(req, name);
    }

    static String header(ServerRequest req, HeaderName name) {
        return req.headers().first(name).orElse("");
    }
}
