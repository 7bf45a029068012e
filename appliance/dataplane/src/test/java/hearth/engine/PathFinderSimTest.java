package hearth.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.disco.PathAction;
import hearth.disco.PathFinder;
import hearth.disco.PathPeer;
import hearth.disco.PathStatus;
import hearth.testkit.ManualClock;
import hearth.testkit.SimNet;
import hearth.testkit.SimNet.NatKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two path cores on a simulated internet: NAT kinds, loss, reordering, cuts, restarts. */
final class PathFinderSimTest {
    private static final long SEED = 99;
    private static final Duration STEP = Duration.ofMillis(100);
    private static final InetSocketAddress STUN =
            new InetSocketAddress(InetAddress.ofLiteral("203.0.113.1"), 3478);

    private final ManualClock clock = new ManualClock();
    private final Random random = new Random(SEED);
    private final SimNet net = new SimNet(clock, random);
    private final Map<NodeKey, Node> relay = new HashMap<>();
    private boolean relayUp = true;

    private final class Node {
        final NodeKey key = SecretKey.generate(random).nodeKey();
        SimNet.@Nullable Socket socket;
        PathFinder finder = new PathFinder(SecretKey.generate(random), key, random);
        @Nullable InetSocketAddress direct;
        long trustedUntil;
        int changes;
        int resets;

        void receive(byte[] datagram, InetSocketAddress from) {
            finder.receive(datagram, from, clock.nanos());
            act();
        }

        void act() {
            for (PathAction action : finder.take()) {
                switch (action) {
                    case PathAction.ToUdp a -> socket().send(a.to(), a.datagram());
                    case PathAction.ToRelay a -> toRelay(a);
                    case PathAction.Routed r -> {
                        if (r.direct() == null || !r.direct().equals(direct)) {
                            changes++;
                        }
                        direct = r.direct();
                        trustedUntil = r.trustedUntilNanos();
                    }
                    case PathAction.ResetSession _ -> resets++;
                    case PathAction.SeenAs _ -> {}
                }
            }
        }

        private void toRelay(PathAction.ToRelay a) {
            Node to = relay.get(a.to());
            if (relayUp && to != null) {
                net.after(
                        Duration.ofMillis(40),
                        () -> {
                            to.finder.receiveByRelay(a.datagram(), key, 900, clock.nanos());
                            to.act();
                        });
            }
        }

        SimNet.Socket socket() {
            SimNet.Socket s = socket;
            if (s == null) {
                throw new IllegalStateException("no socket");
            }
            return s;
        }

        boolean isDirect() {
            return direct != null && clock.nanos() - trustedUntil < 0;
        }

        List<InetSocketAddress> endpoints() {
            return List.of(socket().local(), socket().seenBy(STUN));
        }
    }

    private final Node a = new Node();
    private final Node b = new Node();

    /** Both know each other by the map, which carries no endpoints: CallMeMaybe must do it. */
    private void meet() {
        relay.put(a.key, a);
        relay.put(b.key, b);
        a.finder.ownEndpoints(a.endpoints());
        b.finder.ownEndpoints(b.endpoints());
        map(a, b);
        map(b, a);
    }

    private void map(Node to, Node peer) {
        to.finder.apply(
                List.of(new PathPeer(peer.key, peer.finder.discoKey(), List.of())), clock.nanos());
        to.act();
    }

    /** Data flows from a to b and is answered at once. */
    private void talk(Duration time) {
        for (long i = 0; i < time.dividedBy(STEP); i++) {
            for (Node n : List.of(a, b)) {
                n.finder.sent(n == a ? b.key : a.key, clock.nanos());
                n.finder.poll(clock.nanos());
                n.act();
            }
            net.run(STEP);
        }
    }

    private void behind(NatKind natA, NatKind natB) {
        a.socket = net.nat("198.51.100.1", natA).socket("192.168.1.2", 41641, a::receive);
        b.socket = net.nat("198.51.100.2", natB).socket("192.168.2.2", 41641, b::receive);
        meet();
    }

    private void inTheOpen() {
        a.socket = net.socket("203.0.113.10", 41641, a::receive);
        b.socket = net.socket("203.0.113.11", 41641, b::receive);
        meet();
    }

    @Test
    void directWithinASecondInTheOpen() {
        inTheOpen();
        talk(Duration.ofSeconds(1));
        assertTrue(a.isDirect() && b.isDirect());
        assertEquals(b.socket().local(), a.direct);
        PathStatus status = a.finder.status(b.key, clock.nanos());
        assertNotNull(status);
        assertTrue(status.trusted());
        assertEquals(Duration.ofMillis(20), status.latency());
    }

