package hearth.disco;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import hearth.crypto.NaclBox;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Byte vectors made by an independent implementation of the same layouts. */
final class DiscoMessageGoldenTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final TxId TX_ID = new TxId(0x0001_0203_0405_0607L, 0x0809_0a0b);
    private static final NodeKey NODE =
            new NodeKey(
                    HEX.parseHex(
                            "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13"));
    private static final InetSocketAddress V4 =
            new InetSocketAddress(InetAddress.ofLiteral("203.0.113.9"), 41641);
    private static final InetSocketAddress V6 =
            new InetSocketAddress(InetAddress.ofLiteral("2001:db8::7"), 41641);
    private static final String PING_PACKET =
            "5453f09f92ac00f81ab0eb0e18ddb5e247d38f25c7a352c39fc77a74cb3f739d309f69ee4878"
                    + "999999999999999999999999999999999999999999999999"
                    + "44cd48f579d5886a41003c1c1f3bb78330ef3e3f239f1b3bc82f011f7de82fce"
                    + "2e1437493c6cb9bbc303941298050aba113ca912cf86c7af046e5c2611d1";

    private static SecretKey secret(int b) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) b);
        return new SecretKey(bytes);
    }

    private static NaclBox box(SecretKey own, SecretKey peer) {
        return present(NaclBox.between(own, peer.discoKey()));
    }

    private static <T> T present(@Nullable T value) {
        assertNotNull(value);
        return value;
    }

    @Test
    void pingIsSealedAndOpened() throws WireException {
        SecretKey a = secret(0x81);
        SecretKey b = secret(0x82);
        RandomGenerator allNines = () -> 0x9999_9999_9999_9999L;
        var ping = new DiscoMessage.Ping(TX_ID, NODE);
        byte[] packet = DiscoPacket.seal(a.discoKey(), box(a, b), allNines, ping);
        assertEquals(PING_PACKET, HEX.formatHex(packet));
        assertEquals(124, packet.length);
        assertTrue(DiscoPacket.isDisco(packet));
        assertEquals(a.discoKey(), DiscoPacket.sender(packet));
        assertEquals(ping, DiscoPacket.open(box(b, a), packet));
        packet[100] ^= 1;
        assertThrows(WireException.class, () -> DiscoPacket.open(box(b, a), packet));
    }

    @Test
    void pongAndCallMeMaybe() throws WireException {
        golden(
                "0200000102030405060708090a0b00000000000000000000ffffcb007109a2a9",
                new DiscoMessage.Pong(TX_ID, V4));
        golden(
                "030000000000000000000000ffffcb007109a2a920010db8000000000000000000000007a2a9",
                new DiscoMessage.CallMeMaybe(List.of(V4, V6)));
    }

    private static void golden(String hex, DiscoMessage message) throws WireException {
        assertArrayEquals(HEX.parseHex(hex), message.encode());
        assertEquals(message, decode(hex));
        if (!(message instanceof DiscoMessage.CallMeMaybe)) {
            assertEquals(message, decode(hex + "00ff"), "later bytes are ignored");
        }
    }

    private static @Nullable DiscoMessage decode(String hex) throws WireException {
        return DiscoMessage.decode(ByteBuffer.wrap(HEX.parseHex(hex)));
    }

    @Test
    void laxWhereTheOfficialCodeIs() throws WireException {
        String tx = "000102030405060708090a0b";
        assertEquals(new DiscoMessage.Ping(TX_ID, null), decode("0100" + tx));
        assertEquals(
                new DiscoMessage.Ping(TX_ID, NODE),
                decode("0100" + tx + HEX.formatHex(NODE.bytes()) + "00".repeat(900)));
        assertEquals(new DiscoMessage.CallMeMaybe(List.of()), decode("0300"));
        assertEquals(new DiscoMessage.CallMeMaybe(List.of()), decode("0300" + "00".repeat(19)));
        assertNull(decode("0400" + "00".repeat(72)));
        assertNull(decode("6300"));
        assertNull(decode("0101" + tx), "another version");
        assertThrows(WireException.class, () -> decode("0100" + "00".repeat(11)));
        assertThrows(WireException.class, () -> decode("0200" + "00".repeat(29)));
        assertThrows(WireException.class, () -> decode("01"));
    }
}
