package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Page.Notice;
import hearth.login.Logins;
import hearth.login.SignIn;
import hearth.tailnet.Actor;
import hearth.tailnet.Role;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.http.HeaderNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** First run, sign-in and sign-out. */
final class SignInPages {
    private final Tailnet tailnet;
    private final Logins logins;
    private final Pages pages;
    private final ReentrantLock claiming = new ReentrantLock();

    SignInPages(Tailnet tailnet, Logins logins, Pages pages) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.pages = pages;
    }

    List<Route> routes() {
        return List.of(
                Route.page("/", Rule.AT_HOME, c -> Gate.redirect(c, "/admin")),
                Route.page("/setup", Rule.AT_HOME, c -> showSetup(c, Frame.WHOLE)),
                Route.change("/setup", Rule.AT_HOME, this::setUp),
                Route.page("/login", Rule.AT_HOME, this::login),
                Route.change("/login", Rule.AT_HOME, this::signIn),
                Route.change("/logout", Rule.SIGNED_IN, this::signOut));
    }

    private void showSetup(Call call, Frame frame) {
        if (logins.setUp()) {
            Gate.redirect(call, "/login");
            return;
        }
        pages.send(call, frame, "page/setup.jte", "Welcome to Hearth", "", Map.of());
    }

    private void setUp(Call call) throws Refused {
        if (logins.setUp()) {
            Gate.redirect(call, "/login");
            return;
        }
        Form form = call.form();
        var refused = logins.refuseToken(form.text("token"), call.remote());
        if (refused.isPresent()) {
            switch (refused.get()) {
                case SignIn.Wrong _ ->
                        refuseSetup(
                                call,
                                422,
                                "token",
                                "That is not the setup token. The one that counts is printed where"
                                        + " Hearth was started.");
                case SignIn.Wait wait -> refuseSetup(call, 429, "token", waitText(wait.time()));
            }
            return;
        }
        String login = tailnet.login(form.text("login"));
        String password = form.raw("password");
        var objection = logins.passwordObjection(login, password);
        if (objection.isPresent()) {
            refuseSetup(call, 422, "password", Pages.sentence(objection.get()));
            return;
        }
        if (!password.equals(form.raw("password2"))) {
            refuseSetup(call, 422, "password", "The two passwords differ.");
            return;
        }
        User owner;
        claiming.lock(); // one winner, however many have the token
        try {
            if (logins.setUp()) {
                throw Refused.conflict("somebody has set this machine up meanwhile");
            }
            var actor = new Actor(login, Role.OWNER, "console", "", call.remote().toString());
            owner = tailnet.nameOwner(actor, login, form.text("name"));
            logins.setPassword(actor, owner.login(), password);
            logins.finishSetup();
        } catch (Refused e) {
            refuseSetup(call, Pages.status(e), "login", Pages.sentence(e.text()));
            return;
        } finally {
            claiming.unlock();
        }
        var in = logins.open(owner.login(), call.remote(), call.agent());
        Gate.setCookie(call.res, in.secret());
        Gate.redirect(call, "/admin");
    }

    private void refuseSetup(Call call, int status, String wrong, String why) {
        Map<String, String> typed = new HashMap<>(call.form().typed());
        typed.put("wrong", wrong);
        showSetup(call, new Frame(status, false, List.of(Notice.bad(why)), typed));
    }

    private void login(Call call) {
        if (!logins.setUp()) {
            Gate.redirect(call, "/setup");
        } else if (call.user() != null) {
            Gate.redirect(call, Gate.safeNext(call.query().text("next")));
        } else {
            showLogin(call, Frame.WHOLE, call.query().text("next"));
        }
    }

    private void showLogin(Call call, Frame frame, String next) {
        pages.send(
                call, frame, "page/login.jte", "Sign in", "", Map.of("next", Gate.safeNext(next)));
    }

    private void signIn(Call call) throws Refused {
        Form form = call.form();
        String login = tailnet.login(form.text("login"));
        User user = tailnet.snapshot().userByLogin(login);
        boolean may = user != null && !user.suspended();
        // a suspended person gets the same answer in the same time as an unknown one
        String judged = may ? login : "nobody " + login;
        SignIn result = logins.signIn(judged, form.raw("password"), call.remote(), call.agent());
        switch (result) {
            case SignIn.Accepted in -> {
                if (call.session() != null) {
                    logins.signOut(call.session().id());
                }
                Gate.setCookie(call.res, in.secret());
                Gate.redirect(call, Gate.safeNext(form.text("next")));
            }
            case SignIn.Wrong _ -> refuseLogin(call, 422, "Login name or password is wrong.");
            case SignIn.Wait wait -> {
                long seconds = seconds(wait.time());
                call.res.header(HeaderNames.RETRY_AFTER, Long.toString(seconds));
                refuseLogin(call, 429, waitText(wait.time()));
            }
        }
    }

    private void refuseLogin(Call call, int status, String why) {
        var frame = new Frame(status, false, List.of(Notice.bad(why)), call.form().typed());
        showLogin(call, frame, call.form().text("next"));
    }

    private void signOut(Call call) {
        logins.signOut(call.ownSession().id());
        Gate.clearCookie(call.res);
        Gate.redirect(call, "/login");
    }

    /** Why a password was not taken that a person who is signed in had to give once more. */
    static Refused refused(SignIn.Refusal refusal, String wrong) {
        return switch (refusal) {
            case SignIn.Wrong _ -> Refused.invalid(wrong);
            case SignIn.Wait wait ->
                    new Refused(
                            Refused.Code.TOO_MANY,
                            "too many tries: please wait "
                                    + Times.span(wait.time().plusMillis(999)));
        };
    }

    private static String waitText(Duration wait) {
        return "Too many tries. Please wait "
                + Text.count(seconds(wait), "second", "seconds")
                + ".";
    }

    private static long seconds(Duration wait) {
        return Math.max(1, wait.plusMillis(999).toSeconds());
    }
}
