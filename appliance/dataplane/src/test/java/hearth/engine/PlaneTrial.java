package hearth.engine;

import hearth.base.IpPrefix;
import hearth.control.DERPMap;
import hearth.control.FilterRule;
import hearth.control.NetMap;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import hearth.crypto.SecretKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A data plane in a namespace for its test: node {@code self} of two, whose keys follow from their
 * numbers. Input lines: {@code open}, {@code refuse}, {@code status}, {@code close}.
 */
final class PlaneTrial {
    private static final int PORT = 41641;

    private final int self;
    private final int peer;
    private final String peerHost;

    private PlaneTrial(int self, int peer, String peerHost) {
        this.self = self;
        this.peer = peer;
        this.peerHost = peerHost;
    }

    /** Arguments: state folder, own number, the peer's number, the peer's address. */
    public static void main(String[] args) throws IOException {
        var trial = new PlaneTrial(Integer.parseInt(args[1]), Integer.parseInt(args[2]), args[3]);
        var settings =
                new DataPlaneSettings(
                        "hearth0",
                        EngineSettings.onPort(PORT),
                        Path.of(args[0]),
                        RoutingOptions.DEFAULT);
        DataPlane plane =
                DataPlane.open(
                        settings, new SecureRandom(), System::nanoTime, InstantSource.system());
        Member member =
                plane.join(
                        new MemberSettings(
                                key(trial.self),
                                key(100 + trial.self),
                                null,
                                0,
                                (_, _) -> {
                                    throw new IllegalStateException("a relay in the map");
                                },
                                r -> System.out.println("report " + r.endpoints()),
                                o -> System.out.println("offers " + o)));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (line) {
                case "open" -> member.apply(trial.map(true));
                case "refuse" -> member.apply(trial.map(false));
                case "status" -> System.out.println("status " + member.status() + member.drops());
                case "close" -> plane.close();
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println("done " + line + " " + plane.problems());
        }
    }

    private static SecretKey key(int number) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) number);
        return new SecretKey(b);
    }

    private static List<IpPrefix> addresses(int number) {
        return Stream.of("100.64.0." + number + "/32", "fd7a:115c:a1e0::" + number + "/128")
                .map(IpPrefix::parse)
                .toList();
    }

    private NetMap map(boolean open) {
        var all = new NetPortRange("*", PortRange.ALL);
        List<FilterRule> rules =
                open ? List.of(FilterRule.ports(List.of("*"), List.of(all))) : List.of();
        List<InetSocketAddress> endpoints =
                List.of(new InetSocketAddress(InetAddress.ofLiteral(peerHost), PORT));
        return new NetMap(
                new NetMap.Self(
                        self,
                        "self.",
                        key(self).nodeKey(),
                        addresses(self),
                        addresses(self),
                        false),
                List.of(
                        new NetMap.Peer(
                                peer,
                                "peer.",
                                key(peer).nodeKey(),
                                key(100 + peer).discoKey(),
                                addresses(peer),
                                addresses(peer),
                                endpoints,
                                0,
                                true,
                                false)),
                rules,
                DERPMap.EMPTY,
                0);
    }
}
