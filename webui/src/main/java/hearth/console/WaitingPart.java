package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Machines.Waiting;
import hearth.console.view.Machines.WaitingList;
import hearth.tailnet.Node;
import hearth.tailnet.PendingLogin;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What waits for a person's yes: logins, devices without approval, routes. The same part stands on
 * the overview and above the list of machines.
 */
final class WaitingPart {
    private final Tailnet tailnet;
    private final Pages pages;
    private final Times times;
    private final Map<String, Back> backs = new HashMap<>();

    /** Sends the page that a decision was made on. */
    interface Back {
        void send(Call call, Frame frame) throws Refused;
    }

    WaitingPart(Tailnet tailnet, Pages pages, Times times) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.times = times;
    }

    /** The pages that show this part, by path; told once before the first request. */
    void shownOn(String path, Back page) {
        backs.put(path, page);
    }

    /** Whether {@code path} is a page that shows this part. */
    static boolean isList(String path) {
        return path.equals("/admin") || path.equals("/admin/machines");
    }

    void back(Call call, String path, Frame frame) throws Refused {
        Back back = backs.get(path);
        if (back == null) {
            throw new IllegalStateException("no page at " + path);
        }
        back.send(call, frame);
    }

    List<Route> routes() {
        Rule devices = Rule.may(Right.DEVICES);
        return List.of(
                Route.part("/admin/_/waiting", "/admin/machines", Rule.may(Right.READ), this::part),
                Route.change("/admin/logins/{id}/approve", devices, c -> decide(c, true)),
                Route.change("/admin/logins/{id}/refuse", devices, c -> decide(c, false)));
    }

    private void part(Call call) {
        String back = call.query().text("back");
        WaitingList model = list(call, isList(back) ? back : "/admin/machines");
        pages.sendLive(call, "part/waiting.jte", Pages.version(model.items()), model);
    }

    private void decide(Call call, boolean yes) throws Refused {
        String id = call.segment("id");
        String asked = call.form().text("back");
        String back = isList(asked) ? asked : "/admin/machines";
        pages.change(
                call,
                back,
                () -> {
                    if (yes) {
                        Node n = tailnet.approveLogin(call.actor(), id, null);
                        return n.name() + " is in, as a device of " + call.person().login() + ".";
                    }
                    tailnet.refuseLogin(call.actor(), id);
                    return "Refused. The device is told.";
                },
                frame -> back(call, back, frame));
    }

    WaitingList list(Call call, String back) {
        Snapshot now = tailnet.snapshot();
        List<Waiting> items = new ArrayList<>();
        if (call.may(Right.DEVICES)) {
            for (PendingLogin l : now.logins()) {
                items.add(login(l));
            }
            for (Node n : now.nodes()) {
                if (!n.authorized()) {
                    items.add(device(now, n));
                }
            }
        }
        if (call.may(Right.ROUTES)) {
            for (Node n : now.nodes()) {
                if (RouteFacts.waiting(n)) {
                    items.add(route(n));
                }
            }
        }
        String address = "/admin/_/waiting?v=" + Pages.version(items) + "&back=" + back;
        return new WaitingList(items, address, back);
    }

    private Waiting login(PendingLogin l) {
        String os = MachineFacts.osName(l.os());
        String name = l.hostname().isBlank() ? "A device" : Text.name(l.hostname());
        return new Waiting(
                "login-" + l.code(),
                name + (os.isBlank() ? "" : " (" + os + ")") + " wants to join",
                "asks from " + l.address(),
                l.code(),
                times.when(l.created()),
                "/join/" + l.id(),
                "Choose owner or tag",
                "/admin/logins/" + l.id() + "/approve",
                "Approve",
                "/admin/logins/" + l.id() + "/refuse");
    }

    private Waiting device(Snapshot now, Node n) {
        return new Waiting(
                "device-" + n.id(),
                n.name() + " waits for approval",
                now.userOf(n).login() + " · " + n.v4(),
                "",
                times.when(n.created()),
                "/admin/machines/" + n.id(),
                "Details",
                "/admin/machines/" + n.id() + "/approve",
                "Approve",
                "");
    }

    private Waiting route(Node n) {
        List<String> subnets = new ArrayList<>();
        for (var r : RouteFacts.of(n)) {
            if (r.offered() && !r.approved() && !r.exit()) {
                subnets.add(r.prefix());
            }
        }
        return new Waiting(
                "route-" + n.id(),
                n.name() + " offers " + String.join(", ", subnets),
                "devices reach it once it is approved",
                "",
                times.when(n.created()),
                "/admin/machines/" + n.id() + "#routes",
                "Choose",
                "/admin/routes/" + n.id() + "/approve",
                "Approve",
                "");
    }
}
