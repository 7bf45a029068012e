package hearth.ts2021;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;

/**
 * Looks at the HTTP/2 frames of one connection (RFC 9113, 4.1) and keeps from the server behind it
 * what Helidon 4.5.0 cannot digest.
 *
 * <pre>
 * frame   length u24 | type u8 | flags u8 | stream u32 | payload
 * </pre>
 *
 * <ul>
 *   <li>RST_STREAM for a stream that the server has finished: it would end the whole connection.
 *       One for a stream whose request is complete only ends its handler, by {@code onReset}.
 *   <li>WINDOW_UPDATE for a finished stream, for the same reason.
 *   <li>SETTINGS with ids other than 1 to 6: their values would be read as further settings.
 *   <li>The acknowledgement of our own {@link #PROBE}.
 * </ul>
 *
 * {@link #inbound} belongs to the reading thread, {@link #outbound} to the holder of the write
 * lock.
 */
final class FrameGuard {
    private static final int PREFACE_BYTES = 24;
    private static final int HEAD_BYTES = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int ACK = 0x1;
    private static final int SETTING_BYTES = 6;
    private static final int LAST_KNOWN_SETTING = 6;
    // a control frame of more is passed on for the server to refuse
    private static final int MAX_HELD_BYTES = HEAD_BYTES + 16_384;

    /** A PING frame whose answer shows that the client is there; written between frames only. */
    static final byte[] PROBE = {
        0, 0, 8, PING, 0, 0, 0, 0, 0, 'h', 'e', 'a', 'r', 't', 'h', '?', '!'
    };

    /** Stream id to whether the client has ended its request; the server has not yet answered. */
    private final ConcurrentHashMap<Integer, Boolean> open = new ConcurrentHashMap<>();

    private final IntConsumer onReset;

    // inbound
    private int prefaceLeft = PREFACE_BYTES;
    private int highestStream;
    private byte[] held = new byte[64];
    private int heldBytes;
    private int heldWanted = HEAD_BYTES;
    private int passLeft;

    // outbound
    private final byte[] outHead = new byte[HEAD_BYTES];
    private int outHeadBytes;
    private int outLeft;
    private volatile boolean goingAway;

    // a request's head that has begun: CONTINUATION frames are due
    private volatile boolean headOpen;
    private volatile boolean frameOpen;
    private long frames;
    private long idleFrames;

    /**
     * A guard for a new connection.
     *
     * @param onReset told the id of each stream that the client gave up, on the reading thread
     */
    FrameGuard(IntConsumer onReset) {
        this.onReset = onReset;
    }

    /** Streams that are being answered. */
    int openStreams() {
        return open.size();
    }

    /** What of the client's {@code in} the server may see; may be empty. */
    byte[] inbound(byte[] in) {
        var out = new ByteArrayOutputStream(in.length + heldBytes);
        int at = 0;
        while (at < in.length) {
            int left = in.length - at;
            if (prefaceLeft > 0) {
                int n = Math.min(prefaceLeft, left);
                out.write(in, at, n);
                prefaceLeft -= n;
                at += n;
            } else if (passLeft > 0) {
                int n = Math.min(passLeft, left);
                out.write(in, at, n);
                passLeft -= n;
                at += n;
            } else {
                int n = Math.min(heldWanted - heldBytes, left);
                hold(in, at, n);
                at += n;
                if (heldBytes == heldWanted) {
                    heldFull(out);
                }
            }
        }
        frameOpen = prefaceLeft > 0 || passLeft > 0 || heldBytes > 0;
        return out.toByteArray();
    }

    /** Whether the client has begun something, a frame or a head, that it must go on with. */
    boolean midway() {
        return frameOpen || headOpen;
    }

    /** Frames whose head has come; for the reading thread. */
    long frames() {
        return frames;
    }

    /**
     * Those among {@link #frames} that bring no request on, and of which honest clients send few:
     * all but heads, data that is not empty, and windows. For the reading thread.
     */
    long idleFrames() {
        return idleFrames;
    }

    /** Whether the server has said GOAWAY. */
    boolean goingAway() {
        return goingAway;
    }

    private void hold(byte[] in, int at, int n) {
        if (heldBytes + n > held.length) {
            held = java.util.Arrays.copyOf(held, Math.max(heldBytes + n, 2 * held.length));
        }
        System.arraycopy(in, at, held, heldBytes, n);
        heldBytes += n;
    }

