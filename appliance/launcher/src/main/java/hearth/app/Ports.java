package hearth.app;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Chooses TCP ports at start and names who holds a port that is taken. Linux. */
final class Ports {
    /**
     * A port to listen on.
     *
     * @param remark why it is not the usual one, null when it is
     */
    record Choice(int port, @Nullable String remark) {}

    private static final String LISTEN_STATE = "0A"; // include/net/tcp_states.h

    private Ports() {}

    /**
     * The port given by hand, else {@code usual}, else {@code fallback}; a taken one is an error.
     */
    static Choice choose(
            String name, OptionalInt given, int usual, int fallback, @Nullable InetAddress on)
            throws IOException {
        if (given.isPresent()) {
            String objection = given.getAsInt() == 0 ? null : objection(given.getAsInt(), on);
            if (objection != null) {
                throw new IOException("--" + name + " " + given.getAsInt() + ": " + objection);
            }
            return new Choice(given.getAsInt(), null);
        }
        String objection = objection(usual, on);
        if (objection == null) {
            return new Choice(usual, null);
        }
        String second = objection(fallback, on);
        if (second != null) {
            throw new IOException(
                    name
                            + ": neither "
                            + usual
                            + " ("
                            + objection
                            + ") nor "
                            + fallback
                            + " ("
                            + second
                            + ")");
        }
        return new Choice(
                fallback, "port " + usual + ": " + objection + ", listening on " + fallback);
    }

    private static @Nullable String objection(int port, @Nullable InetAddress on) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(on == null ? new InetSocketAddress(port) : new InetSocketAddress(on, port));
            return null;
        } catch (BindException e) {
            String text = String.valueOf(e.getMessage());
            boolean denied = text.toLowerCase(Locale.ROOT).contains("permission");
            return denied
                    ? "no right to bind it (CAP_NET_BIND_SERVICE)"
                    : "in use by " + holder(port);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** {@code name (pid)} of the process that listens on a TCP port, as far as may be seen. */
    static String holder(int port) {
        String hex = String.format(Locale.ROOT, ":%04X", port);
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : lines(Path.of(table))) {
                String[] f = line.strip().split("\\s+", -1);
                if (f.length > 9 && f[1].endsWith(hex) && f[3].equals(LISTEN_STATE)) {
                    return process("socket:[" + f[9] + "]");
                }
            }
        }
        return "an unknown process";
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String process(String socket) {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(p -> p.getFileName().toString().matches("[0-9]+"))
                    .filter(p -> holds(p, socket))
                    .findFirst()
                    .map(
                            p ->
                                    String.join("", lines(p.resolve("comm")))
                                            + " (pid "
                                            + p.getFileName()
                                            + ")")
                    .orElse("a process of another user");
        } catch (IOException e) {
            return "an unknown process";
        }
    }

    private static boolean holds(Path process, String socket) {
        try (Stream<Path> fds = Files.list(process.resolve("fd"))) {
            return fds.anyMatch(fd -> socket.equals(target(fd)));
        } catch (IOException e) {
            return false; // not ours to see, or gone
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
