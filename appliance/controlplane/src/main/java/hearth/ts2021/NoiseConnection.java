package hearth.ts2021;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;

/** A Noise connection under way: Helidon's HTTP/2 inside, our own idea of its life around it. */
final class NoiseConnection implements ServerConnection {
    private final ServerConnection http2;
    private final Runnable ended;

    NoiseConnection(ServerConnection http2, Runnable ended) {
        this.http2 = http2;
        this.ended = ended;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            http2.handle(limit);
        } finally {
            ended.run();
        }
    }

    /** Never idle: Helidon counts from the last request, and would cut a map poll. */
    @Override
    public Duration idleTime() {
        return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
        http2.close(interrupt);
    }
}
