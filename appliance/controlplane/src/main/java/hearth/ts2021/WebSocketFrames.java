package hearth.ts2021;

import hearth.base.WireException;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.webserver.ConnectionContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A byte stream in the binary messages of a WebSocket (RFC 6455), server side: where a message ends
 * means nothing, there is no compression. Browsers speak ts2021 and DERP this way.
 *
 * <pre>
 * frame   FIN 1 bit | RSV 3 | opcode 4 | MASK 1 | length 7, or 126 and u16be, or 127 and u64be
 *         | mask 4 bytes, from a client only | payload
 * </pre>
 *
 * One thread reads; any may write.
 */
public final class WebSocketFrames implements DataWriter {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private static final int MAX_CONTROL_BYTES = 125; // RFC 6455, 5.5
    private static final int CHUNK_BYTES = 16_384;
    private static final int GOING_AWAY = 1001;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int NOT_ACCEPTED = 1003;
    private static final int POLICY_VIOLATION = 1008;

    private final DataReader rawReader;
    private final DataWriter rawWriter;
    private final ReentrantLock writing = new ReentrantLock();
    private long payloadLeft;
    private final byte[] mask = new byte[4];
    private int maskAt;
    private boolean closed;

    private WebSocketFrames(DataReader rawReader, DataWriter rawWriter) {
        this.rawReader = rawReader;
        this.rawWriter = rawWriter;
    }

    /** The byte stream in the frames of an accepted connection. */
    static WebSocketFrames over(DataReader rawReader, DataWriter rawWriter) {
        return new WebSocketFrames(rawReader, rawWriter);
    }

    /**
     * Accepts a WebSocket handshake for {@code subprotocol}: writes the 101 and gives a context
     * whose reader and writer are the byte stream inside. A client that does not offer the
     * subprotocol is accepted and closed with 1008.
     *
     * @return null when the request is no WebSocket handshake (nothing is written then), or was
     *     closed
     */
    public static @Nullable ConnectionContext accept(
            ConnectionContext context, Headers headers, String subprotocol) {
        String key = headers.first(HeaderNames.create("Sec-WebSocket-Key")).orElse("").strip();
        String version = headers.first(HeaderNames.create("Sec-WebSocket-Version")).orElse("");
        if (key.isEmpty() || !version.strip().equals("13")) {
            return null;
        }
        boolean offered = offers(headers, subprotocol);
        var text = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
        text.append("Upgrade: websocket\r\nConnection: Upgrade\r\n");
        text.append("Sec-WebSocket-Accept: ").append(acceptValue(key)).append("\r\n");
        if (offered) {
            text.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
        }
        text.append("\r\n");
        context.dataWriter()
                .writeNow(BufferData.create(text.toString().getBytes(StandardCharsets.US_ASCII)));
        WebSocketFrames frames = over(context.dataReader(), context.dataWriter());
        if (!offered) {
            frames.writeClose(POLICY_VIOLATION);
            return null;
        }
        return new CarriedContext(
                context,
                DataReader.create(frames::read),
                frames,
                context.router(),
                context.childSocketId());
    }

