package hearth.relay;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the one thread that waits here. A ring is remembered until {@link #hush}: a bare {@link
 * LockSupport#unpark} is not, because any lock that the thread takes between its last look and its
 * park may use the permit up.
 */
final class Bell {
    private volatile boolean rung;
    private volatile @Nullable Thread sleeper;

    /** Any thread. */
    void ring() {
        rung = true;
        LockSupport.unpark(sleeper);
    }

    /** Forgets earlier rings; to be called before looking for what they were rung for. */
    void hush() {
        rung = false;
    }

    /** Waits until a ring after the last {@link #hush}. */
    void await() {
        sleeper = Thread.currentThread();
        while (!rung) {
            LockSupport.park(this);
        }
    }
}
