package hearth.console;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import hearth.base.Refused;
import hearth.console.view.Machines.Confirm;
import hearth.console.view.Page;
import hearth.console.view.Page.NavGroup;
import hearth.console.view.Page.NavItem;
import hearth.console.view.Page.Notice;
import hearth.console.view.Page.Person;
import hearth.login.Session;
import hearth.tailnet.Role;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.http.HeaderNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Renders templates: whole pages, or their content only for a page that is open already. */
final class Pages {
    private static final int MAX_FLASHES = 1000;
    private static final int PACKED_FROM = 16_384;
    private static final String HTML = "text/html; charset=utf-8";

    /** Changes something; the text says what was done. */
    interface Change {
        String run() throws Refused;
    }

    /** Sends a page in a frame. */
    interface Sender {
        void send(Frame frame) throws Refused;
    }

    private final TemplateEngine engine =
            TemplateEngine.createPrecompiled(
                    null, ContentType.Html, Pages.class.getClassLoader(), "hearth.console.jte");
    private final Tailnet tailnet;
    private final Assets assets;
    // by session: what to say on its next page
    private final Map<String, List<Notice>> flashes =
            Collections.synchronizedMap(
                    new LinkedHashMap<>() {
                        private static final long serialVersionUID = 1;

                        @Override
                        protected boolean removeEldestEntry(
                                Map.Entry<String, List<Notice>> eldest) {
                            return size() > MAX_FLASHES;
                        }
                    });

    Pages(Tailnet tailnet, Assets assets) {
        this.tailnet = tailnet;
        this.assets = assets;
    }

    /** Sends a page, its frame and all. */
    void send(
            Call call,
            Frame frame,
            String template,
            String title,
            String section,
            Map<String, ?> model) {
        Map<String, Object> params = new HashMap<>(model);
        params.put("page", page(call, frame, title, section));
        call.res.status(frame.status());
        write(call, template, params);
    }

    /**
     * Sends a part that a page fetches again and again: nothing at all when the page says that it
     * has this version already.
     */
    void sendLive(Call call, String template, String version, Object model) {
        if (!version.isEmpty() && call.query().text("v").equals(version)) {
            call.res.status(204);
            call.res.send();
            return;
        }
        Map<String, Object> params = new HashMap<>();
        params.put("model", model);
        params.put("assets", assets.base());
        params.put("csrf", call.session() == null ? "" : call.session().csrf());
        byte[] body = render(template, params);
        // a long list again and again: packed, which is safe for what only a script can ask for
        if (body.length > PACKED_FROM
                && call.header(HeaderNames.ACCEPT_ENCODING).contains("gzip")) {
            call.res.header(HeaderNames.CONTENT_ENCODING, "gzip");
            body = gzip(body);
        }
        send(call, body);
    }

    private static byte[] gzip(byte[] body) {
        var out = new ByteArrayOutputStream(body.length / 8);
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return out.toByteArray();
    }

    /** Of a part's content: what is equal has the same, so a page that has it needs nothing new. */
    static String version(Object content) {
        return Integer.toHexString(content.hashCode());
    }

    /**
     * Runs a change. Done: a script gets the new content, everybody else is sent to {@code then}.
     * Refused: the page comes back with the reason and what was typed.
     */
    void change(Call call, String then, Change change, Sender sender) throws Refused {
        String done;
        try {
            done = change.run();
        } catch (Refused e) {
            Notice why = Notice.bad(sentence(e.text()));
            Map<String, String> typed = call.form().typed();
            sender.send(new Frame(status(e), call.htmx(), List.of(why), typed));
            return;
        }
        if (call.htmx()) {
            sender.send(new Frame(200, true, List.of(Notice.ok(done)), Map.of()));
        } else {
            flash(call, Notice.ok(done));
            Gate.redirect(call, then);
        }
    }

    /** Asks before something that cannot be undone: a dialog for scripts, else a page. */
    void confirm(Call call, boolean part, String section, Confirm model) {
        if (part) {
            sendLive(call, "part/dialog.jte", "", model);
        } else {
            send(
                    call,
                    Frame.WHOLE,
                    "page/confirm.jte",
                    model.title(),
                    section,
                    Map.of("model", model));
        }
    }

    /** Says {@code notice} on the next page of this session. */
    void flash(Call call, Notice notice) {
        flashes.put(call.ownSession().id(), List.of(notice));
    }

    /** A refusal that no page caught. */
    void refused(Call call, Refused e) {
        problem(call, status(e), title(e), sentence(e.text()));
    }

    void missing(Call call) {
        problem(call, 404, "Not here", "There is no such page.");
    }

    void forbidden(Call call, Rule rule) {
        Right right = rule.right();
        String text =
                "You are signed in as "
                        + call.person().login()
                        + " ("
                        + words(call.person().role())
                        + "). This needs "
                        + (right == null ? "another role" : needed(right))
                        + "; an owner or admin can give it to you under Users.";
        problem(call, 403, "Not for your role", text);
    }

    void failed(Call call, String requestId) {
        problem(
                call,
                500,
                "Something broke",
                "Not saved, or not known whether saved. Reload to see the present state. The"
                        + " program's log names this request "
                        + requestId
                        + ".");
    }

