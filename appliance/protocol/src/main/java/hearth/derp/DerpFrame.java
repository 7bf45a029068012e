package hearth.derp;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.crypto.NodeKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One frame: {@code type u8 ‖ length u32 big-endian ‖ body}. Bytes after a body's known part are
 * ignored unless noted.
 *
 * <pre>
 * type  frame          from    body
 * 0x01  ServerKey      server  magic 8 ‖ key 32
 * 0x02  ClientInfo     client  node key 32 ‖ nonce 24 ‖ NaCl box of JSON
 * 0x03  ServerInfo     server  nonce 24 ‖ NaCl box of JSON
 * 0x04  SendPacket     client  destination 32 ‖ packet
 * 0x05  RecvPacket     server  source 32 ‖ packet
 * 0x06  KeepAlive      server  empty
 * 0x07  NotePreferred  client  exactly 1 byte, 0 or 1
 * 0x08  PeerGone       server  node key 32 ‖ reason u8 (absent: 0)
 * 0x09  PeerPresent    server  node key 32 ‖ IP 16 ‖ port u16 ‖ flags u8 (trailing parts may lack)
 * 0x0a  ForwardPacket  mesh    source 32 ‖ destination 32 ‖ packet
 * 0x10  WatchConns     mesh    exactly empty
 * 0x11  ClosePeer      mesh    exactly node key 32
 * 0x12  Ping           both    8 opaque bytes
 * 0x13  Pong           both    the same 8 bytes
 * 0x14  Health         server  UTF-8 text of a problem, empty when healthy again
 * 0x15  Restarting     server  reconnect in u32 ms ‖ try for u32 ms
 * </pre>
 *
 * <p>A decoded packet or box is a view of the buffer it was read from. Source: tailscale/tailscale
 * derp/derp.go.
 */
public sealed interface DerpFrame {
    int VERSION = 2;
    int HEADER_LENGTH = 5;

    /** The longest packet a frame may carry. */
    int MAX_PACKET = 65_536;

    /** Clients end a connection on a longer frame. */
    int MAX_FRAME = 1 << 20;

    int SERVER_KEY = 0x01;
    int CLIENT_INFO = 0x02;
    int SERVER_INFO = 0x03;
    int SEND_PACKET = 0x04;
    int RECV_PACKET = 0x05;
    int KEEP_ALIVE = 0x06;
    int NOTE_PREFERRED = 0x07;
    int PEER_GONE = 0x08;
    int PEER_PRESENT = 0x09;
    int FORWARD_PACKET = 0x0a;
    int WATCH_CONNS = 0x10;
    int CLOSE_PEER = 0x11;
    int PING = 0x12;
    int PONG = 0x13;
    int HEALTH = 0x14;
    int RESTARTING = 0x15;

    int type();

    int bodyLength();

    void encodeBody(ByteBuffer out);

    /** Puts header and body. */
    default void encode(ByteBuffer out) {
        out.put((byte) type()).putInt(bodyLength());
        encodeBody(out);
    }

    /** Decodes {@code body}, all of which belongs to the frame. */
    static DerpFrame decode(int type, ByteBuffer body) throws WireException {
        return switch (type) {
            case SERVER_KEY -> ServerKey.decode(body);
            case CLIENT_INFO -> ClientInfo.decode(body);
            case SERVER_INFO -> ServerInfo.decode(body);
            case SEND_PACKET -> new SendPacket(key("SendPacket", body), body.slice());
            case RECV_PACKET -> new RecvPacket(key("RecvPacket", body), body.slice());
            case KEEP_ALIVE -> new KeepAlive();
            case NOTE_PREFERRED -> {
                exactly("NotePreferred", 1, body);
                yield new NotePreferred(body.get() != 0);
            }
            case PEER_GONE -> PeerGone.decode(body);
            case PEER_PRESENT -> PeerPresent.decode(body);
            case FORWARD_PACKET -> {
                NodeKey from = key("ForwardPacket", body);
                yield new ForwardPacket(from, key("ForwardPacket", body), body.slice());
            }
            case WATCH_CONNS -> {
                exactly("WatchConns", 0, body);
                yield new WatchConns();
            }
            case CLOSE_PEER -> {
                exactly("ClosePeer", NodeKey.LENGTH, body);
                yield new ClosePeer(key("ClosePeer", body));
            }
            case PING -> {
                atLeast("Ping", Ping.LENGTH, body);
                yield new Ping(body.getLong());
            }
            case PONG -> {
                atLeast("Pong", Ping.LENGTH, body);
                yield new Pong(body.getLong());
            }
            case HEALTH -> {
                byte[] text = new byte[body.remaining()];
                body.get(text);
                yield new Health(new String(text, StandardCharsets.UTF_8));
            }
            case RESTARTING -> {
                atLeast("Restarting", Restarting.LENGTH, body);
                yield new Restarting(body.getInt() & 0xffff_ffffL, body.getInt() & 0xffff_ffffL);
            }
            default -> new Unknown(type, body.slice());
        };
    }