    private static boolean offers(Headers headers, String subprotocol) {
        var name = HeaderNames.create("Sec-WebSocket-Protocol");
        if (!headers.contains(name)) {
            return false;
        }
        for (String value : headers.get(name).allValues()) {
            for (String one : value.split(",", -1)) {
                if (one.strip().equals(subprotocol)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The answer to a handshake's key (RFC 6455, 4.2.2). */
    static String acceptValue(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] digest = sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 of the JDK", e);
        }
    }

    /** The next bytes of the stream, at least one; null when the peer closed or broke the rules. */
    byte @Nullable [] read() {
        try {
            while (!closed) {
                if (payloadLeft == 0) {
                    readHead();
                    continue;
                }
                byte[] chunk = rawReader.readBytes((int) Math.min(payloadLeft, CHUNK_BYTES));
                payloadLeft -= chunk.length;
                unmask(chunk);
                return chunk;
            }
            return null;
        } catch (DataReader.InsufficientDataAvailableException e) {
            return null;
        } catch (WireException e) {
            writeClose(PROTOCOL_ERROR);
            closed = true;
            return null;
        }
    }

    private void readHead() throws WireException {
        int first = rawReader.read() & 0xff;
        int second = rawReader.read() & 0xff;
        int opcode = first & 0x0f;
        long length = second & 0x7f;
        if ((first & 0x70) != 0) {
            throw new WireException("reserved bits in a frame");
        }
        if ((second & 0x80) == 0) {
            throw new WireException("frame of a client without a mask");
        }
        if (length == 126) {
            length = readNumber(2);
        } else if (length == 127) {
            length = readNumber(8);
        }
        if (length < 0) {
            throw new WireException("frame of " + Long.toUnsignedString(length) + " bytes");
        }
        byte[] m = rawReader.readBytes(4);
        System.arraycopy(m, 0, mask, 0, 4);
        maskAt = 0;
        if (opcode == BINARY || opcode == CONTINUATION) {
            payloadLeft = length;
        } else if (opcode == TEXT) {
            writeClose(NOT_ACCEPTED);
            closed = true;
        } else {
            control(opcode, (first & 0x80) != 0, length);
        }
    }

    private void control(int opcode, boolean whole, long length) throws WireException {
        if (!whole || length > MAX_CONTROL_BYTES) {
            throw new WireException("control frame of " + length + " bytes");
        }
        byte[] payload = rawReader.readBytes((int) length);
        unmask(payload);
        switch (opcode) {
            case PING -> writeFrame(PONG, payload, payload.length);
            case PONG -> {}
            case CLOSE -> {
                writeFrame(CLOSE, payload, Math.min(payload.length, 2));
                closed = true;
            }
            default -> throw new WireException("opcode " + opcode);
        }
    }

    private long readNumber(int bytes) {
        long n = 0;
        for (int i = 0; i < bytes; i++) {
            n = n << 8 | (rawReader.read() & 0xff);
        }
        return n;
    }

    private void unmask(byte[] chunk) {
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] ^= mask[maskAt];
            maskAt = (maskAt + 1) & 3;
        }
    }

    private void writeClose(int code) {
        writeFrame(CLOSE, new byte[] {(byte) (code >>> 8), (byte) code}, 2);
    }

    /** One whole, unmasked frame. */
    static byte[] frame(int opcode, byte[] payload, int length) {
        int head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
        byte[] out = new byte[head + length];
        out[0] = (byte) (0x80 | opcode);
        if (head == 2) {
            out[1] = (byte) length;
        } else {
            out[1] = (byte) (head == 4 ? 126 : 127);
            for (int i = 0; i < head - 2; i++) {
                out[head - 1 - i] = i < 4 ? (byte) (length >>> (8 * i)) : 0;
            }
        }
        System.arraycopy(payload, 0, out, head, length);
        return out;
    }

    private void writeFrame(int opcode, byte[] payload, int length) {
        byte[] out = frame(opcode, payload, length);
        writing.lock(); // frames must not mix; held over the write as the socket is the resource
        try {
            rawWriter.writeNow(BufferData.create(out));
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void write(BufferData... buffers) {
        writeNow(buffers);
    }

    @Override
    public void write(BufferData buffer) {
        writeNow(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
        for (BufferData b : buffers) {
            writeNow(b);
        }
    }

    @Override
    public void writeNow(BufferData buffer) {
        byte[] payload = buffer.readBytes();
        if (payload.length > 0) {
            writeFrame(BINARY, payload, payload.length);
        }
    }

    /** Tells the peer that the server goes; the connection itself stays open. */
    @Override
    public void close() {
        writeClose(GOING_AWAY);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "WebSocketFrames[left %d]", payloadLeft);
    }
}
