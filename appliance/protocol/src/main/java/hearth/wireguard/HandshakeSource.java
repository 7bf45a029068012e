package hearth.wireguard;

import java.nio.ByteBuffer;

/**
 * Where a handshake message came from: an address of 128 bits (IPv4 mapped) and a port. For a known
 * peer behind a relay the address is made from the peer's key, so that one noisy peer does not make
 * all others solve cookies.
 */
public record HandshakeSource(long high, long low, int port) {
    private static final int BYTES = 18;

    /** What a cookie binds: 16 bytes of address, the port in network order. */
    byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).putShort((short) port).array();
    }
}
