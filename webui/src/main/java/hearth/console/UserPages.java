package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Chip;
import hearth.console.view.Machines;
import hearth.console.view.Machines.Confirm;
import hearth.console.view.Page.Notice;
import hearth.console.view.Users;
import hearth.console.view.Users.RoleChoice;
import hearth.login.Logins;
import hearth.tailnet.Node;
import hearth.tailnet.Role;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who may use and who may run the network. */
final class UserPages {
    private static final String LIST = "/admin/users";

    private final Tailnet tailnet;
    private final Logins logins;
    private final Pages pages;
    private final MachineFacts facts;
    private final Times times;

    UserPages(Tailnet tailnet, Logins logins, Pages pages, MachineFacts facts, Times times) {
        this.tailnet = tailnet;
        this.logins = logins;
        this.pages = pages;
        this.facts = facts;
        this.times = times;
    }

    List<Route> routes() {
        Rule read = Rule.may(Right.READ);
        Rule users = Rule.may(Right.USERS);
        String one = LIST + "/{id}";
        return List.of(
                Route.page(LIST, read, c -> list(c, Frame.WHOLE)),
                Route.change(LIST, users, this::create),
                Route.page(one, read, c -> show(c, c.number("id"), Frame.WHOLE)),
                Route.change(one + "/role", users, this::role),
                Route.change(one + "/password", users, this::password),
                Route.change(one + "/suspend", users, this::suspend),
                Route.page(one + "/remove", users, c -> askRemove(c, false)),
                Route.part(
                        "/admin/_/users/{id}/remove",
                        one + "/remove",
                        users,
                        c -> askRemove(c, true)),
                Route.change(one + "/remove", users, this::remove));
    }

    private void list(Call call, Frame frame) {
        Snapshot now = tailnet.snapshot();
        List<Users.Row> rows = new ArrayList<>();
        for (User u : now.users()) {
            rows.add(row(call, now, u));
        }
        var model = new Users.Listing(rows, roles(call.person().role()), call.may(Right.USERS));
        pages.send(call, frame, "page/users.jte", "Users", "users", Map.of("model", model));
    }

    private Users.Row row(Call call, Snapshot now, User u) {
        long devices = now.nodes().stream().filter(n -> n.userId() == u.id()).count();
        return new Users.Row(
                u.id(),
                u.login(),
                Pages.personName(u),
                Pages.words(u.role()),
                u.suspended()
                        ? new Chip("bad", "stop", "Suspended")
                        : new Chip("ok", "check", "Active"),
                (int) devices,
                logins.hasPassword(u.login()),
                times.when(u.created()),
                u.id() == call.person().id());
    }

    private static List<RoleChoice> roles(Role own) {
        List<RoleChoice> out = new ArrayList<>();
        for (Role r : Role.values()) {
            boolean high = r == Role.OWNER || r == Role.ADMIN;
            if (r == Role.OWNER ? own == Role.OWNER : !high || own.isAdmin()) {
                out.add(new RoleChoice(r.text(), Pages.words(r), hint(r)));
            }
        }
        return out.reversed();
    }

    private static String hint(Role r) {
        return switch (r) {
            case OWNER -> "everything, and hands the network on";
            case ADMIN -> "everything";
            case NETWORK_ADMIN -> "access, DNS, routes and keys";
            case IT_ADMIN -> "machines, users and keys";
            case BILLING_ADMIN, AUDITOR -> "looks at everything, changes nothing";
            case MEMBER -> "uses the network with their own devices";
        };
    }

    private void create(Call call) throws Refused {
        Form form = call.form();
        pages.change(
                call,
                LIST,
                () -> {
                    Role role = role(form.text("role"));
                    String login = tailnet.login(form.text("login"));
                    String password = form.raw("password");
                    if (!password.isEmpty()) {
                        check(login, password);
                    }
                    User u = tailnet.createUser(call.actor(), login, form.text("name"), role);
                    if (!password.isEmpty()) {
                        logins.setPassword(call.actor(), u.login(), password);
                    }
                    return u.login()
                            + " is added."
                            + (password.isEmpty()
                                    ? " Without a password they cannot sign in here yet."
                                    : "");
                },
                frame -> list(call, frame));
    }

