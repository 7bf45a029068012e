package hearth.listen;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the program that listens on a TCP port, by Linux's /proc. */
final class PortHolder {
    private static final String LISTEN = "0A"; // net/tcp_states.h: TCP_LISTEN
    private static final int LOCAL = 1; // columns of /proc/net/tcp
    private static final int STATE = 3;
    private static final int INODE = 9;

    private PortHolder() {}

    /** The program's name and process, as far as we may see it, null when it is not found. */
    static @Nullable String find(int port) {
        try {
            for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                String inode = Files.exists(Path.of(table)) ? inode(Path.of(table), port) : null;
                if (inode != null) {
                    return program("socket:[" + inode + "]");
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // /proc is not to be read: nobody is named
        }
        return null;
    }

    private static @Nullable String inode(Path table, int port) throws IOException {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        for (String line : Files.readAllLines(table)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns.length > INODE
                    && columns[LOCAL].endsWith(suffix)
                    && columns[STATE].equals(LISTEN)) {
                return columns[INODE];
            }
        }
        return null;
    }

    private static @Nullable String program(String link) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path p : (Iterable<Path>) processes::iterator) {
                if (p.getFileName().toString().matches("\\d+") && holds(p, link)) {
                    String name = Files.readString(p.resolve("comm")).strip();
                    return name + " (process " + p.getFileName() + ")";
                }
            }
        }
        return null;
    }

    private static boolean holds(Path process, String link) {
        try (Stream<Path> files = Files.list(process.resolve("fd"))) {
            return files.anyMatch(f -> link.equals(target(f)));
        } catch (IOException | UncheckedIOException e) {
            return false; // another user's, or gone
        }
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
