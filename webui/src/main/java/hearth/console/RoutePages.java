package hearth.console;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.console.view.Chip;
import hearth.console.view.Machines.Route;
import hearth.console.view.Routes;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Subnets and exits of all machines in one place. */
final class RoutePages {
    private static final String LIST = "/admin/routes";

    private final Tailnet tailnet;
    private final Pages pages;
    private final WaitingPart waiting;

    RoutePages(Tailnet tailnet, Pages pages, WaitingPart waiting) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.waiting = waiting;
    }

    List<hearth.console.Route> routes() {
        Rule read = Rule.may(Right.READ);
        Rule change = Rule.may(Right.ROUTES);
        return List.of(
                hearth.console.Route.page(LIST, read, c -> show(c, Frame.WHOLE)),
                hearth.console.Route.part("/admin/_/routes/rows", LIST, read, this::rows),
                hearth.console.Route.change(LIST + "/{id}/approve", change, c -> decide(c, true)),
                hearth.console.Route.change(
                        LIST + "/{id}/unapprove", change, c -> decide(c, false)));
    }

    private void show(Call call, Frame frame) {
        pages.send(
                call,
                frame,
                "page/routes.jte",
                "Subnets and exits",
                "routes",
                Map.of("table", table(call)));
    }

    private void rows(Call call) {
        Routes model = table(call);
        pages.sendLive(call, "part/routes.jte", Pages.version(model.rows()), model);
    }

    private Routes table(Call call) {
        Snapshot now = tailnet.snapshot();
        List<Routes.Row> rows = new ArrayList<>();
        for (Node n : now.nodes()) {
            for (Route r : RouteFacts.of(n)) {
                rows.add(row(now, n, r));
            }
        }
        rows.sort(
                Comparator.comparingInt((Routes.Row r) -> r.rank())
                        .thenComparing(Routes.Row::text)
                        .thenComparing(Routes.Row::machine));
        String address = "/admin/_/routes/rows?v=" + Pages.version(rows);
        return new Routes(rows, call.may(Right.ROUTES), address);
    }

    private static Routes.Row row(Snapshot now, Node n, Route r) {
        boolean online = n.local() || now.presence(n.id()).online();
        Chip state;
        if (!r.offered()) {
            state = new Chip("off", "off", "Not offered now");
        } else if (!r.approved()) {
            state = r.exit() ? new Chip("off", "off", "Off") : new Chip("warn", "alert", "Waiting");
        } else {
            state = online ? new Chip("ok", "check", "In use") : new Chip("off", "off", "Offline");
        }
        int rank = r.offered() && !r.approved() && !r.exit() ? 0 : r.exit() ? 2 : 1;
        return new Routes.Row(
                n.id(), r.prefix(), r.text(), n.name(), state, r.approved(), r.exit(), rank);
    }

    private void decide(Call call, boolean yes) throws Refused {
        long id = call.number("id");
        Node n = MachinePages.node(tailnet.snapshot(), id);
        String back = call.form().text("back");
        String then = WaitingPart.isList(back) ? back : LIST;
        pages.change(
                call,
                then,
                () -> {
                    List<IpPrefix> wanted = new ArrayList<>();
                    for (String r : call.form().all("route")) {
                        wanted.addAll(RouteFacts.prefixes(r));
                    }
                    if (wanted.isEmpty() && yes) {
                        n.advertised().stream()
                                .filter(p -> !p.isDefaultRoute())
                                .forEach(wanted::add);
                    }
                    if (wanted.isEmpty()) {
                        throw Refused.invalid("no route was named");
                    }
                    if (yes) {
                        tailnet.approveRoutes(call.actor(), id, wanted);
                    } else {
                        tailnet.unapproveRoutes(call.actor(), id, wanted);
                    }
                    return words(wanted)
                            + (yes ? " is reached through " : " is no longer reached through ")
                            + n.name()
                            + ".";
                },
                frame -> {
                    if (then.equals(LIST)) {
                        show(call, frame);
                    } else {
                        waiting.back(call, then, frame);
                    }
                });
    }

    private static String words(List<IpPrefix> prefixes) {
        if (prefixes.stream().anyMatch(IpPrefix::isDefaultRoute)) {
            return "The Internet";
        }
        return String.join(", ", prefixes.stream().map(IpPrefix::toString).toList());
    }
}
