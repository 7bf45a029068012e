package hearth.stun;

import hearth.base.IpAddress;
import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * STUN Binding requests and their answers (RFC 8489, 5, 14.2, 14.7), big-endian.
 *
 * <pre>
 * header     type u16 ‖ length u16 ‖ cookie 0x2112a442 ‖ transaction id 12
 * attribute  type u16 ‖ length u16 ‖ value, padded to 4
 *
 * request    0x0001: SOFTWARE "tailnode" ‖ FINGERPRINT                     40 bytes
 * response   0x0101: XOR-MAPPED-ADDRESS (0 ‖ family ‖ port ‖ address)      32 or 44 bytes
 * </pre>
 *
 * <p>Requests of any well-formed shape are accepted, unless they hold an attribute that must be
 * understood (below 0x8000) and is not, or a FINGERPRINT that is wrong: no error response is sent,
 * so an answer is never much larger than its request.
 */
public final class Stun {
    public static final int HEADER_LENGTH = 20;
    public static final int COOKIE = 0x2112a442;

    /** Longer requests are not answered. */
    public static final int MAX_REQUEST = 512;

    /** The longest answer, for IPv6. */
    public static final int MAX_RESPONSE = 44;

    private static final int BINDING_REQUEST = 0x0001;
    private static final int BINDING_RESPONSE = 0x0101;
    private static final int MAPPED_ADDRESS = 0x0001;
    private static final int XOR_MAPPED_ADDRESS = 0x0020;
    private static final int XOR_MAPPED_ADDRESS_OLD = 0x8020;
    private static final int SOFTWARE = 0x8022;
    private static final int FINGERPRINT = 0x8028;
    private static final int FINGERPRINT_XOR = 0x5354554e;
    private static final int FIRST_OPTIONAL = 0x8000;
    private static final int FAMILY_V4 = 1;
    private static final int FAMILY_V6 = 2;
    private static final byte[] NAME = "tailnode".getBytes(StandardCharsets.US_ASCII);

    private Stun() {}

    /** The 96 bits that tie an answer to its request. */
    public record TransactionId(long high, int low) {
        static TransactionId readFrom(ByteBuffer in) {
            return new TransactionId(in.getLong(), in.getInt());
        }

        void writeTo(ByteBuffer out) {
            out.putLong(high).putInt(low);
        }
    }

    /** What the server saw as the request's source. */
    public record Mapped(TransactionId id, IpAddress address, int port) {}

    /** Puts a request as official clients send it: 40 bytes. */
    public static void request(TransactionId id, ByteBuffer out) {
        int start = out.position();
        int length = 4 + NAME.length + 4 + Integer.BYTES;
        header(BINDING_REQUEST, length, id, out);
        out.putShort((short) SOFTWARE).putShort((short) NAME.length).put(NAME);
        int print = fingerprint(out, start, out.position());
        out.putShort((short) FINGERPRINT).putShort((short) Integer.BYTES).putInt(print);
    }

    /** Reads a request that deserves an answer. */
    public static TransactionId parseRequest(ByteBuffer in) throws WireException {
        if (in.remaining() > MAX_REQUEST) {
            throw new WireException("STUN: request of " + in.remaining() + " bytes");
        }
        int start = in.position();
        TransactionId id = parseHeader(in, BINDING_REQUEST);
        while (in.hasRemaining()) {
            int at = in.position();
            int type = attribute(in);
            int length = in.getShort() & 0xffff;
            if (type == FINGERPRINT) {
                if (length != Integer.BYTES || in.remaining() != Integer.BYTES) {
                    throw new WireException("STUN: fingerprint is not the last attribute");
                }
                if (in.getInt() != fingerprint(in, start, at)) {
                    throw new WireException("STUN: fingerprint is wrong");
                }
            } else if (type < FIRST_OPTIONAL) {
                throw new WireException("STUN: attribute " + Integer.toHexString(type));
            } else {
                skip(in, length);
            }
        }
        return id;
    }

