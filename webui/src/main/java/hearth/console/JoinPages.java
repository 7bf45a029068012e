package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Join;
import hearth.console.view.Page.Notice;
import hearth.login.Logins;
import hearth.tailnet.Node;
import hearth.tailnet.PendingLogin;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.http.HeaderNames;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The page that a device opens for its person. Looking at it never lets a device in; only a signed
 * in person's own click does.
 */
final class JoinPages {
    private static final int MAX_REMEMBERED = 500;
    private static final int STOP_POLLING = 286;

    private final Tailnet tailnet;
    private final Logins logins;
    private final Pages pages;
    private final Times times;
    // what became of logins that are decided, for the page that waits for it
    private final Map<String, Join> decided =
            Collections.synchronizedMap(
                    new LinkedHashMap<>() {
                        private static final long serialVersionUID = 1;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<String, Join> eldest) {
                            return size() > MAX_REMEMBERED;
                        }
                    });

    JoinPages(Tailnet tailnet, Logins logins, Pages pages, Times times) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.pages = pages;
        this.times = times;
    }

    List<Route> routes() {
        return List.of(
                Route.page("/join", Rule.SIGNED_IN, this::typed),
                Route.page("/join/{id}", Rule.PUBLIC, c -> show(c, Frame.WHOLE)),
                Route.part("/join/{id}/state", "/join/{id}", Rule.PUBLIC, this::state),
                Route.change("/join/{id}/approve", Rule.SIGNED_IN, this::approve),
                Route.change("/join/{id}/refuse", Rule.may(Right.DEVICES), this::refuse));
    }

    /** Called for every change: keeps in mind what became of a login. */
    void changed(Snapshot before, Snapshot after) {
        if (before.logins().equals(after.logins())) {
            return;
        }
        for (PendingLogin l : before.logins()) {
            if (after.login(l.id()) == null) {
                decided.put(l.id(), outcome(after, l));
            }
        }
    }

    private Join outcome(Snapshot after, PendingLogin l) {
        Node joined = null;
        for (Node n : after.nodesOf(l.machine())) {
            if (n.key().equals(l.nodeKey())) {
                joined = n;
            }
        }
        String result =
                joined == null
                        ? ""
                        : joined.name()
                                + " is in"
                                + (joined.isTagged()
                                        ? " with " + String.join(", ", joined.tags())
                                        : " as a device of " + after.userOf(joined).login())
                                + ", at "
                                + joined.v4()
                                + ".";
        return ended(l.id(), joined == null ? "refused" : "joined", result);
    }

    private static Join ended(String id, String state, String result) {
        return new Join(id, state, "", "", "", null, "", "", "", List.of(), "", false, result);
    }

    /** The code as a person reads it from the other screen. */
    private void typed(Call call) throws Refused {
        String code = call.query().text("code");
        PendingLogin l =
                code.isEmpty() || !call.may(Right.DEVICES) ? null : tailnet.snapshot().login(code);
        if (l != null) {
            Gate.redirect(call, "/join/" + l.id());
            return;
        }
        List<Notice> notices =
                code.isEmpty()
                        ? List.of()
                        : List.of(Notice.bad("No device waits with this code. It may be too old."));
        var frame = new Frame(code.isEmpty() ? 200 : 404, false, notices, Map.of());
        pages.send(call, frame, "page/code.jte", "Join by code", "machines", Map.of("code", code));
    }

    private void show(Call call, Frame frame) {
        Join model = model(call);
        if (model.state().equals("waiting") && call.user() == null) {
            call.res.header(HeaderNames.create("Refresh"), "10");
        }
        String title = model.state().equals("waiting") ? "Let this device in?" : "Joining";
        Map<String, Object> params = new HashMap<>();
        params.put("model", model);
        params.put("setUp", logins.setUp());
        pages.send(call, frame, "page/join.jte", title, "machines", params);
    }

    private void state(Call call) {
        Join model = model(call);
        if (model.state().equals("waiting")) {
            call.res.status(204);
            call.res.send();
            return;
        }
        call.res.status(STOP_POLLING);
        pages.sendLive(call, "part/joined.jte", "", model);
    }

    private Join model(Call call) {
        String id = call.segment("id");
        Snapshot now = tailnet.snapshot();
        PendingLogin l = now.login(id);
        if (l == null || !l.id().equals(id)) { // the short code opens nothing here
            Join was = decided.get(id);
            return was != null ? was : ended(Text.cut(id, 40), "gone", "");
        }
        User user = call.user();
        boolean devices = call.may(Right.DEVICES);
        String key = l.nodeKey().toString();
        return new Join(
                id,
                "waiting",
                l.hostname().isBlank() ? "A device" : Text.name(l.hostname()),
                MachineFacts.osName(l.os()),
                l.address().toString(),
                times.when(l.created()),
                l.code(),
                key.substring(0, Math.min(key.length(), 24)) + "…",
                String.join(", ", l.tags()),
                devices ? Pages.logins(now) : List.of(),
                user == null ? "" : user.login(),
                devices,
                "");
    }

    private void approve(Call call) throws Refused {
        String id = call.segment("id");
        Form form = call.form();
        pages.change(
                call,
                "/join/" + id,
                () -> {
                    String owner = form.text("owner");
                    Node n =
                            form.text("as").equals("tags")
                                    ? tailnet.approveLoginAs(
                                            call.actor(), id, form.someTags("tags"))
                                    : tailnet.approveLogin(
                                            call.actor(), id, owner.isEmpty() ? null : owner);
                    return n.name() + " is in.";
                },
                frame -> show(call, frame));
    }

    private void refuse(Call call) throws Refused {
        String id = call.segment("id");
        pages.change(
                call,
                "/join/" + id,
                () -> {
                    tailnet.refuseLogin(call.actor(), id);
                    return "Refused. The device is told.";
                },
                frame -> show(call, frame));
    }
}
