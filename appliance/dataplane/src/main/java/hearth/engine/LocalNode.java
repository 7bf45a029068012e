package hearth.engine;

import hearth.base.IpPrefix;
import hearth.crypto.NodeKey;
import hearth.packet.PrefixTable;
import hearth.wireguard.Peer;
import hearth.wireguard.WireGuard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node that this engine plays: own keys, own peers; shares the UDP port and the TUN. Its methods
 * belong to the control thread ({@link Engine#execute}) unless they say otherwise.
 */
final class LocalNode {
    /** What a node needs of its host. */
    interface Host {
        long now();

        /** After any change of {@code node}: does what it wants done. */
        void changed(WireGuard node);

        void setAddresses(LocalNode node, List<IpPrefix> own);

        void receiveFromRelay(LocalNode to, DerpRoute relay, NodeKey from, byte[] datagram);
    }

    private final Host host;
    private final WireGuard wireguard;
    private final Map<NodeKey, RemotePeer> peers = new HashMap<>();
    private volatile PrefixTable<RemotePeer> table = PrefixTable.of(List.of());
    private volatile InnerFilter filter = InnerFilter.ALLOW_ALL;

    LocalNode(Host host, WireGuard wireguard) {
        this.host = host;
        this.wireguard = wireguard;
    }

    /** Any thread. */
    public NodeKey key() {
        return wireguard.publicKey();
    }

    WireGuard wireguard() {
        return wireguard;
    }

    /** Which peer owns an inner address. Any thread. */
    PrefixTable<RemotePeer> table() {
        return table;
    }

    /** Any thread. */
    InnerFilter filter() {
        return filter;
    }

    /** Any thread; counts from the next packet on. */
    void setFilter(InnerFilter f) {
        filter = f;
    }

    Collection<RemotePeer> peers() {
        return Collections.unmodifiableCollection(peers.values());
    }

    @Nullable RemotePeer peer(NodeKey peerKey) {
        return peers.get(peerKey);
    }

    /** The inner addresses of this node: packets that carry one as source leave through it. */
    public void setAddresses(List<IpPrefix> addresses) {
        host.setAddresses(this, addresses);
    }

    /** Makes {@code specs} the peers: sessions of those that stay go on. */
    void setPeers(List<PeerSpec> specs) {
        long now = host.now();
        Set<NodeKey> wanted = new HashSet<>();
        List<Map.Entry<IpPrefix, RemotePeer>> owners = new ArrayList<>();
        for (PeerSpec s : specs) {
            wanted.add(s.key());
            RemotePeer p = peers.get(s.key());
            if (p == null) {
                p = add(s, now);
            }
            wireguard.setPersistentKeepalive(p.session(), s.keepalive(), now);
            for (IpPrefix prefix : s.allowedIps()) {
                owners.add(Map.entry(prefix, p));
            }
        }
        table = PrefixTable.of(owners);
        for (RemotePeer p : List.copyOf(peers.values())) {
            if (!wanted.contains(p.key())) {
                peers.remove(p.key());
                wireguard.removePeer(p.session());
            }
        }
        host.changed(wireguard);
    }

    private RemotePeer add(PeerSpec s, long now) {
        RemotePeer p = new RemotePeer(this, s.key(), s.path());
        Peer session = wireguard.addPeer(s.key(), p, now);
        p.attach(session);
        peers.put(s.key(), p);
        return p;
    }

    /** Ends the session with a peer that was restarted: the next packet starts a new one. */
    public void resetSession(NodeKey peerKey) {
        RemotePeer p = peers.get(peerKey);
        if (p != null) {
            wireguard.resetPeer(p.session());
            host.changed(wireguard);
        }
    }

    /** Begins a session with a peer that has none. */
    public void startSession(NodeKey peerKey) {
        long now = host.now();
        RemotePeer p = peers.get(peerKey);
        if (p != null && !p.session().hasSession(now)) {
            wireguard.initiate(p.session(), now);
            host.changed(wireguard);
        }
    }

    /** A pre-shared key of 32 bytes for the next handshakes with a plain WireGuard peer. */
    void setPresharedKey(RemotePeer p, byte[] psk) {
        wireguard.setPresharedKey(p.session(), psk);
        host.changed(wireguard);
    }

    /**
     * A datagram that came for this node by a relay, from the node {@code from}; the array is the
     * engine's from now on. Any thread, never blocks.
     */
    public void receiveFromRelay(DerpRoute relay, NodeKey from, byte[] datagram) {
        host.receiveFromRelay(this, relay, from, datagram);
    }
}
