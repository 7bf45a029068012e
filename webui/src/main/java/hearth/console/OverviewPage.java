package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Machines.Row;
import hearth.console.view.Overview;
import hearth.console.view.Overview.Tile;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The first page: what needs a person, how many are there, how to join, what changed last. */
final class OverviewPage {
    private final Tailnet tailnet;
    private final Pages pages;
    private final MachineFacts facts;
    private final WaitingPart waiting;
    private final Changes changes;
    private final Box box;

    OverviewPage(
            Tailnet tailnet,
            Pages pages,
            MachineFacts facts,
            WaitingPart waiting,
            Changes changes,
            Box box) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.facts = facts;
        this.waiting = waiting;
        this.changes = changes;
        this.box = box;
    }

    List<Route> routes() {
        return List.of(
                Route.page("/admin", Rule.SIGNED_IN, this::start),
                Route.part("/admin/_/tiles", "/admin", Rule.may(Right.READ), this::tiles));
    }

    private void start(Call call) throws Refused {
        if (call.may(Right.READ)) {
            show(call, Frame.WHOLE);
        } else {
            own(call);
        }
    }

    void show(Call call, Frame frame) throws Refused {
        Map<String, Object> model = new HashMap<>();
        model.put("waiting", waiting.list(call, "/admin"));
        model.put("tiles", tileList());
        model.put("join", join());
        model.put("changes", changes.find(Long.MAX_VALUE, 6, _ -> true).rows());
        pages.send(call, frame, "page/overview.jte", "Overview", "overview", model);
    }

    private void tiles(Call call) {
        Overview.Tiles model = tileList();
        pages.sendLive(call, "part/tiles.jte", Pages.version(model.tiles()), model);
    }

    private Overview.Tiles tileList() {
        Snapshot now = tailnet.snapshot();
        int online = 0;
        int direct = 0;
        int relayed = 0;
        int soon = 0;
        for (Node n : now.nodes()) {
            Row row = facts.row(now, n);
            online += row.online() ? 1 : 0;
            soon += row.expiryKind().isEmpty() ? 0 : 1;
            var path = row.path();
            if (path != null) {
                direct += path.text().startsWith("Direct") ? 1 : 0;
                relayed += path.text().startsWith("Relayed") ? 1 : 0;
            }
        }
        List<Tile> tiles = new ArrayList<>();
        tiles.add(
                new Tile(
                        online + " of " + now.nodes().size(),
                        "machines online",
                        "/admin/machines?q=is%3Aonline"));
        tiles.add(
                new Tile(
                        direct + " · " + relayed,
                        "direct · relayed from here",
                        "/admin/machines?sort=path"));
        tiles.add(
                new Tile(
                        Integer.toString(now.users().size()),
                        now.users().size() == 1 ? "person" : "people",
                        "/admin/users"));
        if (soon > 0) {
            tiles.add(
                    new Tile(
                            Integer.toString(soon),
                            soon == 1 ? "key ends or ended" : "keys end or ended",
                            "/admin/machines?sort=expiry"));
        }
        return new Overview.Tiles(tiles, "/admin/_/tiles?v=" + Pages.version(tiles));
    }

    /** The line that brings a first device in. */
    String join() {
        return "tailscale up --login-server=" + box.joinUrl();
    }

    /** A member sees the own devices and nobody else's. */
    private void own(Call call) {
        Snapshot now = tailnet.snapshot();
        List<Row> rows = new ArrayList<>();
        for (Node n : now.nodes()) {
            if (n.userId() == call.person().id()) {
                rows.add(facts.row(now, n));
            }
        }
        pages.send(
                call,
                Frame.WHOLE,
                "page/own.jte",
                "Your devices",
                "",
                Map.of("rows", rows, "join", join()));
    }
}
