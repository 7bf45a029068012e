package hearth.ts2021;

import hearth.base.WireException;
import hearth.crypto.MachineKey;
import hearth.crypto.NoiseIk;
import hearth.crypto.NoiseRecords;
import hearth.crypto.SecretKey;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.Method;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2HuffmanEncoder;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of ts2021, one request at a time: upgrade, Noise, HTTP/2. The appliance calls
 * itself with it before its ports open; tests send with it what no client sends. Confined to one
 * thread.
 */
public final class ControlCaller implements AutoCloseable {
    private static final int CAPABILITY_VERSION = 113;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int EARLY_HEAD_BYTES = 9;
    private static final int FRAME_HEAD_BYTES = 9;
    private static final int MAX_HEADER_TABLE = 4096;
    private static final int WINDOW_BYTES = 65_535; // RFC 9113, 6.9.2
    private static final int MAX_PART_BYTES = 16_384; // and 4.2

    // RFC 9113, 6
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int ANY_STREAM = 0;

    // RFC 7541, appendix A: the statuses that have an index
    private static final int FIRST_STATUS_INDEX = 0x88;
    private static final int STATUS_DIGITS = 3;
    private static final int[] STATUSES = {200, 204, 206, 304, 400, 404, 500};

    private final Socket socket;
    private final DataInputStream in;
    private final NoiseRecords sealing;
    private final NoiseRecords opening;
    private final byte[] initiation;
    private final Http2Headers.DynamicTable table =
            Http2Headers.DynamicTable.create(MAX_HEADER_TABLE);
    private final Http2HuffmanEncoder huffman = Http2HuffmanEncoder.create();
    private ByteBuffer pending = ByteBuffer.allocate(0);
    private int lastStream = -1;
    private int credit = WINDOW_BYTES; // what the server takes on all streams
    private int streamCredit = WINDOW_BYTES; // the same of the last one
    private int status;

    /**
     * An answer, or its beginning.
     *
     * @param status 0 when it refers to an earlier one
     */
    public record Answer(int status, String body) {}

    private ControlCaller(
            Socket socket, NoiseIk.Session session, byte[] initiation, DataInputStream in) {
        this.socket = socket;
        this.in = in;
        this.sealing = NoiseRecords.sealing(session.clientToServer());
        this.opening = NoiseRecords.opening(session.serverToClient());
        this.initiation = initiation;
    }

