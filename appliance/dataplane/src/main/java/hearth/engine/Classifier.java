package hearth.engine;

import hearth.base.Memory;
import hearth.wireguard.Messages;
import java.nio.ByteBuffer;

/** Tells by its first bytes what a datagram is. */
final class Classifier {
    static final int UNKNOWN = 0;
    static final int TRANSPORT = 1;
    static final int HANDSHAKE = 2;
    static final int DISCO = 3;
    static final int STUN = 4;

    private static final int DISCO_MAGIC_HEAD = 0x5453f09f; // "TS" and the first half of U+1F4AC
    private static final int DISCO_MAGIC_TAIL = 0x92ac;
    private static final int DISCO_MIN = 6 + 32 + 24 + 16;
    private static final int STUN_COOKIE = 0x2112_a442;
    private static final int STUN_MIN = 20;
    private static final int CONTROL_MAX = 1500;

    private Classifier() {}

    /** For a datagram in native memory. */
    static int kind(long datagram, int length) {
        return length < STUN_MIN
                ? UNKNOWN
                : kind(Memory.i32(datagram), Memory.i32(datagram + 4), length);
    }

    /** For a datagram that came by a relay. */
    static int kind(byte[] datagram) {
        if (datagram.length < STUN_MIN) {
            return UNKNOWN;
        }
        ByteBuffer b = ByteBuffer.wrap(datagram);
        return kind(b.getInt(), b.getInt(), datagram.length);
    }

    private static int kind(int head, int second, int length) {
        if (head == Messages.TRANSPORT << 24) {
            return length >= Messages.TRANSPORT_OVERHEAD_BYTES ? TRANSPORT : UNKNOWN;
        }
        if (length > CONTROL_MAX) {
            return UNKNOWN;
        }
        if (head == DISCO_MAGIC_HEAD && second >>> 16 == DISCO_MAGIC_TAIL) {
            return length >= DISCO_MIN ? DISCO : UNKNOWN;
        }
        boolean handshake =
                switch (head) {
                    case Messages.INITIATION << 24 -> length == Messages.INITIATION_BYTES;
                    case Messages.RESPONSE << 24 -> length == Messages.RESPONSE_BYTES;
                    case Messages.COOKIE << 24 -> length == Messages.COOKIE_BYTES;
                    default -> false;
                };
        if (handshake) {
            return HANDSHAKE;
        }
        return head >>> 30 == 0 && second == STUN_COOKIE ? STUN : UNKNOWN;
    }
}