    /** Puts the answer to {@code id}; a mapped IPv4 address is told as IPv4. */
    public static void response(TransactionId id, IpAddress source, int port, ByteBuffer out) {
        IpAddress ip = source.unmapped();
        int addressLength = ip.bits() / Byte.SIZE;
        header(BINDING_RESPONSE, 8 + addressLength, id, out);
        out.putShort((short) XOR_MAPPED_ADDRESS).putShort((short) (4 + addressLength));
        out.put((byte) 0).put((byte) (ip.v4() ? FAMILY_V4 : FAMILY_V6));
        out.putShort((short) (port ^ COOKIE >>> 16));
        if (ip.v4()) {
            out.putInt((int) ip.low() ^ COOKIE);
        } else {
            out.putLong(ip.high() ^ highMask(id)).putLong(ip.low() ^ lowMask(id));
        }
    }

    /** Reads an answer; the older attributes are understood too. */
    public static Mapped parseResponse(ByteBuffer in) throws WireException {
        TransactionId id = parseHeader(in, BINDING_RESPONSE);
        Mapped plain = null;
        while (in.hasRemaining()) {
            int type = attribute(in);
            int length = in.getShort() & 0xffff;
            switch (type) {
                case XOR_MAPPED_ADDRESS, XOR_MAPPED_ADDRESS_OLD -> {
                    return mapped(id, in, length, true);
                }
                case MAPPED_ADDRESS -> plain = mapped(id, in, length, false);
                default -> skip(in, length);
            }
        }
        if (plain == null) {
            throw new WireException("STUN: answer without an address");
        }
        return plain;
    }

    private static Mapped mapped(TransactionId id, ByteBuffer in, int length, boolean xor)
            throws WireException {
        int end = in.position() + padded(length);
        if (in.remaining() < padded(length) || length < 8) {
            throw WireException.tooShort("STUN address", 8, in.remaining());
        }
        in.get();
        int family = in.get();
        int port = in.getShort() & 0xffff;
        if (xor) {
            port ^= COOKIE >>> 16;
        }
        IpAddress ip;
        if (family == FAMILY_V4) {
            ip = IpAddress.v4(in.getInt() ^ (xor ? COOKIE : 0));
        } else if (family == FAMILY_V6 && length >= 20) {
            long high = in.getLong() ^ (xor ? highMask(id) : 0);
            ip = new IpAddress(false, high, in.getLong() ^ (xor ? lowMask(id) : 0));
        } else {
            throw new WireException("STUN: address family " + family + " in " + length + " bytes");
        }
        in.position(end);
        return new Mapped(id, ip.unmapped(), port);
    }

    private static TransactionId parseHeader(ByteBuffer in, int wanted) throws WireException {
        if (in.remaining() < HEADER_LENGTH) {
            throw WireException.tooShort("STUN", HEADER_LENGTH, in.remaining());
        }
        int type = in.getShort() & 0xffff;
        int length = in.getShort() & 0xffff;
        int cookie = in.getInt();
        if (type != wanted || cookie != COOKIE) {
            throw new WireException("STUN: type " + type + ", expected " + wanted);
        }
        TransactionId id = TransactionId.readFrom(in);
        if (length != in.remaining() || length % 4 != 0) {
            throw new WireException("STUN: length " + length + ", got " + in.remaining());
        }
        return id;
    }

    /** The next attribute's type; its length is left to read. */
    private static int attribute(ByteBuffer in) throws WireException {
        if (in.remaining() < 4) {
            throw WireException.tooShort("STUN attribute", 4, in.remaining());
        }
        return in.getShort() & 0xffff;
    }

    private static void skip(ByteBuffer in, int length) throws WireException {
        if (in.remaining() < padded(length)) {
            throw WireException.tooShort("STUN attribute", padded(length), in.remaining());
        }
        in.position(in.position() + padded(length));
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }

    private static void header(int type, int length, TransactionId id, ByteBuffer out) {
        out.putShort((short) type).putShort((short) length).putInt(COOKIE);
        id.writeTo(out);
    }

    private static long highMask(TransactionId id) {
        return (long) COOKIE << 32 | id.high() >>> 32;
    }

    private static long lowMask(TransactionId id) {
        return id.high() << 32 | (id.low() & 0xffff_ffffL);
    }

    private static int fingerprint(ByteBuffer in, int start, int end) {
        CRC32 crc = new CRC32();
        crc.update(in.duplicate().position(start).limit(end));
        return (int) crc.getValue() ^ FINGERPRINT_XOR;
    }
}
