package hearth.engine;

import hearth.base.IpPrefix;
import hearth.crypto.JdkAead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.wireguard.Gatekeeper;
import hearth.wireguard.SessionTable;
import hearth.wireguard.WireGuard;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;

/** An engine that does nothing, for tests of what stands on a node. */
final class SilentHost implements LocalNode.Host {
    static LocalNode node(SecretKey key) {
        return new LocalNode(
                new SilentHost(),
                new WireGuard(
                        key,
                        new SessionTable(),
                        new Gatekeeper(),
                        JdkAead.BACKEND,
                        new Random(1),
                        InstantSource.system()));
    }

    @Override
    public long now() {
        return 0;
    }

    @Override
    public void changed(WireGuard node) {}

    @Override
    public void setAddresses(LocalNode node, List<IpPrefix> own) {}

    @Override
    public void receiveFromRelay(LocalNode to, RelayLink relay, NodeKey from, byte[] datagram) {}
}
