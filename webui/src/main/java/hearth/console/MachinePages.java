package hearth.console;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.console.view.Machines.Column;
import hearth.console.view.Machines.Confirm;
import hearth.console.view.Machines.Detail;
import hearth.console.view.Machines.Facts;
import hearth.console.view.Machines.Row;
import hearth.console.view.Machines.Table;
import hearth.console.view.Page.Notice;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The list of machines and the page of each. */
final class MachinePages {
    private static final HeaderName HX_PUSH_URL = HeaderNames.create("HX-Push-Url");
    private static final HeaderName HX_REPLACE_URL = HeaderNames.create("HX-Replace-Url");
    private static final String LIST = "/admin/machines";
    private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

    static {
        COLUMNS.put("name", "Machine");
        COLUMNS.put("address", "Address");
        COLUMNS.put("state", "State");
        COLUMNS.put("path", "Path");
        COLUMNS.put("seen", "Last seen");
        COLUMNS.put("expiry", "Key ends");
    }

    private final Tailnet tailnet;
    private final Pages pages;
    private final MachineFacts facts;
    private final WaitingPart waiting;
    private final Changes changes;

    MachinePages(
            Tailnet tailnet,
            Pages pages,
            MachineFacts facts,
            WaitingPart waiting,
            Changes changes) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.facts = facts;
        this.waiting = waiting;
        this.changes = changes;
    }

    List<Route> routes() {
        Rule read = Rule.may(Right.READ);
        Rule devices = Rule.may(Right.DEVICES);
        String one = "/admin/machines/{id}";
        return List.of(
                Route.page(LIST, read, c -> list(c, Frame.WHOLE)),
                Route.part("/admin/_/machines/rows", LIST, read, this::rows),
                Route.page(one, read, c -> show(c, c.number("id"), Frame.WHOLE)),
                Route.part("/admin/_/machines/{id}/facts", one, read, this::facts),
                Route.change(one + "/rename", devices, this::rename),
                Route.change(one + "/expire", devices, this::expire),
                Route.change(one + "/expiry", devices, this::keyExpiry),
                Route.change(one + "/approve", devices, this::approve),
                Route.change(one + "/tags", devices, this::tags),
                Route.change(one + "/owner", devices, this::owner),
                Route.change(one + "/routes", Rule.may(Right.ROUTES), this::setRoutes),
                Route.page(one + "/remove", devices, c -> askRemove(c, false)),
                Route.part(
                        "/admin/_/machines/{id}/remove",
                        one + "/remove",
                        devices,
                        c -> askRemove(c, true)),
                Route.change(one + "/remove", devices, this::remove));
    }

    void list(Call call, Frame frame) {
        list(call, call.query(), frame);
    }

    private void list(Call call, Form query, Frame frame) {
        Map<String, Object> model = new HashMap<>();
        model.put("table", table(query));
        model.put("waiting", waiting.list(call, LIST));
        pages.send(call, frame, "page/machines.jte", "Machines", "machines", model);
    }

    private void rows(Call call) {
        Table table = table(call.query());
        String query = queryOf(table.query(), table.sort());
        if (call.query().has("search")) {
            String page = query.isEmpty() ? LIST : LIST + "?" + query.substring(1);
            call.res.header(HX_REPLACE_URL, page);
        }
        pages.sendLive(call, "part/machines.jte", Pages.version(table.rows()), table);
    }

    private Table table(Form asked) {
        Snapshot now = tailnet.snapshot();
        String query = Text.cut(asked.text("q"), 200);
        String sort = asked.text("sort");
        var wanted = new MachineQuery(query);
        List<MachineQuery.Entry> found = new ArrayList<>();
        int online = 0;
        for (Node n : now.nodes()) {
            Row row = facts.row(now, n);
            online += row.online() ? 1 : 0;
            var entry = new MachineQuery.Entry(n, row);
            if (wanted.accepts(entry)) {
                found.add(entry);
            }
        }
        found.sort(MachineQuery.order(sort));
        List<Row> rows = found.stream().map(MachineQuery.Entry::row).toList();
        String address = "/admin/_/machines/rows?v=" + Pages.version(rows) + queryOf(query, sort);
        return new Table(
                rows, now.nodes().size(), online, query, sort, columns(query, sort), address);
    }

    private static List<Column> columns(String query, String sort) {
        String present = sort.isEmpty() ? "name" : sort;
        List<Column> out = new ArrayList<>();
        COLUMNS.forEach(
                (key, label) -> {
                    boolean up = present.equals(key);
                    boolean down = present.equals("-" + key);
                    String href = LIST + "?" + queryOf(query, up ? "-" + key : key).substring(1);
                    out.add(new Column(label, href, up ? "ascending" : down ? "descending" : ""));
                });
        return out;
    }

    private static String queryOf(String query, String sort) {
        String q = query.isEmpty() ? "" : "&q=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        return sort.isEmpty() ? q : q + "&sort=" + URLEncoder.encode(sort, StandardCharsets.UTF_8);
    }

    void show(Call call, long id, Frame frame) throws Refused {
        Snapshot now = tailnet.snapshot();
        Node n = node(now, id);
        String stable = n.stableId();
        var model =
                new Detail(
                        facts.row(now, n),
                        facts.facts(now, n),
                        n.givenName() == null ? "" : n.givenName(),
                        Text.name(n.hostname()),
                        !n.authorized(),
                        n.local(),
                        n.expiryDisabled(),
                        n.expired(),
                        n.isTagged(),
                        RouteFacts.of(n),
                        Pages.logins(now),
                        changes.find(Long.MAX_VALUE, 10, e -> e.targetId().equals(stable)).rows(),
                        call.may(Right.DEVICES),
                        call.may(Right.ROUTES));
        pages.send(
                call,
                frame,
                "page/machine.jte",
                n.name() + " · Machines",
                "machines",
                Map.of("model", model));
    }

    private void facts(Call call) throws Refused {
        Snapshot now = tailnet.snapshot();
        Facts model = facts.facts(now, node(now, call.number("id")));
        pages.sendLive(call, "part/facts.jte", Pages.version(model.facts()), model);
    }

    static Node node(Snapshot now, long id) throws Refused {
        Node n = now.node(id);
        if (n == null) {
            throw Refused.notFound("this machine is not in the network (any more)");
        }
        return n;
    }

    /** Changes one machine and shows its page again. */
    private void edit(Call call, Pages.Change change) throws Refused {
        long id = call.number("id");
        node(tailnet.snapshot(), id);
        pages.change(call, LIST + "/" + id, change, frame -> show(call, id, frame));
    }

    private void rename(Call call) throws Refused {
        edit(
                call,
                () -> {
                    Node n =
                            tailnet.renameNode(
                                    call.actor(), call.number("id"), call.form().text("name"));
                    return "It is called " + n.name() + " now.";
                });
    }

    private void expire(Call call) throws Refused {
        edit(
                call,
                () -> {
                    Node n = tailnet.expireNode(call.actor(), call.number("id"));
                    return "The key of " + n.name() + " ended: it must sign in again.";
                });
    }

    private void keyExpiry(Call call) throws Refused {
        boolean on = call.form().text("expiry").equals("on");
        edit(
                call,
                () -> {
                    Node n = tailnet.setKeyExpiry(call.actor(), call.number("id"), on);
                    return on
                            ? "The key of " + n.name() + " expires again."
                            : "The key of " + n.name() + " does not expire any more.";
                });
    }

    private void approve(Call call) throws Refused {
        String back = call.form().text("back");
        if (WaitingPart.isList(back)) {
            pages.change(
                    call,
                    back,
                    () -> {
                        Node n = tailnet.authorizeNode(call.actor(), call.number("id"), true);
                        return n.name() + " is in.";
                    },
                    frame -> waiting.back(call, back, frame));
            return;
        }
        edit(
                call,
                () -> {
                    Node n = tailnet.authorizeNode(call.actor(), call.number("id"), true);
                    return n.name() + " is in.";
                });
    }

    private void tags(Call call) throws Refused {
        edit(
                call,
                () -> {
                    List<String> tags = call.form().tags("tags");
                    List<String> present = node(tailnet.snapshot(), call.number("id")).tags();
                    call.form()
                            .refuseStale(
                                    String.join(" ", present),
                                    "it has "
                                            + (present.isEmpty()
                                                    ? "no tags"
                                                    : String.join(", ", present)));
                    Node n = tailnet.setTags(call.actor(), call.number("id"), tags);
                    return n.isTagged()
                            ? n.name() + " has " + String.join(", ", n.tags()) + " now."
                            : n.name() + " has no tags any more.";
                });
    }

    private void owner(Call call) throws Refused {
        edit(
                call,
                () -> {
                    if (call.form().text("owner").isEmpty()) {
                        throw Refused.invalid("choose the person whom it belongs to");
                    }
                    Node n =
                            tailnet.moveToUser(
                                    call.actor(), call.number("id"), call.form().text("owner"));
                    return n.name()
                            + " belongs to "
                            + tailnet.snapshot().userOf(n).login()
                            + " now.";
                });
    }

    private void setRoutes(Call call) throws Refused {
        edit(
                call,
                () -> {
                    // what the person changed, on top of what others approved meanwhile
                    Set<IpPrefix> ticked = prefixes(call, "route");
                    Set<IpPrefix> wanted =
                            new LinkedHashSet<>(
                                    node(tailnet.snapshot(), call.number("id")).approved());
                    prefixes(call, "was").stream()
                            .filter(p -> !ticked.contains(p))
                            .forEach(wanted::remove);
                    wanted.addAll(ticked);
                    Node n = tailnet.setRoutes(call.actor(), call.number("id"), wanted);
                    long subnets =
                            n.enabledRoutes().stream().filter(p -> !p.isDefaultRoute()).count();
                    boolean exit = n.enabledRoutes().stream().anyMatch(IpPrefix::isDefaultRoute);
                    return n.name()
                            + " now routes "
                            + (subnets == 0 ? "no" : subnets)
                            + (subnets == 1 ? " subnet" : " subnets")
                            + (exit ? " and is an exit." : ".");
                });
    }

    private static Set<IpPrefix> prefixes(Call call, String field) {
        return call.form().all(field).stream()
                .flatMap(r -> RouteFacts.prefixes(r).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void askRemove(Call call, boolean part) throws Refused {
        Snapshot now = tailnet.snapshot();
        Node n = node(now, call.number("id"));
        Row row = facts.row(now, n);
        List<String> points = new ArrayList<>();
        points.add("Every other device drops it within seconds, and its relay connection ends.");
        if (!n.enabledRoutes().isEmpty()) {
            points.add("What is reached through it goes dark: " + routesText(n) + ".");
        }
        points.add(
                "Its name becomes free, its address rests for 30 days. To come back it must sign in"
                        + " again, or use an auth key.");
        String lead =
                (row.owner().isEmpty() ? String.join(", ", row.tags()) : row.owner())
                        + " · "
                        + row.v4()
                        + " · "
                        + (row.online()
                                ? "online now"
                                : row.seen() == null
                                        ? "never seen"
                                        : "last seen " + row.seen().relative());
        var model =
                new Confirm(
                        "Remove " + n.name() + "?",
                        lead,
                        points,
                        LIST + "/" + n.id() + "/remove",
                        "Remove " + n.name(),
                        "Keep it",
                        LIST + "/" + n.id(),
                        true);
        pages.confirm(call, part, "machines", model);
    }

    private static String routesText(Node n) {
        List<String> out = new ArrayList<>();
        for (var r : RouteFacts.of(n)) {
            if (r.offered() && r.approved()) {
                out.add(r.exit() ? "the exit" : r.prefix());
            }
        }
        return String.join(", ", out);
    }

    private void remove(Call call) throws Refused {
        long id = call.number("id");
        Node n = node(tailnet.snapshot(), id);
        try {
            tailnet.removeNode(call.actor(), id);
        } catch (Refused e) {
            Notice why = Notice.bad(Pages.sentence(e.text()));
            show(call, id, new Frame(Pages.status(e), call.htmx(), List.of(why), Map.of()));
            return;
        }
        String done = n.name() + " is removed.";
        if (call.htmx()) {
            // back to the list as it was filtered: whoever cleans up has more to remove
            String from = Gate.ownPath(call.currentUrl());
            String asked = from.startsWith(LIST + "?") ? from.substring(LIST.length() + 1) : "";
            call.res.header(HX_PUSH_URL, asked.isEmpty() ? LIST : from);
            Frame frame = new Frame(200, true, List.of(Notice.ok(done)), Map.of());
            list(call, Form.parse(asked), frame);
        } else {
            pages.flash(call, Notice.ok(done));
            Gate.redirect(call, LIST);
        }
    }
}
