package hearth.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class StunLimitTest {
    private static final long START = Long.MAX_VALUE - 1000; // the clock wraps at once

    @Test
    void burstThenRate() {
        var limit = new StunLimit(7, START);
        IpAddress a = IpAddress.parse("192.0.2.1");
        assertEquals(StunLimit.BURST, allowed(limit, a, 1000, START));
        assertEquals(0, allowed(limit, a, 10, START));
        long later = START + Duration.ofSeconds(1).toNanos();
        assertEquals(StunLimit.PER_SECOND, allowed(limit, a, 1000, later));
    }

    @Test
    void othersAreNotHeldUp() {
        var limit = new StunLimit(7, START);
        allowed(limit, IpAddress.parse("192.0.2.1"), 1000, START);
        int free = 0;
        for (int i = 2; i < 250; i++) {
            free += allowed(limit, IpAddress.parse("192.0.2." + i), 1, START);
        }
        assertTrue(free > 240, "free " + free);
    }

    @Test
    void addressesOfOneNetworkOfV6ShareABucket() {
        var limit = new StunLimit(7, START);
        int free = 0;
        for (int i = 0; i < 1000; i++) {
            free +=
                    allowed(
                            limit,
                            IpAddress.parse("2001:db8::" + Integer.toHexString(i)),
                            1,
                            START);
        }
        assertEquals(StunLimit.BURST, free);
    }

    private static int allowed(StunLimit limit, IpAddress source, int times, long now) {
        int n = 0;
        for (int i = 0; i < times; i++) {
            n += limit.allows(source, now) ? 1 : 0;
        }
        return n;
    }
}
