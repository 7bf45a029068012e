package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Account;
import hearth.login.Logins;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A person's own account: password, sessions, theme. */
final class AccountPages {
    private final Logins logins;
    private final Pages pages;
    private final Times times;

    AccountPages(Logins logins, Pages pages, Times times) {
        this.logins = logins;
        this.pages = pages;
        this.times = times;
    }

    List<Route> routes() {
        return List.of(
                Route.page("/admin/account", Rule.SIGNED_IN, c -> show(c, Frame.WHOLE)),
                Route.change("/admin/account/password", Rule.SIGNED_IN, this::password),
                Route.change("/admin/account/sessions", Rule.SIGNED_IN, this::signOutOthers),
                Route.change("/admin/account/theme", Rule.SIGNED_IN, this::theme));
    }

    private void show(Call call, Frame frame) {
        List<Account.Browser> browsers = new ArrayList<>();
        String own = call.ownSession().id();
        for (var s : logins.sessions(call.person().login()).reversed()) {
            browsers.add(
                    new Account.Browser(
                            browser(s.agent()),
                            s.address(),
                            times.when(s.created()),
                            s.id().equals(own)));
        }
        var model = new Account(call.person().login(), browsers);
        pages.send(call, frame, "page/account.jte", "Your account", "", Map.of("model", model));
    }

    private void password(Call call) throws Refused {
        Form form = call.form();
        String login = call.person().login();
        pages.change(
                call,
                "/admin/account",
                () -> {
                    var refusal =
                            logins.refusePassword(login, form.raw("password-now"), call.remote());
                    if (refusal.isPresent()) {
                        throw SignInPages.refused(refusal.get(), "the present password is wrong");
                    }
                    if (!form.raw("password").equals(form.raw("password2"))) {
                        throw Refused.invalid("the two new passwords differ");
                    }
                    logins.setPassword(
                            call.actor(), login, form.raw("password"), call.ownSession().id());
                    return "Password changed. Your other browsers are signed out.";
                },
                frame -> show(call, frame));
    }

    private void signOutOthers(Call call) throws Refused {
        pages.change(
                call,
                "/admin/account",
                () -> {
                    logins.signOutOthers(call.person().login(), call.ownSession().id());
                    return "Your other browsers are signed out.";
                },
                frame -> show(call, frame));
    }

    private void theme(Call call) {
        String theme = call.form().text("theme");
        boolean known = theme.equals("light") || theme.equals("dark");
        call.res.header(
                HeaderValues.create(
                        HeaderNames.SET_COOKIE,
                        "hearth-theme="
                                + (known ? theme : "")
                                + "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
                                + (known ? 31_536_000 : 0)));
        Gate.redirect(call, "/admin/account");
    }

    /** A browser's name out of what it sends, or as much of it as fits. */
    private static String browser(String agent) {
        String name =
                agent.contains("Firefox/")
                        ? "Firefox"
                        : agent.contains("Edg/")
                                ? "Edge"
                                : agent.contains("Chrome/")
                                        ? "Chrome"
                                        : agent.contains("Safari/") ? "Safari" : "";
        String system =
                agent.contains("Android")
                        ? "Android"
                        : agent.contains("iPhone") || agent.contains("iPad")
                                ? "iOS"
                                : agent.contains("Windows")
                                        ? "Windows"
                                        : agent.contains("Mac OS")
                                                ? "macOS"
                                                : agent.contains("Linux") ? "Linux" : "";
        if (name.isEmpty()) {
            return agent.isBlank() ? "unknown browser" : Text.cut(agent, 40);
        }
        return system.isEmpty() ? name : name + " on " + system;
    }
}