    private void heldFull(ByteArrayOutputStream out) {
        frames++;
        int length = length(held);
        int type = held[3];
        if (heldBytes == HEAD_BYTES
                && length > 0
                && HEAD_BYTES + length <= MAX_HELD_BYTES
                && (type == RST_STREAM
                        || type == WINDOW_UPDATE
                        || type == SETTINGS
                        || type == PING)) {
            heldWanted = HEAD_BYTES + length;
            return;
        }
        boolean whole = heldBytes > HEAD_BYTES || length == 0;
        if (!whole) {
            passLeft = length;
        }
        note(type, length, held[4], stream(held));
        if (!whole || passes(type, length)) {
            out.write(held, 0, heldBytes);
        }
        heldBytes = 0;
        heldWanted = HEAD_BYTES;
    }

    private void note(int type, int length, int flags, int stream) {
        boolean ends = (flags & END_STREAM) != 0;
        boolean data = type == DATA && (length > 0 || ends);
        if (!data && type != HEADERS && type != WINDOW_UPDATE) {
            idleFrames++;
        }
        if (type == HEADERS || type == CONTINUATION) {
            headOpen = (flags & END_HEADERS) == 0;
        }
        if (type == HEADERS && stream > highestStream) {
            highestStream = stream;
            open.put(stream, ends);
        } else if ((type == HEADERS || type == DATA) && ends) {
            open.computeIfPresent(stream, (_, _) -> true);
        }
    }

    /** Whether the whole frame in {@code held} goes on; may shorten it. */
    private boolean passes(int type, int length) {
        int stream = stream(held);
        return switch (type) {
            case RST_STREAM -> resetPasses(stream);
            case WINDOW_UPDATE -> stream == 0 || stream > highestStream || open.containsKey(stream);
            case SETTINGS -> {
                dropUnknownSettings(length);
                yield true;
            }
            case PING -> !isProbeAnswer(length);
            default -> true;
        };
    }

    private boolean resetPasses(int stream) {
        if (stream == 0 || stream > highestStream) {
            return true; // a protocol error, for the server to answer
        }
        Boolean requestEnded = open.get(stream);
        if (requestEnded == null) {
            return false;
        }
        onReset.accept(stream);
        if (requestEnded) {
            return false; // the handler ends by itself; the client ignores what it still writes
        }
        open.remove(stream);
        return true;
    }

    private void dropUnknownSettings(int length) {
        int to = HEAD_BYTES;
        for (int at = HEAD_BYTES; at + SETTING_BYTES <= HEAD_BYTES + length; at += SETTING_BYTES) {
            int id = ((held[at] & 0xff) << 8) | (held[at + 1] & 0xff);
            if (id >= 1 && id <= LAST_KNOWN_SETTING) {
                System.arraycopy(held, at, held, to, SETTING_BYTES);
                to += SETTING_BYTES;
            }
        }
        if (length % SETTING_BYTES != 0) {
            return; // malformed: the server refuses it
        }
        int kept = to - HEAD_BYTES;
        held[0] = (byte) (kept >>> 16);
        held[1] = (byte) (kept >>> 8);
        held[2] = (byte) kept;
        heldBytes = to;
    }

    private boolean isProbeAnswer(int length) {
        return (held[4] & ACK) != 0
                && HEAD_BYTES + length == PROBE.length
                && java.util.Arrays.equals(
                        held, HEAD_BYTES, PROBE.length, PROBE, HEAD_BYTES, PROBE.length);
    }

    /** Notes which streams {@code frames}, about to be written, finish. */
    void outbound(byte[] frames, int length) {
        int at = 0;
        while (at < length) {
            if (outLeft > 0) {
                int n = Math.min(outLeft, length - at);
                outLeft -= n;
                at += n;
                continue;
            }
            int n = Math.min(HEAD_BYTES - outHeadBytes, length - at);
            System.arraycopy(frames, at, outHead, outHeadBytes, n);
            outHeadBytes += n;
            at += n;
            if (outHeadBytes == HEAD_BYTES) {
                outHeadBytes = 0;
                outLeft = length(outHead);
                int type = outHead[3];
                goingAway |= type == GOAWAY;
                boolean ends = (type == DATA || type == HEADERS) && (outHead[4] & END_STREAM) != 0;
                if (ends || type == RST_STREAM) {
                    open.remove(stream(outHead));
                }
            }
        }
    }

    /** Whether the server is between two frames, so that {@link #PROBE} may be written. */
    boolean betweenFrames() {
        return outLeft == 0 && outHeadBytes == 0;
    }

    private static int length(byte[] head) {
        return ((head[0] & 0xff) << 16) | ((head[1] & 0xff) << 8) | (head[2] & 0xff);
    }

    private static int stream(byte[] head) {
        return ((head[5] & 0x7f) << 24)
                | ((head[6] & 0xff) << 16)
                | ((head[7] & 0xff) << 8)
                | (head[8] & 0xff);
    }
}
