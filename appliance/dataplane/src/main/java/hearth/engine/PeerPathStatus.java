package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.disco.PathStatus;

/**
 * The way to one peer.
 *
 * @param path its best direct address, if any, and whether it is in use alone
 * @param relay the region by which it is reached otherwise, 0 without a relay
 * @param active packets were sent to it in the last 45 s
 */
public record PeerPathStatus(NodeKey peer, PathStatus path, int relay, boolean active) {}