    private void check(String login, String password) throws Refused {
        var objection = logins.passwordObjection(login, password);
        if (objection.isPresent()) {
            throw Refused.invalid(objection.get());
        }
    }

    private static Role role(String text) throws Refused {
        Role role = Role.parse(text);
        if (role == null) {
            throw Refused.invalid("there is no role \"" + text + "\"");
        }
        return role;
    }

    private User user(Call call) throws Refused {
        User u = tailnet.snapshot().user(call.number("id"));
        if (u == null || u.isTaggedDevices()) {
            throw Refused.notFound("this user does not exist (any more)");
        }
        return u;
    }

    private void show(Call call, long id, Frame frame) throws Refused {
        Snapshot now = tailnet.snapshot();
        User u = user(call);
        List<Machines.Row> machines = new ArrayList<>();
        for (Node n : now.nodes()) {
            if (n.userId() == id) {
                machines.add(facts.row(now, n));
            }
        }
        var model =
                new Users.Detail(
                        row(call, now, u),
                        u.role().text(),
                        u.suspended(),
                        machines,
                        List.of(),
                        roles(call.person().role()),
                        call.may(Right.USERS));
        pages.send(
                call,
                frame,
                "page/user.jte",
                Pages.personName(u) + " · Users",
                "users",
                Map.of("model", model));
    }

    private void edit(Call call, Pages.Change change) throws Refused {
        long id = call.number("id");
        pages.change(call, LIST + "/" + id, change, frame -> show(call, id, frame));
    }

    private void role(Call call) throws Refused {
        User u = user(call);
        edit(
                call,
                () -> {
                    Role role = role(call.form().text("role"));
                    tailnet.setRole(call.actor(), u.login(), role);
                    return u.login() + " is now " + Pages.words(role) + ".";
                });
    }

    /** Whoever sets another's password could act as them: only for those one rules over. */
    private void password(Call call) throws Refused {
        User u = user(call);
        edit(
                call,
                () -> {
                    Role own = call.person().role();
                    boolean above =
                            u.role() == Role.OWNER
                                    ? own != Role.OWNER
                                    : u.role() == Role.ADMIN && !own.isAdmin();
                    if (above) {
                        throw Refused.forbidden(
                                "the role "
                                        + own.text()
                                        + " does not rule over "
                                        + u.role().text());
                    }
                    boolean self = u.id() == call.person().id();
                    if (self) {
                        throw Refused.invalid("change your own password under your account");
                    }
                    logins.setPassword(call.actor(), u.login(), call.form().raw("password"));
                    return u.login() + " has a new password and is signed out everywhere.";
                });
    }

    private void suspend(Call call) throws Refused {
        User u = user(call);
        boolean on = call.form().text("suspend").equals("on");
        edit(
                call,
                () -> {
                    if (on && u.id() == call.person().id()) {
                        throw Refused.conflict("you would lock yourself out");
                    }
                    tailnet.setSuspended(call.actor(), u.login(), on);
                    if (on) {
                        logins.signOutOthers(u.login(), "");
                    }
                    return u.login() + (on ? " is suspended." : " is active again.");
                });
    }

    private void askRemove(Call call, boolean part) throws Refused {
        User u = user(call);
        var model =
                new Confirm(
                        "Remove " + u.login() + "?",
                        Pages.words(u.role()),
                        List.of(
                                "They can no longer sign in, and their auth keys end.",
                                "This works only when no device belongs to them any more."),
                        LIST + "/" + u.id() + "/remove",
                        "Remove user",
                        "Keep",
                        LIST + "/" + u.id(),
                        true);
        pages.confirm(call, part, "users", model);
    }

    private void remove(Call call) throws Refused {
        User u = user(call);
        try {
            tailnet.removeUser(call.actor(), u.login());
        } catch (Refused e) {
            Notice why = Notice.bad(Pages.sentence(e.text()));
            show(call, u.id(), new Frame(Pages.status(e), call.htmx(), List.of(why), Map.of()));
            return;
        }
        logins.remove(u.login());
        pages.flash(call, Notice.ok(u.login() + " is removed."));
        Gate.redirect(call, LIST);
    }
}
