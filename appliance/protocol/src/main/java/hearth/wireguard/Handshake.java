package hearth.wireguard;

import hearth.crypto.SecretKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one Noise_IKpsk2 handshake. As an initiator an object waits for its response; the
 * responder's side is done in one step. Nothing here knows time, peers or MACs.
 */
final class Handshake implements AutoCloseable {
    private final Transcript transcript;
    private final SecretKey ephemeral;

    private Handshake(Transcript transcript, SecretKey ephemeral) {
        this.transcript = transcript;
        this.ephemeral = ephemeral;
    }

    /**
     * Writes an initiation without MACs into {@code out}.
     *
     * @param staticShared X25519 of both static keys
     * @return null when the responder's key is of low order
     */
    static @Nullable Handshake initiate(
            SecretKey own,
            byte[] responder,
            byte[] staticShared,
            SecretKey ephemeral,
            int localIndex,
            byte[] timestamp,
            byte[] out) {
        Transcript t = Transcript.start(responder);
        byte[] ephemeralPublic = ephemeral.publicBytes();
        t.mixChain(ephemeralPublic);
        t.mixHash(ephemeralPublic);
        byte[] shared = new byte[Messages.KEY_BYTES];
        if (!ephemeral.agree(responder, shared, 0)) {
            return null;
        }
        byte[] sealedStatic = t.seal(t.mixKey(shared), own.publicBytes());
        byte[] sealedTime = t.seal(t.mixKey(staticShared), timestamp);
        out[0] = Messages.INITIATION;
        Messages.putU32(out, Messages.SENDER, localIndex);
        put(ephemeralPublic, out, Messages.INITIATION_EPHEMERAL);
        put(sealedStatic, out, Messages.INITIATION_STATIC);
        put(sealedTime, out, Messages.INITIATION_TIMESTAMP);
        Arrays.fill(shared, (byte) 0);
        return new Handshake(t, ephemeral);
    }

    /** What an initiation says before it is known whether to trust it. */
    static final class Opened {
        final byte[] initiatorStatic;
        private final byte[] message;
        private final Transcript transcript;

        private Opened(byte[] initiatorStatic, byte[] message, Transcript transcript) {
            this.initiatorStatic = initiatorStatic;
            this.message = message;
            this.transcript = transcript;
        }

        /** The timestamp, when the sealed one proves the initiator's static key; else null. */
        byte @Nullable [] timestamp(byte[] staticShared) {
            return transcript.open(
                    transcript.mixKey(staticShared),
                    message,
                    Messages.INITIATION_TIMESTAMP,
                    Messages.INITIATION_TIMESTAMP_BYTES);
        }

        /** Writes the response without MACs into {@code out} and gives the keys. */
        @Nullable Keys respond(SecretKey ephemeral, byte[] psk, int localIndex, byte[] out) {
            Transcript t = transcript;
            byte[] ephemeralPublic = ephemeral.publicBytes();
            byte[] initiatorEphemeral =
                    field(message, Messages.INITIATION_EPHEMERAL, Messages.KEY_BYTES);
            t.mixHash(ephemeralPublic);
            t.mixChain(ephemeralPublic);
            byte[] shared = new byte[Messages.KEY_BYTES];
            if (!ephemeral.agree(initiatorEphemeral, shared, 0)) {
                return null;
            }
            t.mixChain(shared);
            if (!ephemeral.agree(initiatorStatic, shared, 0)) {
                return null;
            }
            t.mixChain(shared);
            byte[] empty = t.seal(t.mixPresharedKey(psk), new byte[0]);
            int remoteIndex = Messages.u32(message, Messages.SENDER);
            out[0] = Messages.RESPONSE;
            Messages.putU32(out, Messages.SENDER, localIndex);
            Messages.putU32(out, Messages.RESPONSE_RECEIVER, remoteIndex);
            put(ephemeralPublic, out, Messages.RESPONSE_EPHEMERAL);
            put(empty, out, Messages.RESPONSE_EMPTY);
            Arrays.fill(shared, (byte) 0);
            byte[][] split = t.split();
            return new Keys(split[1], split[0], remoteIndex);
        }
    }

    /** Reads who sent an initiation, or null when it is not for {@code own}. */
    static @Nullable Opened open(SecretKey own, byte[] message) {
        Transcript t = Transcript.start(own.publicBytes());
        byte[] ephemeral = field(message, Messages.INITIATION_EPHEMERAL, Messages.KEY_BYTES);
        t.mixChain(ephemeral);
        t.mixHash(ephemeral);
        byte[] shared = new byte[Messages.KEY_BYTES];
        if (!own.agree(ephemeral, shared, 0)) {
            return null;
        }
        byte[] initiator =
                t.open(
                        t.mixKey(shared),
                        message,
                        Messages.INITIATION_STATIC,
                        Messages.INITIATION_STATIC_BYTES);
        Arrays.fill(shared, (byte) 0);
        return initiator == null ? null : new Opened(initiator, message, t);
    }

    /**
     * Takes the response; null, and the handshake goes on waiting, when it is not the right one.
     */
    @Nullable Keys finish(SecretKey own, byte[] psk, byte[] message) {
        byte[] responderEphemeral = field(message, Messages.RESPONSE_EPHEMERAL, Messages.KEY_BYTES);
        Transcript t = transcript.copy();
        t.mixHash(responderEphemeral);
        t.mixChain(responderEphemeral);
        byte[] shared = new byte[Messages.KEY_BYTES];
        if (!ephemeral.agree(responderEphemeral, shared, 0)) {
            return null;
        }
        t.mixChain(shared);
        if (!own.agree(responderEphemeral, shared, 0)) {
            return null;
        }
        t.mixChain(shared);
        Arrays.fill(shared, (byte) 0);
        byte[] key = t.mixPresharedKey(psk);
        if (t.open(key, message, Messages.RESPONSE_EMPTY, Messages.RESPONSE_EMPTY_BYTES) == null) {
            t.wipe();
            return null;
        }
        byte[][] split = t.split();
        return new Keys(split[0], split[1], Messages.u32(message, Messages.SENDER));
    }

    Transcript transcript() {
        return transcript;
    }

    @Override
    public void close() {
        transcript.wipe();
        ephemeral.close();
    }

    /** The keys of a session as one side sees them. */
    static final class Keys {
        final byte[] send;
        final byte[] receive;
        final int remoteIndex;

        Keys(byte[] send, byte[] receive, int remoteIndex) {
            this.send = send;
            this.receive = receive;
            this.remoteIndex = remoteIndex;
        }

        void wipe() {
            Arrays.fill(send, (byte) 0);
            Arrays.fill(receive, (byte) 0);
        }
    }

    private static byte[] field(byte[] message, int offset, int length) {
        return Arrays.copyOfRange(message, offset, offset + length);
    }

    private static void put(byte[] from, byte[] to, int offset) {
        System.arraycopy(from, 0, to, offset, from.length);
    }
}
