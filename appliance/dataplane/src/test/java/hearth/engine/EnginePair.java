package hearth.engine;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.crypto.Aead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.os.PipeDevice;
import hearth.os.Tun;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Two engines in one process, over loopback or a relay in memory, with pipes for TUNs. */
final class EnginePair implements AutoCloseable {
    static final UdpAddress NOWHERE = UdpAddress.of(IpAddress.parse("127.0.0.1"), 9);

    final End a;
    final End b;

    /** One engine with one node; its inner addresses are 10.0.0.NUMBER and fd00::NUMBER. */
    static final class End implements DerpRoute {
        final SecretKey key;
        final PipeDevice device = new PipeDevice(Tun.Offload.ALL);
        final Engine engine;
        final LocalNode node;
        @Nullable End other;

        End(int number, EngineSettings settings, Aead.Backend cipher) throws IOException {
            var random = new Random(number);
            key = SecretKey.generate(random);
            engine =
                    new Engine(
                            settings,
                            device,
                            cipher,
                            random,
                            System::nanoTime,
                            InstantSource.system());
            engine.start();
            node = engine.call(() -> engine.addNode(key));
        }

        void meet(End peer, int number, Path path) {
            other = peer;
            List<IpPrefix> allowed =
                    List.of(
                            IpPrefix.parse("10.0.0." + number + "/32"),
                            IpPrefix.parse("fd00::" + number + "/128"));
            var spec = new PeerSpec(peer.node.key(), allowed, new RoamingPath(path), Duration.ZERO);
            engine.call(
                    () -> {
                        node.setPeers(List.of(spec));
                        return true;
                    });
        }

        /** The relay in memory: to the other end at once. */
        @Override
        public boolean send(NodeKey to, byte[] datagram) {
            End o = other;
            if (o == null || !to.equals(o.node.key())) {
                return false;
            }
            o.node.receiveFromRelay(o, node.key(), datagram);
            return true;
        }

        UdpAddress address() throws IOException {
            return UdpAddress.of(IpAddress.parse("127.0.0.1"), engine.udpPort());
        }

        /** The next frame that the engine gives out, or null after two seconds. */
        byte @Nullable [] take() throws InterruptedException {
            long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            byte[] frame = device.take();
            while (frame == null && System.nanoTime() - end < 0) {
                Thread.sleep(1);
                frame = device.take();
            }
            return frame;
        }
    }

    EnginePair(EngineSettings settings, Aead.Backend cipher, boolean relayed) throws IOException {
        a = new End(1, settings, cipher);
        b = new End(2, settings, cipher);
        a.meet(b, 2, relayed ? new Path(null, a) : new Path(b.address(), null));
        b.meet(a, 1, relayed ? new Path(null, b) : new Path(a.address(), null));
    }

    @Override
    public void close() {
        a.engine.close();
        b.engine.close();
    }
}
