package hearth.wireguard;

import java.time.Duration;

/** Constants of the WireGuard paper, 6.1, and of wireguard-go where the paper is silent. */
final class Limits {
    static final long REKEY_AFTER_TIME = Duration.ofMinutes(2).toNanos();
    static final long REJECT_AFTER_TIME = Duration.ofMinutes(3).toNanos();
    static final long REKEY_TIMEOUT = Duration.ofSeconds(5).toNanos();
    static final long KEEPALIVE_TIMEOUT = Duration.ofSeconds(10).toNanos();
    static final long REKEY_ATTEMPT_TIME = Duration.ofSeconds(90).toNanos();
    static final long REKEY_AFTER_MESSAGES = 1L << 60;

    /** 2^64 - 2^13 - 1, to be compared unsigned. */
    static final long REJECT_AFTER_MESSAGES = -(1L << 13) - 1;

    /**
     * When a receiving initiator renews, so that the new keys are there before the old ones end.
     */
    static final long REKEY_ON_RECEIVE = REJECT_AFTER_TIME - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT;

    static final long ZERO_KEYS_AFTER = 3 * REJECT_AFTER_TIME;
    static final int MAX_ATTEMPTS = (int) (REKEY_ATTEMPT_TIME / REKEY_TIMEOUT);
    static final int JITTER_NANOS = (int) Duration.ofMillis(333).toNanos();

    /** Initiations of one peer closer together than this are dropped. */
    static final long INITIATION_GAP = Duration.ofMillis(20).toNanos();

    static final long COOKIE_LIFE = Duration.ofMinutes(2).toNanos();

    private Limits() {}
}