    /** Connects as {@code machine}, up to HTTP/2's preface. */
    public static ControlCaller connect(
            InetSocketAddress port, MachineKey server, SecretKey machine, RandomGenerator random)
            throws IOException, WireException {
        Socket socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(port, TIMEOUT_MILLIS);
        try (var noise =
                new NoiseIk.Initiator(
                        CAPABILITY_VERSION, machine, SecretKey.generate(random), server)) {
            var in = new DataInputStream(socket.getInputStream());
            byte[] initiation = noise.initiation();
            socket.getOutputStream().write(upgrade(port, initiation));
            String head = head(in);
            if (!head.startsWith("HTTP/1.1 101 ")) {
                throw new IOException("upgrade: " + head.lines().findFirst().orElse(""));
            }
            byte[] response = in.readNBytes(NoiseIk.RESPONSE_BYTES);
            try (var session = noise.finish(ByteBuffer.wrap(response))) {
                var caller = new ControlCaller(socket, session, initiation, in);
                caller.begin();
                return caller;
            }
        } catch (IOException | WireException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** The request that asks for ts2021 with this initiation. */
    public static byte[] upgrade(InetSocketAddress port, byte[] initiation) {
        String head =
                "POST /ts2021 HTTP/1.1\r\nHost: "
                        + port.getHostString()
                        + "\r\nUpgrade: "
                        + Ts2021.PROTOCOL
                        + "\r\nConnection: upgrade\r\nContent-Length: 0\r\nX-Tailscale-Handshake: "
                        + Base64.getEncoder().encodeToString(initiation)
                        + "\r\n\r\n";
        return head.getBytes(StandardCharsets.US_ASCII);
    }

    /** What it began with, for whom it pleases to send it again. */
    public byte[] initiation() {
        return initiation.clone();
    }

    public Socket socket() {
        return socket;
    }

    private static String head(DataInputStream in) throws IOException {
        var out = new StringBuilder();
        while (out.indexOf("\r\n\r\n") < 0) {
            out.append((char) in.readUnsignedByte());
        }
        return out.toString();
    }

    private void begin() throws IOException, WireException {
        byte[] early = take(EARLY_HEAD_BYTES);
        take(ByteBuffer.wrap(early).getInt(EARLY_HEAD_BYTES - Integer.BYTES));
        send(PREFACE);
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    /** Seals {@code plaintext} and writes it, in as many records as it takes. */
    public void send(byte[] plaintext) throws IOException {
        byte[] wire = new byte[NoiseRecords.sealedBytes(plaintext.length)];
        sealing.seal(plaintext, 0, plaintext.length, wire, 0);
        socket.getOutputStream().write(wire);
    }

    /** Writes an HTTP/2 frame. */
    public void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(FRAME_HEAD_BYTES + payload.length);
        out.put((byte) (payload.length >>> 16)).putShort((short) payload.length);
        out.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        send(out.array());
    }

    /** Sends a request's head; its body is yet to come. Gives its stream. */
    public int open(String path) throws IOException {
        lastStream += 2;
        streamCredit = WINDOW_BYTES;
        status = 0;
        BufferData block = BufferData.growing(256);
        Http2Headers.create(WritableHeaders.create())
                .method(Method.POST)
                .path(path)
                .scheme("https")
                .authority("hearth")
                .write(table, huffman, block);
        frame(HEADERS, END_HEADERS, lastStream, block.readBytes());
        return lastStream;
    }

    /**
     * Posts {@code body}, as fast as the server takes it, and reads the answer, of an endless one
     * its first frame; an answer may come before all of the body has left.
     *
     * @throws EOFException the connection ended instead
     */
    public Answer post(String path, byte[] body) throws IOException, WireException {
        int stream = open(path);
        int sent = 0;
        do {
            int n = Math.min(MAX_PART_BYTES, body.length - sent);
            while (Math.min(credit, streamCredit) < n) {
                Answer early = next(stream);
                if (early != null) {
                    return early;
                }
            }
            int end = sent + n;
            frame(
                    DATA,
                    end == body.length ? END_STREAM : 0,
                    stream,
                    Arrays.copyOfRange(body, sent, end));
            credit -= n;
            streamCredit -= n;
            sent = end;
        } while (sent < body.length);
        return answer(stream);
    }

    /** Reads the answer on {@code stream}, of an endless one its first frame. */
    public Answer answer(int stream) throws IOException, WireException {
        Answer whole = null;
        while (whole == null) {
            whole = next(stream);
        }
        return whole;
    }

    /** Reads the answer that comes first, on whichever stream. */
    public Answer firstAnswer() throws IOException, WireException {
        return answer(ANY_STREAM);
    }

    /** Reads one frame; gives the answer once it has come. */
    private @Nullable Answer next(int stream) throws IOException, WireException {
        ByteBuffer head = ByteBuffer.wrap(take(FRAME_HEAD_BYTES));
        int word = head.getInt();
        int type = word & 0xff;
        int flags = head.get();
        int on = head.getInt();
        boolean asked = on != 0 && (on == stream || stream == ANY_STREAM);
        byte[] payload = take(word >>> 8);
        if (type == SETTINGS && (flags & 1) == 0) {
            frame(SETTINGS, 1, 0, new byte[0]);
        } else if (type == GOAWAY || (type == RST_STREAM && asked)) {
            throw new EOFException("ended by a frame of type " + type);
        } else if (type == WINDOW_UPDATE && on == 0) {
            credit += ByteBuffer.wrap(payload).getInt();
        } else if (type == WINDOW_UPDATE && asked) {
            streamCredit += ByteBuffer.wrap(payload).getInt();
        } else if (asked && type == HEADERS) {
            status = status(payload, flags);
        }
        boolean whole = asked && (type == DATA || (flags & END_STREAM) != 0);
        return whole
                ? new Answer(
                        status, type == DATA ? new String(payload, StandardCharsets.UTF_8) : "")
                : null;
    }

    /** The first field of a head, {@code :status}, by HPACK's own index or written out; else 0. */
    private static int status(byte[] block, int flags) {
        int at = (flags & PADDED) == 0 ? 0 : 1;
        int index = (block[at] & 0xff) - FIRST_STATUS_INDEX;
        if (index >= 0) {
            return index < STATUSES.length ? STATUSES[index] : 0;
        }
        boolean plain = block[at + 1] == STATUS_DIGITS;
        return plain
                ? Integer.parseInt(
                        new String(block, at + 2, STATUS_DIGITS, StandardCharsets.US_ASCII))
                : 0;
    }

    private byte[] take(int count) throws IOException, WireException {
        var out = new ByteArrayOutputStream();
        while (out.size() < count) {
            if (!pending.hasRemaining()) {
                pending = ByteBuffer.wrap(record());
            }
            byte[] part = new byte[Math.min(count - out.size(), pending.remaining())];
            pending.get(part);
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private byte[] record() throws IOException, WireException {
        int type = in.readUnsignedByte();
        byte[] sealed = new byte[in.readUnsignedShort()];
        in.readFully(sealed);
        if (type != NoiseRecords.TYPE_RECORD) {
            throw new WireException("record of type " + type + Arrays.toString(sealed));
        }
        return opening.open(sealed);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
