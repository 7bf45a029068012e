package hearth.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Kernel switches that we turn and put back. What a switch was before is on disk before it is
 * turned, so that a start after a crash can put it back. Confined to one thread.
 *
 * <p>File: a line a switch, path below /proc/sys and old value, separated by a blank.
 */
final class SystemSwitches {
    private static final String V4_FORWARD = "net/ipv4/ip_forward";
    private static final String V6_FORWARD = "net/ipv6/conf/all/forwarding";

    private final Path proc;
    private final Path memory;
    private final Map<String, String> before = new LinkedHashMap<>();

    /** {@code proc}: /proc/sys; {@code memory}: the file that remembers. */
    SystemSwitches(Path proc, Path memory) {
        this.proc = proc;
        this.memory = memory;
    }

    boolean hasIpv6() {
        return Files.exists(proc.resolve("net/ipv6/conf/all"))
                && !"1".equals(value("net/ipv6/conf/all/disable_ipv6"));
    }

    /** Puts back what an earlier run left turned. */
    void repair() throws IOException {
        if (!Files.exists(memory)) {
            return;
        }
        for (String line : Files.readAllLines(memory)) {
            int blank = line.indexOf(' ');
            if (blank > 0 && !line.contains("..")) {
                write(line.substring(0, blank), line.substring(blank + 1));
            }
        }
        Files.delete(memory);
    }

    /**
     * Lets packets pass between interfaces, in both families where there are two.
     *
     * @return what could not be done, in words; empty when all is well
     */
    List<String> forward() {
        List<String> problems = new ArrayList<>();
        if (hasIpv6()) {
            keepRouterAdvertisements();
            turn(V6_FORWARD, "1", problems);
        }
        turn(V4_FORWARD, "1", problems);
        return problems;
    }

    /** With forwarding on, an interface listens to router advertisements only at accept_ra 2. */
    private void keepRouterAdvertisements() {
        try (Stream<Path> interfaces = Files.list(proc.resolve("net/ipv6/conf"))) {
            for (Path i : interfaces.sorted().toList()) {
                String name = i.getFileName().toString();
                boolean forAll = name.equals("all") || name.equals("default");
                String file = "net/ipv6/conf/" + name + "/accept_ra";
                if (!forAll && "1".equals(value(file))) {
                    turn(file, "2", new ArrayList<>());
                }
            }
        } catch (IOException e) {
            // no IPv6 after all: there is nothing to keep
        }
    }

    private void turn(String file, String to, List<String> problems) {
        String now = value(file);
        if (to.equals(now)) {
            return;
        }
        try {
            before.putIfAbsent(file, now);
            remember();
            write(file, to);
        } catch (IOException e) {
            problems.add(file.replace('/', '.') + " is " + now + " and cannot be set to " + to);
        }
    }

    private void remember() throws IOException {
        var text = new StringBuilder();
        before.forEach((file, value) -> text.append(file).append(' ').append(value).append('\n'));
        StateFile.replace(memory, text.toString());
    }

    /** Puts back what this run turned. */
    void putBack() throws IOException {
        IOException failure = null;
        for (Map.Entry<String, String> e : before.entrySet()) {
            try {
                write(e.getKey(), e.getValue());
            } catch (IOException x) {
                failure = x; // an interface went away; the others are still put back
            }
        }
        before.clear();
        Files.deleteIfExists(memory);
        if (failure != null) {
            throw failure;
        }
    }

    private String value(String file) {
        try {
            return Files.readString(proc.resolve(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private void write(String file, String value) throws IOException {
        Path p = proc.resolve(file);
        if (Files.exists(p)) {
            Files.writeString(p, value);
        }
    }
}