    @Test
    void directThroughTwoPortRestrictedNats() {
        behind(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED);
        talk(Duration.ofSeconds(6));
        assertTrue(a.isDirect() && b.isDirect());
    }

    @Test
    void directFromASymmetricNatToAnOpenOne() {
        behind(NatKind.SYMMETRIC, NatKind.FULL_CONE);
        talk(Duration.ofSeconds(6));
        assertTrue(a.isDirect() && b.isDirect());
    }

    @Test
    void twoHardNatsStayOnTheRelayWithoutFlapping() {
        behind(NatKind.SYMMETRIC, NatKind.SYMMETRIC);
        talk(Duration.ofMinutes(10));
        assertNull(a.direct);
        assertNull(b.direct);
        assertEquals(0, a.changes + b.changes);
    }

    @Test
    void neighboursUseTheirPrivateAddresses() {
        SimNet.Nat home = net.nat("198.51.100.1", NatKind.SYMMETRIC);
        a.socket = home.socket("192.168.1.2", 41641, a::receive);
        b.socket = home.socket("192.168.1.3", 41641, b::receive);
        meet();
        talk(Duration.ofSeconds(1));
        assertTrue(a.isDirect());
        assertEquals(b.socket().local(), a.direct);
    }

    @Test
    void fallsToTheRelayWithinTheTrustTimeAndComesBack() {
        inTheOpen();
        talk(Duration.ofSeconds(20));
        assertTrue(a.isDirect());
        net.block((_, _) -> true);
        talk(Duration.ofMillis(6_600));
        assertTrue(!a.isDirect() && !b.isDirect());
        talk(Duration.ofSeconds(6));
        assertNull(a.direct);
        assertNull(b.direct);
        net.block((_, _) -> false);
        talk(Duration.ofSeconds(6));
        assertTrue(a.isDirect() && b.isDirect());
    }

    @Test
    void aNatThatForgetsItsBindingsIsPassedAgain() {
        SimNet.Nat natA = net.nat("198.51.100.1", NatKind.PORT_RESTRICTED);
        a.socket = natA.socket("192.168.1.2", 41641, a::receive);
        b.socket =
                net.nat("198.51.100.2", NatKind.PORT_RESTRICTED)
                        .socket("192.168.2.2", 41641, b::receive);
        meet();
        talk(Duration.ofSeconds(6));
        assertTrue(a.isDirect());
        natA.forget();
        a.finder.ownEndpoints(a.endpoints());
        talk(Duration.ofSeconds(12));
        assertTrue(a.isDirect() && b.isDirect());
    }

    @Test
    void aRestartedPeerIsDirectAgainWithinFiveSeconds() {
        inTheOpen();
        talk(Duration.ofSeconds(5));
        b.finder = new PathFinder(SecretKey.generate(random), b.key, random);
        b.finder.ownEndpoints(b.endpoints());
        b.direct = null;
        map(b, a);
        map(a, b); // the control plane tells the new disco key at once
        assertEquals(1, a.resets);
        assertNull(a.direct);
        talk(Duration.ofSeconds(5));
        assertTrue(a.isDirect() && b.isDirect());
    }

    @Test
    void staysDirectThroughAnHourOfLossAndReordering() {
        inTheOpen();
        net.lossPercent(10);
        net.latency(Duration.ofMillis(10), Duration.ofMillis(30));
        talk(Duration.ofSeconds(10));
        int directSteps = 0;
        int steps = 600;
        for (int i = 0; i < steps; i++) {
            talk(Duration.ofSeconds(6));
            directSteps += a.isDirect() ? 1 : 0;
        }
        assertTrue(directSteps > steps * 90 / 100, "direct in " + directSteps + " of " + steps);
    }

    @Test
    void findsTheWayWithoutRelayWhenTheMapHasEndpoints() {
        relayUp = false;
        inTheOpen();
        a.finder.apply(
                List.of(new PathPeer(b.key, b.finder.discoKey(), b.endpoints())), clock.nanos());
        talk(Duration.ofSeconds(1));
        assertTrue(a.isDirect() && b.isDirect());
    }

    @Test
    void anIdlePairSendsNothing() {
        inTheOpen();
        talk(Duration.ofSeconds(5));
        var sent = new ArrayList<PathAction>();
        for (int i = 0; i < 600; i++) {
            net.run(Duration.ofSeconds(1));
            a.finder.poll(clock.nanos());
            b.finder.poll(clock.nanos());
            if (i > 60) {
                sent.addAll(a.finder.take());
                sent.addAll(b.finder.take());
            } else {
                a.act();
                b.act();
            }
        }
        assertEquals(List.of(), sent);
    }
}
