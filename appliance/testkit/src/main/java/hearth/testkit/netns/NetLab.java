package hearth.testkit.netns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hosts on one machine: namespaces joined by veth pairs. Needs root. Each lab has its own names, so
 * that labs run side by side; {@link #close} ends every program and removes every namespace.
 */
public final class NetLab implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String prefix;
    private final Path dir;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private int links;

    /** {@code dir}: where the hosts keep their files; the caller removes it. */
    public NetLab(Path dir) {
        this.dir = dir;
        this.prefix = "h" + ProcessHandle.current().pid() + "x" + COUNT.incrementAndGet();
    }

    /** Whether this process may make namespaces. */
    public static boolean possible() {
        return "root".equals(System.getProperty("user.name"))
                && Command.run("ip", "netns", "list").ok();
    }

    public Host host(String name) {
        return hosts.computeIfAbsent(name, this::make);
    }

    private Host make(String name) {
        String namespace = prefix + name;
        try {
            Path home = Files.createDirectories(dir.resolve(name));
            Path etc = Files.createDirectories(Path.of("/etc/netns", namespace));
            Files.writeString(etc.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
            Files.writeString(etc.resolve("hosts"), "127.0.0.1 localhost\n::1 localhost\n");
            Command.run("ip", "netns", "add", namespace).must();
            Host host = new Host(namespace, home);
            host.run("ip", "link", "set", "lo", "up").must();
            return host;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Joins two hosts; addresses with prefix length, several separated by a comma. */
    public void link(String a, String addressesA, String b, String addressesB) {
        int n = ++links;
        String ifA = "e" + n + "a";
        String ifB = "e" + n + "b";
        Host hostA = host(a);
        Host hostB = host(b);
        String tmpA = prefix + "a" + n;
        String tmpB = prefix + "b" + n;
        Command.run("ip", "link", "add", tmpA, "type", "veth", "peer", "name", tmpB).must();
        place(hostA, tmpA, ifA, addressesA);
        place(hostB, tmpB, ifB, addressesB);
    }

    private static void place(Host host, String temporary, String name, String addresses) {
        Command.run("ip", "link", "set", temporary, "netns", host.namespace()).must();
        host.run("ip", "link", "set", temporary, "name", name).must();
        for (String address : addresses.split(",", -1)) {
            host.run("ip", "address", "add", address, "dev", name, "nodad").must();
        }
        host.run("ip", "link", "set", name, "up").must();
    }

    /**
     * Joins {@code host} to a router that is its way to everything else.
     *
     * @param nets what the addresses of the link begin with, {@code 10.77.1.} or {@code fd77:1::};
     *     the router is 1 in each, the host 2
     */
    public void behind(String router, String host, String... nets) {
        link(router, addresses(nets, 1), host, addresses(nets, 2));
        for (String net : nets) {
            route(host, net + 1);
        }
    }

    private static String addresses(String[] nets, int number) {
        List<String> all = new ArrayList<>();
        for (String net : nets) {
            all.add(net + number + (net.contains(":") ? "/64" : "/24"));
        }
        return String.join(",", all);
    }

    /** Gives {@code host} default routes. */
    public void route(String host, String... gateways) {
        for (String gateway : gateways) {
            host(host).run("ip", "route", "add", "default", "via", gateway).must();
        }
    }

    /** Lets {@code router} pass packets on. */
    public void forward(String router) {
        host(router)
                .shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
                .must();
    }

    /** A name that every host resolves. */
    public void name(String address, String name) {
        for (Host h : hosts.values()) {
            try {
                Path file = Path.of("/etc/netns", h.namespace(), "hosts");
                Files.writeString(file, Files.readString(file) + address + " " + name + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        List<Host> all = new ArrayList<>(hosts.values()).reversed();
        all.forEach(Host::end);
        for (Host h : all) {
            Command.run("ip", "netns", "delete", h.namespace());
            Path etc = Path.of("/etc/netns", h.namespace());
            try (var files = Files.walk(etc)) {
                files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
