package hearth.wireguard;

import hearth.base.Memory;
import hearth.crypto.Aead;

/**
 * The keys of one session (WireGuard paper, 5.4.5 and 5.4.6). The sending half belongs to the
 * sender thread, the receiving half to the receiver thread; whoever owns a half closes it.
 */
public final class Keypair {
    private final Peer peer;
    private final SessionTable.Entry entry;
    private final int remoteIndex;
    private final boolean initiator;
    private final long createdNanos;

    private final Aead sending;
    private long nextCounter;

    private final Aead receiving;
    private final ReplayWindow replay = new ReplayWindow();

    /** Whether the receiver has asked for a renewal already. Receiver thread. */
    boolean renewalAsked;

    /** Whether the receiver has told of the first packet already. Receiver thread. */
    boolean confirmationTold;

    Keypair(
            Peer peer,
            SessionTable.Entry entry,
            Handshake.Keys keys,
            boolean initiator,
            Aead.Backend backend,
            long nowNanos) {
        this.peer = peer;
        this.entry = entry;
        this.remoteIndex = keys.remoteIndex;
        this.initiator = initiator;
        this.createdNanos = nowNanos;
        this.sending = backend.withKey(keys.send);
        this.receiving = backend.withKey(keys.receive);
    }

    public Peer peer() {
        return peer;
    }

    SessionTable.Entry entry() {
        return entry;
    }

    boolean initiator() {
        return initiator;
    }

    long createdNanos() {
        return createdNanos;
    }

    long sentCounter() {
        return nextCounter;
    }

    /** For tests of the counter limits. */
    void skipTo(long counter) {
        nextCounter = counter;
    }

    /**
     * Sender thread: makes a transport message of {@code plain} bytes that stand at {@code message}
     * + 16. Padding is the caller's; {@code plain} + 32 bytes are written.
     *
     * @return the message's length
     */
    public int seal(long message, int plain) {
        long counter = nextCounter++;
        Memory.put32le(message, Messages.TRANSPORT);
        Memory.put32le(message + Messages.TRANSPORT_RECEIVER, remoteIndex);
        Memory.put64le(message + Messages.TRANSPORT_COUNTER, counter);
        sending.seal(message + Messages.TRANSPORT_HEADER_BYTES, plain, counter);
        return plain + Messages.TRANSPORT_OVERHEAD_BYTES;
    }

    /**
     * Receiver thread: opens a transport message of {@code length} ≥ 32 bytes in place.
     *
     * @return the plaintext's length, it stands at {@code message} + 16; or a negative {@link
     *     OpenFailure} code
     */
    public int open(long message, int length, long nowNanos) {
        long counter = Memory.i64le(message + Messages.TRANSPORT_COUNTER);
        if (nowNanos - createdNanos >= Limits.REJECT_AFTER_TIME
                || Long.compareUnsigned(counter, Limits.REJECT_AFTER_MESSAGES) >= 0) {
            return OpenFailure.EXPIRED;
        }
        int plain = length - Messages.TRANSPORT_OVERHEAD_BYTES;
        long body = message + Messages.TRANSPORT_HEADER_BYTES;
        if (!receiving.open(body, plain, body, counter)) {
            return OpenFailure.BAD_TAG;
        }
        return replay.accept(counter) ? plain : OpenFailure.REPLAYED;
    }

    /** Sender thread, once the session is out of use. */
    public void closeSending() {
        sending.close();
    }

    /** Receiver thread, once the session is out of use. */
    public void closeReceiving() {
        receiving.close();
    }

    /** Why {@link Keypair#open} refused a message. */
    public static final class OpenFailure {
        public static final int EXPIRED = -1;
        public static final int BAD_TAG = -2;
        public static final int REPLAYED = -3;

        private OpenFailure() {}
    }
}
