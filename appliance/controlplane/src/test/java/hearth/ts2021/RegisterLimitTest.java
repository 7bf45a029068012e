package hearth.ts2021;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import hearth.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RegisterLimitTest {
    private static final IpAddress HERE = IpAddress.parse("192.0.2.1");

    private final ManualClock clock = new ManualClock();
    private final RegisterLimit limit = new RegisterLimit();

    private static MachineKey machine(int i) {
        byte[] b = new byte[32];
        b[0] = (byte) (i >> 8);
        b[1] = (byte) i;
        return new MachineKey(b);
    }

    private int refusals(int machine, int most) {
        for (int i = 0; i < most; i++) {
            if (limit.waitSeconds(machine(machine), HERE, clock.nanos()) > 0) {
                return i;
            }
            limit.count(machine(machine), HERE, clock.nanos());
        }
        return most;
    }

    @Test
    void oneMachineWaitsAfterABurstAndOthersDoNot() {
        assertEquals(21, refusals(1, 100));
        int wait = limit.waitSeconds(machine(1), HERE, clock.nanos());
        assertEquals(3, wait);
        assertEquals(0, limit.waitSeconds(machine(2), HERE, clock.nanos()));
        clock.advance(Duration.ofSeconds(wait));
        assertEquals(0, limit.waitSeconds(machine(1), HERE, clock.nanos()));
        assertEquals(1, refusals(1, 100));
    }

    @Test
    void manyMachinesOfOneAddressWaitTogether() {
        int all = 0;
        for (int m = 0; m < 200; m++) {
            all += refusals(m, 10);
        }
        assertEquals(501, all);
        assertEquals(
                0, limit.waitSeconds(machine(1000), IpAddress.parse("192.0.2.2"), clock.nanos()));
    }

    @Test
    void callersAreForgottenWithTime() {
        assertTrue(refusals(1, 100) > 0);
        clock.advance(Duration.ofHours(1));
        assertEquals(21, refusals(1, 100));
    }
}
