package hearth.engine;

import hearth.base.IpPrefix;
import hearth.crypto.NodeKey;
import java.time.Duration;
import java.util.List;

/**
 * A peer as a local node shall have it.
 *
 * @param allowedIps inner addresses that are routed to the peer and that it may use as its own
 * @param path where its datagrams go; when a peer is kept, its old path is
 * @param keepalive after how much silence a keepalive is sent; zero for none
 */
record PeerSpec(NodeKey key, List<IpPrefix> allowedIps, PeerPath path, Duration keepalive) {}