    private static void atLeast(String what, int bytes, ByteBuffer body) throws WireException {
        if (body.remaining() < bytes) {
            throw WireException.tooShort(what, bytes, body.remaining());
        }
    }

    private static void exactly(String what, int bytes, ByteBuffer body) throws WireException {
        if (body.remaining() != bytes) {
            throw new WireException(
                    what + ": " + body.remaining() + " bytes, expected exactly " + bytes);
        }
    }

    private static NodeKey key(String what, ByteBuffer body) throws WireException {
        atLeast(what, NodeKey.LENGTH, body);
        return NodeKey.readFrom(body);
    }

    /** The first frame: the relay's own key. */
    record ServerKey(NodeKey key) implements DerpFrame {
        /** "DERP" and the key emoji. */
        public static final long MAGIC = 0x44455250_f09f9491L;

        static final int LENGTH = Long.BYTES + NodeKey.LENGTH;

        private static ServerKey decode(ByteBuffer body) throws WireException {
            atLeast("ServerKey", LENGTH, body);
            long magic = body.getLong();
            if (magic != MAGIC) {
                throw new WireException("ServerKey: magic " + Long.toHexString(magic));
            }
            return new ServerKey(NodeKey.readFrom(body));
        }

        @Override
        public int type() {
            return SERVER_KEY;
        }

        @Override
        public int bodyLength() {
            return LENGTH;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.putLong(MAGIC);
            key.writeTo(out);
        }
    }

    /** A login: who, and in {@code sealed} (nonce ‖ box) what it can do, see {@link Login}. */
    record ClientInfo(NodeKey client, ByteBuffer sealed) implements DerpFrame {
        private static ClientInfo decode(ByteBuffer body) throws WireException {
            atLeast("ClientInfo", NodeKey.LENGTH + Login.NONCE_LENGTH, body);
            return new ClientInfo(NodeKey.readFrom(body), body.slice());
        }

        @Override
        public int type() {
            return CLIENT_INFO;
        }

        @Override
        public int bodyLength() {
            return NodeKey.LENGTH + sealed.remaining();
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            client.writeTo(out);
            out.put(sealed.duplicate());
        }
    }

    /** The login's answer, {@code sealed} as nonce ‖ box. */
    record ServerInfo(ByteBuffer sealed) implements DerpFrame {
        private static ServerInfo decode(ByteBuffer body) throws WireException {
            atLeast("ServerInfo", Login.NONCE_LENGTH, body);
            return new ServerInfo(body.slice());
        }

        @Override
        public int type() {
            return SERVER_INFO;
        }

        @Override
        public int bodyLength() {
            return sealed.remaining();
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.put(sealed.duplicate());
        }
    }

    /** A packet for {@code to}. */
    record SendPacket(NodeKey to, ByteBuffer packet) implements DerpFrame {
        @Override
        public int type() {
            return SEND_PACKET;
        }

        @Override
        public int bodyLength() {
            return NodeKey.LENGTH + packet.remaining();
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            to.writeTo(out);
            out.put(packet.duplicate());
        }
    }

    /** A packet that {@code from} sent to this client. */
    record RecvPacket(NodeKey from, ByteBuffer packet) implements DerpFrame {
        @Override
        public int type() {
            return RECV_PACKET;
        }

        @Override
        public int bodyLength() {
            return NodeKey.LENGTH + packet.remaining();
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            from.writeTo(out);
            out.put(packet.duplicate());
        }
    }

    /** Sent every minute: clients give up after 120 s without a frame. */
    record KeepAlive() implements DerpFrame {
        @Override
        public int type() {
            return KEEP_ALIVE;
        }

        @Override
        public int bodyLength() {
            return 0;
        }

        @Override
        public void encodeBody(ByteBuffer out) {}
    }

    /** Whether this relay is the client's home. */
    record NotePreferred(boolean home) implements DerpFrame {
        @Override
        public int type() {
            return NOTE_PREFERRED;
        }

        @Override
        public int bodyLength() {
            return 1;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.put((byte) (home ? 1 : 0));
        }
    }

    /** {@code peer} cannot be reached through this relay any more. */
    record PeerGone(NodeKey peer, Reason reason) implements DerpFrame {
        /** An open code: values we do not know survive a round trip. */
        public record Reason(int code) {
            public static final Reason DISCONNECTED = new Reason(0x00);
            public static final Reason NOT_HERE = new Reason(0x01);

            /** Made by a client itself when a mesh link broke, never on a wire. */
            public static final Reason MESH_BROKE = new Reason(0xf0);
        }

