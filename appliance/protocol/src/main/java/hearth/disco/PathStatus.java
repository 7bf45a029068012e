package hearth.disco;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The path to one peer.
 *
 * @param direct the best known address, null while there is none
 * @param trusted a pong came from it within the trust time
 * @param latency the last round trip to it; zero without an address
 */
public record PathStatus(@Nullable InetSocketAddress direct, boolean trusted, Duration latency) {}