    private void problem(Call call, int status, String title, String text) {
        if (call.htmx()) {
            call.res.status(status);
            if (status < 500) {
                call.res.header(Gate.HX_RETARGET, "#toasts");
                call.res.header(Gate.HX_RESWAP, "beforeend");
            }
            write(call, "part/toast.jte", Map.of("notice", Notice.bad(text)));
            return;
        }
        Frame frame = new Frame(status, false, List.of(), Map.of());
        send(call, frame, "page/problem.jte", title, "", Map.of("text", text));
    }

    private Page page(Call call, Frame frame, String title, String section) {
        Snapshot now = tailnet.snapshot();
        Session session = call.session();
        User user = call.user();
        List<Notice> notices = new ArrayList<>(frame.notices());
        if (session != null && !frame.part()) {
            List<Notice> waiting = flashes.remove(session.id());
            if (waiting != null) {
                notices.addAll(waiting);
            }
        }
        return new Page(
                title,
                section,
                now.domain(),
                user == null
                        ? null
                        : new Person(user.login(), personName(user), words(user.role())),
                session == null ? "" : session.csrf(),
                assets.base(),
                theme(call),
                user == null ? List.of() : nav(now, user.role()),
                notices,
                user != null && user.role().may(Right.READ) ? now.policy().banner() : null,
                frame.part(),
                user != null,
                frame.typed());
    }

    /** Everybody's login, to choose an owner from. */
    static List<String> logins(Snapshot now) {
        return now.users().stream().map(User::login).toList();
    }

    static String personName(User user) {
        String shown = Text.name(user.displayName());
        return shown.isBlank() ? user.login() : shown;
    }

    private static List<NavGroup> nav(Snapshot now, Role role) {
        int waiting = now.logins().size();
        for (var node : now.nodes()) {
            waiting += node.authorized() ? 0 : 1;
        }
        int routes = (int) now.nodes().stream().filter(RouteFacts::waiting).count();
        return List.of(
                new NavGroup(
                        "Network",
                        List.of(
                                item("overview", "Overview", "/admin", "home", 0, role),
                                item(
                                        "machines",
                                        "Machines",
                                        "/admin/machines",
                                        "monitor",
                                        waiting,
                                        role),
                                item(
                                        "routes",
                                        "Subnets & exits",
                                        "/admin/routes",
                                        "network",
                                        routes,
                                        role))),
                new NavGroup(
                        "Control",
                        List.of(
                                item("users", "Users", "/admin/users", "users", 0, role),
                                item("access", "Access", "/admin/access", "shield", 0, role),
                                item("dns", "DNS", "/admin/dns", "globe", 0, role),
                                item("keys", "Keys", "/admin/keys", "key", 0, role))),
                new NavGroup(
                        "System",
                        List.of(
                                item("logs", "Changes", "/admin/logs", "list", 0, role),
                                item(
                                        "settings",
                                        "Settings",
                                        "/admin/settings",
                                        "settings",
                                        0,
                                        role))));
    }

    private static NavItem item(
            String key, String label, String href, String icon, int count, Role role) {
        boolean open = role.may(Right.READ);
        return new NavItem(
                key, label, href, icon, open ? count : 0, open ? "" : needed(Right.READ));
    }

    /** Who has a right, in words. */
    private static String needed(Right right) {
        List<String> roles = new ArrayList<>();
        for (Role r : Role.values()) {
            if (r != Role.OWNER && r.may(right)) {
                roles.add(words(r));
            }
        }
        return "the role " + String.join(" or ", roles);
    }

    static String words(Role role) {
        return switch (role) {
            case OWNER -> "Owner";
            case ADMIN -> "Admin";
            case NETWORK_ADMIN -> "Network admin";
            case IT_ADMIN -> "IT admin";
            case BILLING_ADMIN -> "Billing admin";
            case AUDITOR -> "Auditor";
            case MEMBER -> "Member";
        };
    }

    private static String theme(Call call) {
        for (String theme : List.of("light", "dark")) {
            if (("; " + call.header(HeaderNames.COOKIE)).contains("; hearth-theme=" + theme)) {
                return theme;
            }
        }
        return "";
    }

    static int status(Refused e) {
        return e.code() == Refused.Code.INVALID ? 422 : e.code().httpStatus();
    }

    private static String title(Refused e) {
        return switch (e.code()) {
            case INVALID -> "That does not work";
            case UNAUTHENTICATED -> "Please sign in";
            case FORBIDDEN -> "Not allowed";
            case NOT_FOUND -> "Not here";
            case CONFLICT, PRECONDITION_FAILED -> "Changed meanwhile";
            case TOO_MANY -> "Too many tries";
            case UNAVAILABLE -> "Not now";
        };
    }

    /** A refusal's text as a sentence. */
    static String sentence(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        String rest = text.substring(Character.charCount(first));
        boolean oneWord =
                !rest.isEmpty() && !rest.startsWith(" ") && rest.matches("[^ ]*[A-Z:/].*");
        String head =
                oneWord
                        ? Character.toString(first)
                        : Character.toString(first).toUpperCase(Locale.ROOT);
        return head + rest + (text.matches("(?s).*[.!?]") ? "" : ".");
    }

    private void write(Call call, String template, Map<String, Object> params) {
        send(call, render(template, params));
    }

    private byte[] render(String template, Map<String, Object> params) {
        var out = new Utf8ByteOutput();
        engine.render(template, params, out);
        return out.toByteArray();
    }

    private static void send(Call call, byte[] body) {
        call.res.header(HeaderNames.CONTENT_TYPE, HTML);
        call.res.send(body);
    }
}
