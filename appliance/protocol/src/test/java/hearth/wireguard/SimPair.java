package hearth.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.JdkAead;
import hearth.crypto.SecretKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Two nodes on a wire that the test owns: datagrams lie in queues until they are delivered. */
final class SimPair implements AutoCloseable {
    static final long SECOND = 1_000_000_000L;
    private static final int STAGED = 128;

    final Random random;
    long now = Long.MAX_VALUE - 5 * SECOND; // crosses the wrap of the monotonic clock
    Instant wall = Instant.parse("2026-01-01T00:00:00Z");
    final Node a;
    final Node b;

    SimPair(long seed) {
        random = new Random(seed);
        SecretKey ka = SecretKey.generate(random);
        SecretKey kb = SecretKey.generate(random);
        a = new Node("a", ka, kb);
        b = new Node("b", kb, ka);
        a.other = b;
        b.other = a;
    }

    void advance(double seconds) {
        long nanos = (long) (seconds * SECOND);
        now += nanos;
        wall = wall.plusNanos(nanos);
    }

    /** Runs timers and delivers everything until {@code seconds} have passed. */
    void run(double seconds) {
        long end = now + (long) (seconds * SECOND);
        while (true) {
            boolean moved = true;
            while (moved) {
                a.poll();
                b.poll();
                moved = a.deliverAll();
                moved |= b.deliverAll();
            }
            if (end - now <= 0) {
                return;
            }
            long step = Math.min(Math.min(a.deadline - now, b.deadline - now), end - now);
            advance(Math.max(step, 1_000_000L) / (double) SECOND);
        }
    }

    @Override
    public void close() {
        a.slab.close();
        b.slab.close();
    }

    /** What a node does around {@link WireGuard}: the sender's and the receiver's part. */
    final class Node {
        final String name;
        final SessionTable sessions = new SessionTable();
        final Gatekeeper gate = new Gatekeeper();
        final WireGuard wg;
        final Peer peer;
        final Slab slab = new Slab(4096);
        final Deque<byte[]> inbox = new ArrayDeque<>();
        final Deque<String> staged = new ArrayDeque<>();
        final List<String> got = new ArrayList<>();
        final List<Integer> sentTypes = new ArrayList<>();
        long deadline;
        int silent;
        int keepalives;
        int roamed;
        HandshakeSource source = new HandshakeSource(0, 0xffff_0a00_0001L, 41641);
        @Nullable Node other;
        boolean cut;

        Node(String name, SecretKey own, SecretKey theirs) {
            this.name = name;
            this.wg =
                    new WireGuard(
                            own, sessions, gate, JdkAead.BACKEND, random, () -> SimPair.this.wall);
            this.peer = wg.addPeer(theirs.nodeKey(), this, now);
        }

        void poll() {
            deadline = wg.poll(now);
            drain();
        }

        void send(String text) {
            if (!seal(text)) {
                if (staged.size() == STAGED) {
                    staged.removeFirst();
                }
                staged.add(text);
                if (peer.askForHandshake()) {
                    wg.initiate(peer, now);
                }
            }
            drain();
        }

        private boolean seal(String text) {
            Keypair k = peer.sending(now);
            if (k == null) {
                return false;
            }
            byte[] plain = text.getBytes(US_ASCII);
            Memory.copyIn(plain, 0, slab.address() + 16, plain.length);
            int length = k.seal(slab.address(), plain.length);
            emit(Memory.bytes(slab.address(), length));
            if (peer.sent(k, plain.length > 0, now) && peer.askForHandshake()) {
                wg.initiate(peer, now);
            }
            return true;
        }

        private void emit(byte[] datagram) {
            sentTypes.add((int) datagram[0]);
            Node o = other;
            if (!cut && o != null) {
                o.inbox.add(datagram);
            }
        }

        boolean deliverAll() {
            boolean any = !inbox.isEmpty();
            while (!inbox.isEmpty()) {
                deliver(inbox.remove());
            }
            return any;
        }

        void deliver(byte[] datagram) {
            if (datagram[0] == Messages.TRANSPORT) {
                receiveTransport(datagram);
            } else if (wg.receive(datagram, source, now) != null) {
                roamed++;
            }
            drain();
        }

        private void receiveTransport(byte[] datagram) {
            Memory.copyIn(datagram, 0, slab.address(), datagram.length);
            Keypair k = sessions.keypair(Memory.i32le(slab.address() + 4));
            if (k == null) {
                return;
            }
            int plain = k.open(slab.address(), datagram.length, now);
            if (plain < 0) {
                return;
            }
            int flags = peer.received(k, plain > 0, now);
            if ((flags & Peer.CONFIRMED) != 0) {
                wg.confirmed(k, now);
            }
            if ((flags & Peer.WANTS_HANDSHAKE) != 0 && peer.askForHandshake()) {
                wg.initiate(peer, now);
            }
            if (plain > 0) {
                got.add(new String(Memory.bytes(slab.address() + 16, plain), US_ASCII));
            } else {
                keepalives++;
            }
        }

        void drain() {
            for (Output o = wg.nextOutput(); o != null; o = wg.nextOutput()) {
                switch (o) {
                    case Output.Send s -> emit(s.datagram());
                    case Output.Reply r -> emit(r.datagram());
                    case Output.Flush f -> flush(f.keepalive());
                    case Output.DropStaged _ -> staged.clear();
                    case Output.Silent _ -> silent++;
                    case Output.Retired r -> {
                        r.keypair().closeSending();
                        r.keypair().closeReceiving();
                    }
                }
            }
        }

        private void flush(boolean keepalive) {
            if (staged.isEmpty() && keepalive && !seal("") && peer.askForHandshake()) {
                wg.initiate(peer, now);
            }
            while (!staged.isEmpty() && seal(staged.peekFirst())) {
                staged.removeFirst();
            }
        }

        long sent(int type) {
            return sentTypes.stream().filter(t -> t == type).count();
        }
    }
}
