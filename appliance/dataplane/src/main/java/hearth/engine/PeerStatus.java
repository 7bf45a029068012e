package hearth.engine;

import hearth.crypto.NodeKey;
import hearth.disco.PathStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A peer of a local node as it is now.
 *
 * @param path its best direct address, if any, and whether it is in use alone
 * @param relay the region by which it is reached otherwise, 0 without a relay
 * @param active packets were sent to it in the last 45 s
 * @param sinceHandshake null before the first handshake
 * @param sentBytes of transport messages, as are {@code receivedBytes}
 */
public record PeerStatus(
        NodeKey peer,
        PathStatus path,
        int relay,
        boolean active,
        @Nullable Duration sinceHandshake,
        long sentBytes,
        long receivedBytes) {}
