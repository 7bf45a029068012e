package hearth.wireguard;

import hearth.crypto.NodeKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One peer of one local node: its sessions and timers.
 *
 * <p>Three threads meet here. {@link WireGuard} on the control thread owns everything that is not
 * named below. The sender calls {@link #sending} and {@link #sent}, the receiver {@link #received};
 * they read the current session and set timers through volatile fields, each written only when its
 * value changes. A timer is a deadline in nanoseconds, 0 = not running.
 */
public final class Peer {
    /** The receiver must tell {@link WireGuard#confirmed}: the first packet of a new session. */
    public static final int CONFIRMED = 1;

    /** The receiver must ask {@link WireGuard#initiate}, if {@link #askForHandshake}. */
    public static final int WANTS_HANDSHAKE = 2;

    private static final long LONG_AGO = Duration.ofDays(365).toNanos();

    private final WireGuard owner;
    private final NodeKey key;
    private final Object attachment;
    private final AtomicBoolean handshakeAsked = new AtomicBoolean();

    volatile @Nullable Keypair current;
    volatile @Nullable Keypair next;
    @Nullable Keypair previous;
    @Nullable Handshake handshake;
    SessionTable.@Nullable Entry handshakeEntry;

    final Cookies.Signer signer;
    byte[] psk = new byte[Messages.KEY_BYTES];
    byte @Nullable [] staticShared;
    byte[] lastTimestamp = new byte[Tai64n.BYTES];
    boolean initiationSeen;
    long lastInitiationSeenNanos;
    boolean initiationSent;
    long lastInitiationSentNanos;
    int attempts;
    volatile long lastHandshakeNanos;
    volatile boolean everCompleted;

    // deadlines of the control thread
    long retransmitAt;
    long zeroKeysAt;
    // deadlines that the sender and the receiver set and clear
    volatile long silenceAt;
    volatile long keepaliveAt;
    volatile boolean needAnotherKeepalive;
    volatile int jitterNanos;
    volatile long persistentNanos;
    // last authenticated packets, for the persistent keepalive and the status
    private volatile long lastSentNanos;
    private volatile long lastReceivedNanos;
    private long persistentSinceNanos;

    Peer(WireGuard owner, NodeKey key, Object attachment, long nowNanos) {
        this.owner = owner;
        this.key = key;
        this.attachment = attachment;
        this.signer = new Cookies.Signer(key.bytes());
        this.lastSentNanos = nowNanos - LONG_AGO;
        this.lastReceivedNanos = nowNanos - LONG_AGO;
    }

    public NodeKey key() {
        return key;
    }

    public WireGuard owner() {
        return owner;
    }

    /** What the caller gave when it added the peer. */
    public Object attachment() {
        return attachment;
    }

    /** When the last handshake was completed; only once {@link #everCompleted}. */
    public long lastHandshakeNanos() {
        return lastHandshakeNanos;
    }

    public boolean everCompleted() {
        return everCompleted;
    }

    /** Whether packets can be sent without a handshake. */
    public boolean hasSession(long nowNanos) {
        Keypair k = current;
        return k != null && nowNanos - k.createdNanos() < Limits.REJECT_AFTER_TIME;
    }

    /** True for the one caller that must pass the wish on to the control thread. */
    public boolean askForHandshake() {
        return !handshakeAsked.get() && handshakeAsked.compareAndSet(false, true);
    }

    void handshakeAnswered() {
        handshakeAsked.set(false);
    }

    // ---- sender thread ----

    /** The session to send with, or null: stage the packet and ask for a handshake. */
    public @Nullable Keypair sending(long nowNanos) {
        Keypair k = current;
        if (k == null
                || nowNanos - k.createdNanos() >= Limits.REJECT_AFTER_TIME
                || Long.compareUnsigned(k.sentCounter(), Limits.REJECT_AFTER_MESSAGES) >= 0) {
            return null;
        }
        return k;
    }

    /**
     * Notes a packet that was sealed with {@code k}.
     *
     * @param data whether it was not a keepalive
     * @return whether a handshake is due: {@link #askForHandshake}
     */
    public boolean sent(Keypair k, boolean data, long nowNanos) {
        if (data && silenceAt == 0) {
            silenceAt =
                    deadline(
                            nowNanos
                                    + Limits.KEEPALIVE_TIMEOUT
                                    + Limits.REKEY_TIMEOUT
                                    + jitterNanos);
        }
        noteSent(nowNanos);
        if (needAnotherKeepalive) {
            needAnotherKeepalive = false;
            if (!data) { // a keepalive answered the first data, this is for what came after it
                keepaliveAt = deadline(nowNanos + Limits.KEEPALIVE_TIMEOUT);
            }
        }
        return Long.compareUnsigned(k.sentCounter(), Limits.REKEY_AFTER_MESSAGES) > 0
                || (k.initiator() && nowNanos - k.createdNanos() >= Limits.REKEY_AFTER_TIME);
    }

    // ---- receiver thread ----

    /**
     * Notes a transport message that {@code k} authenticated.
     *
     * @param data whether it was not a keepalive
     * @return {@link #CONFIRMED} and {@link #WANTS_HANDSHAKE} as bits
     */
    public int received(Keypair k, boolean data, long nowNanos) {
        noteReceived(nowNanos);
        int result = 0;
        if (!k.confirmationTold && k == next) {
            k.confirmationTold = true;
            result = CONFIRMED;
        }
        if (data) {
            if (keepaliveAt == 0) {
                keepaliveAt = deadline(nowNanos + Limits.KEEPALIVE_TIMEOUT);
            } else if (!needAnotherKeepalive) {
                needAnotherKeepalive = true;
            }
        }
        boolean old = k.initiator() && nowNanos - k.createdNanos() >= Limits.REKEY_ON_RECEIVE;
        if (data && old && !k.renewalAsked) {
            k.renewalAsked = true;
            result |= WANTS_HANDSHAKE;
        }
        return result;
    }

    // ---- any of the three ----

    void noteSent(long nowNanos) {
        if (keepaliveAt != 0) {
            keepaliveAt = 0;
        }
        if (lastSentNanos != nowNanos) {
            lastSentNanos = nowNanos;
        }
    }

    void noteReceived(long nowNanos) {
        if (silenceAt != 0) {
            silenceAt = 0;
        }
        if (lastReceivedNanos != nowNanos) {
            lastReceivedNanos = nowNanos;
        }
    }

    // ---- control thread ----

    void setPersistent(long intervalNanos, long nowNanos) {
        persistentNanos = intervalNanos;
        persistentSinceNanos = nowNanos - intervalNanos;
    }

    /** When a persistent keepalive is due, or 0. Any authenticated packet puts it off. */
    long persistentAt() {
        long interval = persistentNanos;
        if (interval == 0) {
            return 0;
        }
        long last = lastSentNanos - lastReceivedNanos > 0 ? lastSentNanos : lastReceivedNanos;
        if (persistentSinceNanos - last > 0) {
            last = persistentSinceNanos;
        }
        return deadline(last + interval);
    }

    void persistentSent(long nowNanos) {
        persistentSinceNanos = nowNanos;
    }

    boolean hasKeys() {
        return current != null || next != null || previous != null;
    }

    void wipe() {
        Arrays.fill(psk, (byte) 0);
        byte[] shared = staticShared;
        if (shared != null) {
            Arrays.fill(shared, (byte) 0);
        }
    }

    /** {@code nanos} as a deadline: 0 is reserved for "not running". */
    static long deadline(long nanos) {
        return nanos == 0 ? 1 : nanos;
    }
}
