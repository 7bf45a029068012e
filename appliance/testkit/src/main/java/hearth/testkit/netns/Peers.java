package hearth.testkit.netns;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the real peers are: {@code HEARTH_PEERS}, else {@code ~/.cache/hearth-peers} (see
 * .ci/peers).
 */
public final class Peers {
    public static final String NEWEST = "1.102.5";
    public static final String OLDEST = "1.80.3";
    public static final List<String> VERSIONS = List.of(NEWEST, OLDEST);

    private Peers() {}

    public static Path root() {
        String named = System.getenv("HEARTH_PEERS");
        return named != null && !named.isEmpty()
                ? Path.of(named)
                : Path.of(System.getProperty("user.home"), ".cache", "hearth-peers");
    }

    /**
     * A program below {@link #root}, e.g. {@code "1.102.5/tailscaled"} or {@code "wg/wireguard"}.
     */
    public static Path program(String name) {
        Path p = root().resolve(name);
        if (!Files.isExecutable(p)) {
            throw new IllegalStateException("no " + name + " in " + root() + ": run .ci/peers");
        }
        return p;
    }
}
