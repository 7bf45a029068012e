package hearth.relay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
final class BellTest {
    @Test
    void aRingIsHeardAlsoWhenALockTookThePermit() {
        var bell = new Bell();
        bell.hush();
        LockSupport.unpark(Thread.currentThread());
        bell.ring();
        LockSupport.park(); // as a contended lock does
        bell.await();
    }

    @Test
    void oneWhoWaitsIsWoken() throws InterruptedException {
        var bell = new Bell();
        for (int i = 0; i < 1000; i++) {
            var woken = new CountDownLatch(1);
            bell.hush();
            Thread.startVirtualThread(
                    () -> {
                        bell.await();
                        woken.countDown();
                    });
            bell.ring();
            assertTrue(woken.await(5, TimeUnit.SECONDS), "round " + i);
        }
    }
}
