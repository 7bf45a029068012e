package hearth.os;

import hearth.base.IpPrefix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the machine route for the engine: a routing table, two rules, one nft table, addresses of
 * the TUN, forwarding, passage through other firewalls. All of it is undone by {@link #close};
 * {@link #start} first undoes what a crashed run left, {@link #check} puts back what another
 * program took away. What cannot be done is a problem in words, never a failure of the rest.
 * Confined to one thread; every call may take as long as the programs {@code ip} and {@code nft}
 * do, at most some seconds.
 */
public final class LinuxRouter implements AutoCloseable {
    private static final Path PROC = Path.of("/proc/sys");
    private static final System.Logger LOG = System.getLogger(LinuxRouter.class.getName());

    private final RouterScript script;
    private final SystemSwitches switches;
    private final OtherFirewalls firewalls;
    private final String tun;
    private RouterState applied = RouterState.NOTHING;
    private List<String> elsewhere = List.of();
    private List<String> ownProblems = List.of();
    private List<String> problems = List.of();
    private boolean started;

    /** {@code stateDir}: where the switches that were turned are remembered. */
    public LinuxRouter(String tun, int mtu, Path stateDir) {
        this.tun = tun;
        this.script = new RouterScript(tun, mtu);
        this.firewalls = new OtherFirewalls(tun);
        this.switches = new SystemSwitches(PROC, stateDir.resolve("router.switches"));
    }

    /** Keeps what is sent from {@code port} out of the TUN, whatever is routed into it. */
    public static void bypass(UdpPort port) throws IOException {
        port.mark(RouterScript.MARK_BYPASS);
    }

    /** Repairs after a crash, brings the TUN up and puts rules and filter in place. */
    public void start() throws IOException {
        undo();
        switches.repair();
        started = true;
        applied = RouterState.NOTHING;
        elsewhere = tailnetElsewhere();
        setUp(RouterState.NOTHING, true);
    }

    /** Changes from what is applied to {@code wanted}; what is already so is left alone. */
    public void apply(RouterState wanted) throws IOException {
        if (!started) {
            throw new IllegalStateException("apply before start");
        }
        List<String> others = tailnetElsewhere();
        if (!wanted.equals(applied) || !others.equals(elsewhere)) {
            elsewhere = others;
            setUp(wanted, false);
        }
    }

    /**
     * Looks whether another program took away what is applied (a firewall or network service that
     * was started anew) or drops what shall pass, and puts that right. To be called now and then.
     */
    public void check() {
        if (!started) {
            return;
        }
        String chains = chains();
        boolean here =
                chains.contains("table " + RouterScript.NFT_TABLE + " {")
                        && RouterScript.hasRules(Program.run(List.of("ip", "rule"), "").text());
        if (!here && ownProblems.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "rules were taken away, they are set anew");
            RouterState wanted = applied;
            applied = RouterState.NOTHING;
            undoOwn();
            setUp(wanted, true);
        } else if (applied.forwarding()) {
            List<String> found = new ArrayList<>(ownProblems);
            found.addAll(firewalls.pass(applied.siteGateway(), chains));
            tell(found);
        }
    }

    private void setUp(RouterState wanted, boolean rules) {
        List<String> found = new ArrayList<>();
        boolean v6 = switches.hasIpv6();
        if (rules) {
            ip(true, script.start(true), found);
            if (v6) {
                ip(false, script.start(false), found);
            }
        }
        ip(true, script.change(applied, wanted, true), found);
        if (v6) {
            ip(false, script.change(applied, wanted, false), found);
        }
        boolean filtered = nft(script.nft(wanted, elsewhere), found);
        if (wanted.forwarding() && filtered) {
            found.addAll(switches.forward()); // never without the filter
        }
        ownProblems = List.copyOf(found);
        if (wanted.forwarding()) {
            found.addAll(firewalls.pass(wanted.siteGateway(), chains()));
        } else if (applied.forwarding()) {
            firewalls.undo();
        }
        applied = wanted;
        tell(found);
    }

    private static String chains() {
        return Program.run(List.of("nft", "list", "chains"), "").text();
    }

    private void tell(List<String> found) {
        if (!found.equals(problems)) {
            for (String p : found) {
                LOG.log(System.Logger.Level.WARNING, "routing incomplete cause=\"{0}\"", p);
            }
            problems = List.copyOf(found);
        }
    }

    /** What could not be set up at the last change; empty when all is well. */
    public List<String> problems() {
        return problems;
    }

    /** Undoes everything. */
    @Override
    public void close() {
        if (!started) {
            return;
        }
        started = false;
        undo();
        try {
            switches.putBack();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "not all kernel switches put back", e);
        }
    }

    private void undo() {
        undoOwn();
        firewalls.undo();
    }

    private static void undoOwn() {
        List<String> ignored = new ArrayList<>();
        ip(true, RouterScript.undoIp(), ignored);
        ip(false, RouterScript.undoIp(), ignored);
        nft(RouterScript.undoNft(), ignored);
    }

    private List<String> tailnetElsewhere() throws IOException {
        return LinuxInterfaces.list().stream()
                .filter(i -> !i.name().equals(tun))
                .filter(i -> i.prefixes().stream().anyMatch(LinuxRouter::isTailnet))
                .map(LocalInterface::name)
                .toList();
    }

    private static boolean isTailnet(IpPrefix p) {
        return LinuxInterfaces.TAILNET_V4.contains(p.address())
                || LinuxInterfaces.TAILNET_V6.contains(p.address());
    }

    private static boolean ip(boolean v4, String batch, List<String> problems) {
        return batch.isEmpty()
                || run(List.of("ip", v4 ? "-4" : "-6", "-force", "-batch", "-"), batch, problems);
    }

    private static boolean nft(String text, List<String> problems) {
        return run(List.of("nft", "-f", "-"), text, problems);
    }

    private static boolean run(List<String> words, String input, List<String> problems) {
        Program.Result result = Program.run(words, input);
        if (!result.ok()) {
            problems.add(result.problem());
        }
        return result.ok();
    }
}
