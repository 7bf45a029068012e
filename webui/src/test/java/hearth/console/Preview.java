package hearth.console;

import hearth.base.Refused;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Node;
import hearth.tailnet.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/**
 * Serves the console with a sample network, to look at it: {@code main PORT [fresh]}. Signed in by
 * ana and "four quiet green words". Stops with its process.
 */
final class Preview {
    private Preview() {}

    public static void main(String[] args) throws Exception {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8090;
        Served served = Served.start(InstantSource.system(), port, _ -> true);
        if (args.length > 1) {
            System.out.println("setup token " + served.logins.setupToken().orElse("none"));
        } else {
            fill(served);
        }
        System.out.println(served.base() + "/admin");
        new CountDownLatch(1).await();
    }

    static void fill(Served s) throws Refused {
        var _ = s.owner();
        s.appliance();
        s.tailnet.createUser(s.actor(), "leo", "Leo", Role.MEMBER);
        s.tailnet.createUser(s.actor(), "mira", "Mira with a rather long name", Role.NETWORK_ADMIN);
        String[][] devices = {
            {"nas", "linux", "tag:server"},
            {"ana-laptop", "macOS"},
            {"ana-iphone", "iOS"},
            {"living-room-tv", "tvOS"},
            {"leos-very-old-and-very-long-windows-machine-name-2019", "windows"},
            {"cabin", "linux", "tag:router", "tag:backup-target"},
            {"<img src=x onerror=alert(1)>", "android"},
            {"old-phone", "android"},
        };
        Paths.Report direct =
                new Paths.Report(
                        Paths.Kind.DIRECT,
                        "192.168.1.31:41641",
                        Duration.ofMillis(4),
                        Instant.now());
        Paths.Report relayed =
                new Paths.Report(
                        Paths.Kind.RELAYED, "hearth", Duration.ofMillis(41), Instant.now());
        int i = 0;
        for (String[] d : devices) {
            String[] tags = Arrays.copyOfRange(d, 2, d.length);
            Node n = s.joins(d[0], d[1], tags);
            i++;
            if (i % 3 != 2 && i < 8) {
                var _ = s.tailnet.connected(n.id());
                if (i != 4) {
                    s.paths.put(n.id(), i % 2 == 0 ? relayed : direct);
                }
            }
            if (d[0].equals("cabin")) {
                s.offers(n, "10.9.0.0/24", "0.0.0.0/0", "::/0");
                var _ = s.tailnet.renameNode(s.actor(), n.id(), "cabin-router");
            }
            if (d[0].equals("old-phone")) {
                var _ = s.tailnet.expireNode(s.actor(), n.id());
            }
        }
        var _ = s.asks("iPhone of Leo", "iOS");
        var _ = s.tailnet.createKey(s.actor(), KeyOptions.manyTimes());
        var _ = s.tailnet.createKey(s.actor(), KeyOptions.oneOff().withTags("tag:server"));
    }
}
