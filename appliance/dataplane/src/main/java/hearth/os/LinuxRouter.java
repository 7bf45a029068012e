package hearth.os;

import hearth.base.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes the machine route for the engine: a routing table, two rules, one nft table, addresses of
 * the TUN, forwarding. All of it is undone by {@link #close}; {@link #start} first undoes what a
 * crashed run left. What cannot be done is a problem in words, never a failure of the rest.
 * Confined to one thread; every call may take as long as the programs {@code ip} and {@code nft}
 * do, at most some seconds.
 */
public final class LinuxRouter implements AutoCloseable {
    private static final int LIMIT_SECONDS = 20;
    private static final Path PROC = Path.of("/proc/sys");
    private static final System.Logger LOG = System.getLogger(LinuxRouter.class.getName());

    private final RouterScript script;
    private final SystemSwitches switches;
    private final String tun;
    private RouterState applied = RouterState.NOTHING;
    private List<String> elsewhere = List.of();
    private List<String> problems = List.of();
    private boolean started;

    /** {@code stateDir}: where the switches that were turned are remembered. */
    public LinuxRouter(String tun, int mtu, Path stateDir) {
        this.tun = tun;
        this.script = new RouterScript(tun, mtu);
        this.switches = new SystemSwitches(PROC, stateDir.resolve("router.switches"));
    }

    /** The mark that sockets must carry whose packets shall never enter the TUN (SO_MARK). */
    public static int bypassMark() {
        return RouterScript.MARK_BYPASS;
    }

    /** Repairs after a crash, brings the TUN up and puts rules and filter in place. */
    public void start() throws IOException {
        undo();
        switches.repair();
        List<String> found = new ArrayList<>();
        ip(true, script.start(true), found);
        if (switches.hasIpv6()) {
            ip(false, script.start(false), found);
        }
        started = true;
        applied = RouterState.NOTHING;
        elsewhere = tailnetElsewhere();
        nft(script.nft(applied, elsewhere), found);
        problems = List.copyOf(found);
        warn(found);
    }

    /** Changes from what is applied to {@code wanted}; what is already so is left alone. */
    public void apply(RouterState wanted) throws IOException {
        if (!started) {
            throw new IllegalStateException("apply before start");
        }
        List<String> others = tailnetElsewhere();
        if (wanted.equals(applied) && others.equals(elsewhere)) {
            return;
        }
        List<String> found = new ArrayList<>();
        ip(true, script.change(applied, wanted, true), found);
        if (switches.hasIpv6()) {
            ip(false, script.change(applied, wanted, false), found);
        }
        boolean filtered = nft(script.nft(wanted, others), found);
        if (wanted.forwarding() && filtered) {
            found.addAll(switches.forward()); // never without the filter
        }
        applied = wanted;
        elsewhere = others;
        problems = List.copyOf(found);
        warn(found);
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

    private static void undo() {
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

    private static void warn(List<String> problems) {
        for (String p : problems) {
            LOG.log(System.Logger.Level.WARNING, "routing incomplete cause=\"{0}\"", p);
        }
    }

    private static boolean ip(boolean v4, String batch, List<String> problems) {
        return batch.isEmpty()
                || run(List.of("ip", v4 ? "-4" : "-6", "-force", "-batch", "-"), batch, problems);
    }

    private static boolean nft(String text, List<String> problems) {
        return run(List.of("nft", "-f", "-"), text, problems);
    }

    private static boolean run(List<String> words, String input, List<String> problems) {
        try {
            Process p = new ProcessBuilder(words).redirectErrorStream(true).start();
            try (var in = p.outputWriter(StandardCharsets.UTF_8)) {
                in.write(input);
            } catch (IOException e) {
                problems.add(words.getFirst() + ": " + e.getMessage());
            }
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!p.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                p.destroyForcibly();
                problems.add(words.getFirst() + " took longer than " + LIMIT_SECONDS + " s");
                return false;
            }
            if (p.exitValue() != 0) {
                String first = said.lines().findFirst().orElse("exit status " + p.exitValue());
                problems.add(words.getFirst() + ": " + first);
                return false;
            }
            return true;
        } catch (IOException e) {
            problems.add("cannot run " + words.getFirst() + ": install it");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add(words.getFirst() + " interrupted");
            return false;
        }
    }
}