        static final int LENGTH = NodeKey.LENGTH + 1;

        private static PeerGone decode(ByteBuffer body) throws WireException {
            NodeKey peer = key("PeerGone", body);
            return new PeerGone(
                    peer,
                    body.hasRemaining() ? new Reason(body.get() & 0xff) : Reason.DISCONNECTED);
        }

        @Override
        public int type() {
            return PEER_GONE;
        }

        @Override
        public int bodyLength() {
            return LENGTH;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            peer.writeTo(out);
            out.put((byte) reason.code());
        }
    }

    /** {@code peer} is connected to this relay, from where when it is told; for mesh watchers. */
    record PeerPresent(NodeKey peer, @Nullable IpAddress ip, int port, int flags)
            implements DerpFrame {
        public static final int REGULAR = 1;
        public static final int MESH_PEER = 2;
        public static final int PROBER = 4;
        public static final int NOT_IDEAL = 8;

        private static final int IP_LENGTH = 16;
        private static final int ADDRESS_LENGTH = IP_LENGTH + Short.BYTES;
        private static final long V4_MAPPED = 0xffffL << 32;

        private static PeerPresent decode(ByteBuffer body) throws WireException {
            NodeKey peer = key("PeerPresent", body);
            if (body.remaining() < ADDRESS_LENGTH) {
                return new PeerPresent(peer, null, 0, 0);
            }
            IpAddress ip = new IpAddress(false, body.getLong(), body.getLong()).unmapped();
            int port = body.getShort() & 0xffff;
            return new PeerPresent(peer, ip, port, body.hasRemaining() ? body.get() & 0xff : 0);
        }

        @Override
        public int type() {
            return PEER_PRESENT;
        }

        @Override
        public int bodyLength() {
            return NodeKey.LENGTH + (ip == null ? 0 : ADDRESS_LENGTH + 1);
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            peer.writeTo(out);
            if (ip != null) {
                out.putLong(ip.high()).putLong(ip.v4() ? V4_MAPPED | ip.low() : ip.low());
                out.putShort((short) port).put((byte) flags);
            }
        }
    }

    /** A packet between relays of a region. */
    record ForwardPacket(NodeKey from, NodeKey to, ByteBuffer packet) implements DerpFrame {
        @Override
        public int type() {
            return FORWARD_PACKET;
        }

        @Override
        public int bodyLength() {
            return 2 * NodeKey.LENGTH + packet.remaining();
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            from.writeTo(out);
            to.writeTo(out);
            out.put(packet.duplicate());
        }
    }

    /** A mesh relay wants to be told who is here. */
    record WatchConns() implements DerpFrame {
        @Override
        public int type() {
            return WATCH_CONNS;
        }

        @Override
        public int bodyLength() {
            return 0;
        }

        @Override
        public void encodeBody(ByteBuffer out) {}
    }

    /** A mesh relay wants {@code peer} closed. */
    record ClosePeer(NodeKey peer) implements DerpFrame {
        @Override
        public int type() {
            return CLOSE_PEER;
        }

        @Override
        public int bodyLength() {
            return NodeKey.LENGTH;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            peer.writeTo(out);
        }
    }

    /** To be answered by a {@link Pong} with the same data. */
    record Ping(long data) implements DerpFrame {
        static final int LENGTH = Long.BYTES;

        @Override
        public int type() {
            return PING;
        }

        @Override
        public int bodyLength() {
            return LENGTH;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.putLong(data);
        }
    }

    /** The answer to a {@link Ping}. */
    record Pong(long data) implements DerpFrame {
        @Override
        public int type() {
            return PONG;
        }

        @Override
        public int bodyLength() {
            return Ping.LENGTH;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.putLong(data);
        }
    }

    /** The relay's own problem, shown by clients; empty when it is over. */
    record Health(String problem) implements DerpFrame {
        @Override
        public int type() {
            return HEALTH;
        }

        @Override
        public int bodyLength() {
            return problem.getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.put(problem.getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * The relay restarts: reconnect after {@code reconnectInMillis}, try so long. Both unsigned.
     */
    record Restarting(long reconnectInMillis, long tryForMillis) implements DerpFrame {
        static final int LENGTH = 2 * Integer.BYTES;

        @Override
        public int type() {
            return RESTARTING;
        }

        @Override
        public int bodyLength() {
            return LENGTH;
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.putInt((int) reconnectInMillis).putInt((int) tryForMillis);
        }
    }

    /** A type from a later version: skipped by both sides. */
    record Unknown(int type, ByteBuffer body) implements DerpFrame {
        @Override
        public int bodyLength() {
            return body.remaining();
        }

        @Override
        public void encodeBody(ByteBuffer out) {
            out.put(body.duplicate());
        }
    }
}
