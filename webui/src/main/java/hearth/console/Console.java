package hearth.console;

import hearth.base.IpAddress;
import hearth.login.Logins;
import hearth.login.Neighbourhood;
import hearth.login.SshChecks;
import hearth.login.TrustedProxies;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import io.helidon.webserver.http.HttpRules;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The admin console. Mounts {@code /}, {@code /setup}, {@code /login}, {@code /logout}, {@code
 * /join}, {@code /ssh}, {@code /assets} and {@code /admin} on a listener with TLS; on one without
 * TLS the same paths lead to the one with.
 */
public final class Console implements AutoCloseable {
    private final Tailnet tailnet;
    private final List<Route> routes = new ArrayList<>();
    private final Gate gate;
    private final Events events;
    private final BiConsumer<Snapshot, Snapshot> subscriber;

    /**
     * @param paths what is measured of the ways to devices
     * @param box the machine this runs on
     * @param proxies whose word for a browser's address and TLS counts
     */
    public Console(
            Tailnet tailnet,
            Logins logins,
            SshChecks checks,
            Paths paths,
            Box box,
            InstantSource clock,
            TrustedProxies proxies) {
        this(tailnet, logins, checks, paths, box, clock, proxies, Neighbourhood::isHome, false);
    }

    /**
     * @param atHome whose sign-in, set-up and admin pages are answered at all; join pages are for
     *     everybody
     * @param plainToo answers without TLS as well, which only tests want
     */
    public Console(
            Tailnet tailnet,
            Logins logins,
            SshChecks checks,
            Paths paths,
            Box box,
            InstantSource clock,
            TrustedProxies proxies,
            Predicate<IpAddress> atHome,
            boolean plainToo) {
        this.tailnet = tailnet;
        var times = new Times(clock, ZoneId.systemDefault());
        var assets = new Assets();
        var pages = new Pages(tailnet, assets);
        var facts = new MachineFacts(paths, times);
        var changes = new Changes(tailnet, times);
        var waiting = new WaitingPart(tailnet, pages, times);
        var machines = new MachinePages(tailnet, pages, facts, waiting, changes);
        var overview = new OverviewPage(tailnet, pages, facts, waiting, changes, box);
        waiting.shownOn("/admin", overview::show);
        waiting.shownOn("/admin/machines", machines::list);
        var join = new JoinPages(tailnet, logins, pages, times);
        this.events = new Events(tailnet, logins);
        this.gate = new Gate(tailnet, logins, box, pages, proxies, atHome, plainToo);
        routes.add(Route.page("/assets/{hash}/{file}", Rule.PUBLIC, assets::send));
        routes.add(Route.page("/admin/events", Rule.SIGNED_IN, events::stream));
        routes.addAll(new SignInPages(tailnet, logins, pages).routes());
        routes.addAll(join.routes());
        routes.addAll(new SshPages(tailnet, checks, pages, times).routes());
        routes.addAll(overview.routes());
        routes.addAll(waiting.routes());
        routes.addAll(new AddPage(pages, box).routes());
        routes.addAll(machines.routes());
        routes.addAll(new RoutePages(tailnet, pages, waiting).routes());
        routes.addAll(new UserPages(tailnet, logins, pages, facts, times).routes());
        routes.addAll(new AccessPages(tailnet, pages, times, new Effects(tailnet)).routes());
        routes.addAll(new DnsPages(tailnet, pages).routes());
        routes.addAll(new KeyPages(tailnet, pages, times, box).routes());
        routes.addAll(new LogPages(changes, pages).routes());
        routes.addAll(new SettingsPages(tailnet, pages, box).routes());
        routes.addAll(new AccountPages(logins, pages, times).routes());
        routes.add(Route.page("/admin/{+rest}", Rule.SIGNED_IN, pages::missing));
        this.subscriber =
                (before, after) -> {
                    join.changed(before, after);
                    events.changed();
                };
        tailnet.subscribe(subscriber);
    }

    /** Mounts every route. */
    public void routing(HttpRules rules) {
        routes.forEach(r -> gate.mount(rules, r));
    }

    List<Route> routes() {
        return List.copyOf(routes);
    }

    /** Ends the streams of open pages. */
    @Override
    public void close() {
        tailnet.unsubscribe(subscriber);
        events.close();
    }
}
