package hearth.derp;

import java.time.Duration;

/**
 * What one connection and all of them may take.
 *
 * @param login time for the client's ClientInfo
 * @param write time for one write to make progress; a slower reader is cut off
 * @param keepAlive between KeepAlive frames, up to 5 s is added per connection
 * @param answer time for a Pong; a client that stays silent is held to be gone
 * @param dataQueueBytes waiting for one client
 * @param discoQueueBytes the same for disco packets, which travel apart
 * @param allQueuesBytes waiting for all clients together
 * @param connections in all
 * @param connectionsPerKey more push the oldest one out
 * @param receiveBytesPerSecond from one client, 0 for no limit; above it the relay reads slower
 */
public record DerpLimits(
        Duration login,
        Duration write,
        Duration keepAlive,
        Duration answer,
        int dataQueueBytes,
        int discoQueueBytes,
        long allQueuesBytes,
        int connections,
        int connectionsPerKey,
        long receiveBytesPerSecond) {
    public static final DerpLimits DEFAULT =
            new DerpLimits(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(15),
                    256 << 10,
                    32 << 10,
                    64 << 20,
                    10_000,
                    8,
                    0);

    public DerpLimits {
        if (dataQueueBytes < 2 * DerpFrame.MAX_PACKET) {
            throw new IllegalArgumentException(
                    "data queue of " + dataQueueBytes + " bytes, expected at least two packets");
        }
    }
}
