package hearth.disco;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.crypto.NodeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The plaintext of a disco packet; all integers big-endian, trailing bytes ignored.
 *
 * <pre>
 * at  bytes
 *  0   1    type
 *  1   1    version, 0
 *  2   …    body
 * </pre>
 *
 * An address is 16 bytes (IPv4 as ::ffff:a.b.c.d) and a port of 2. The types of the UDP relay (4 to
 * 9) and unknown ones decode to null: they are ignored. Source: tailscale/tailscale disco/disco.go.
 */
public sealed interface DiscoMessage {
    int HEADER = 2;
    int ADDRESS = 18;
    int VERSION = 0;

    /** The message as plaintext. */
    byte[] encode();

    private static byte[] plaintext(int type, int bodyBytes, Consumer<ByteBuffer> body) {
        byte[] plain = new byte[HEADER + bodyBytes];
        body.accept(ByteBuffer.wrap(plain).put((byte) type).put((byte) VERSION));
        return plain;
    }

    /**
     * Type 1. Body: txid 12, the sender's node key 32 (absent from old clients), zero padding that
     * is not kept.
     */
    record Ping(TxId txId, @Nullable NodeKey sender) implements DiscoMessage {
        static final int TYPE = 1;

        @Override
        public byte[] encode() {
            int body = TxId.LENGTH + (sender == null ? 0 : NodeKey.LENGTH);
            return plaintext(
                    TYPE,
                    body,
                    out -> {
                        txId.writeTo(out);
                        if (sender != null) {
                            sender.writeTo(out);
                        }
                    });
        }

        static Ping decode(ByteBuffer body) throws WireException {
            need("Ping", body, TxId.LENGTH);
            TxId txId = TxId.readFrom(body);
            return new Ping(
                    txId, body.remaining() >= NodeKey.LENGTH ? NodeKey.readFrom(body) : null);
        }
    }

    /** Type 2. Body: txid 12 of the ping, the address 18 that the ping was seen to come from. */
    record Pong(TxId txId, InetSocketAddress source) implements DiscoMessage {
        static final int TYPE = 2;

        @Override
        public byte[] encode() {
            return plaintext(
                    TYPE,
                    TxId.LENGTH + ADDRESS,
                    out -> {
                        txId.writeTo(out);
                        writeAddress(out, source);
                    });
        }

        static Pong decode(ByteBuffer body) throws WireException {
            need("Pong", body, TxId.LENGTH + ADDRESS);
            TxId txId = TxId.readFrom(body);
            return new Pong(txId, readAddress(body));
        }
    }

    /**
     * Type 3, over a relay only: "ping me at these addresses". Body: addresses of 18 bytes; an
     * empty or ragged body counts as no address.
     */
    record CallMeMaybe(List<InetSocketAddress> endpoints) implements DiscoMessage {
        static final int TYPE = 3;

        public CallMeMaybe {
            endpoints = List.copyOf(endpoints);
        }

        @Override
        public byte[] encode() {
            return plaintext(
                    TYPE,
                    endpoints.size() * ADDRESS,
                    out -> endpoints.forEach(a -> writeAddress(out, a)));
        }

        static CallMeMaybe decode(ByteBuffer body) {
            List<InetSocketAddress> out = new ArrayList<>();
            if (body.remaining() % ADDRESS == 0) {
                while (body.hasRemaining()) {
                    out.add(readAddress(body));
                }
            }
            return new CallMeMaybe(out);
        }
    }

    /**
     * Reads a plaintext.
     *
     * @return null for a type or version that is not known here
     */
    static @Nullable DiscoMessage decode(ByteBuffer in) throws WireException {
        need("disco message", in, HEADER);
        in.order(ByteOrder.BIG_ENDIAN);
        int type = in.get() & 0xff;
        int version = in.get() & 0xff;
        if (version != VERSION) {
            return null;
        }
        return switch (type) {
            case Ping.TYPE -> Ping.decode(in);
            case Pong.TYPE -> Pong.decode(in);
            case CallMeMaybe.TYPE -> CallMeMaybe.decode(in);
            default -> null;
        };
    }

    private static void need(String what, ByteBuffer in, int bytes) throws WireException {
        if (in.remaining() < bytes) {
            throw WireException.tooShort(what, bytes, in.remaining());
        }
    }

    private static InetSocketAddress readAddress(ByteBuffer in) {
        IpAddress a = new IpAddress(false, in.getLong(), in.getLong()).unmapped();
        return new InetSocketAddress(a.toInetAddress(), in.getShort() & 0xffff);
    }

    private static void writeAddress(ByteBuffer out, InetSocketAddress address) {
        InetAddress inet = address.getAddress();
        if (inet == null) {
            throw new IllegalArgumentException("unresolved address " + address);
        }
        IpAddress a = IpAddress.of(inet);
        out.putLong(a.high()).putLong(a.v4() ? 0xffff_0000_0000L | a.low() : a.low());
        out.putShort((short) address.getPort());
    }
}
