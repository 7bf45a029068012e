package hearth.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Vectors made with the reference implementation: version 113, every secret 32 equal bytes. */
final class NoiseIkTest {
    private static final int VERSION = 113;
    private static final String SERVER_PUBLIC =
            "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13";
    private static final String MACHINE_PUBLIC =
            "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20";
    private static final String INITIATION =
            "0071010060ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b99b043e7b583a1"
                    + "67d9be715032da9e2927b7e2c9a753dcf4c93208099e87389216c468e997dfcc708a4a8f55f4c297d59d"
                    + "4ce38fffa606400523c7d7bee3dc59";
    private static final String RESPONSE =
            "0200307b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b147c7e2ba462b8b6843c"
                    + "59f96ed42d2659";
    private static final String HANDSHAKE_HASH =
            "30465d3ce5519157c2abaf01295ed7d4cc352109f7aa84442f42e992856c23bb";
    private static final String CLIENT_TO_SERVER =
            "341a1e8977c7c0fe72afe6d6a6c6cc13862328701e729a7e2b023ecf706a3a9d";
    private static final String SERVER_TO_CLIENT =
            "0a7f541ea9f037b55a734bd275791d90ead348ecd54d9a56d967bde207d12547";

    private final SecretKey server = secret(0x11);
    private final SecretKey machine = secret(0x22);

    @Test
    void publicKeysAreTheVectors() {
        assertEquals(SERVER_PUBLIC, hex(server.publicBytes()));
        assertEquals(MACHINE_PUBLIC, hex(machine.publicBytes()));
    }

    @Test
    void serverAnswersTheVector() throws WireException {
        NoiseIk.Answer answer =
                NoiseIk.respond(server, secret(0x33), ByteBuffer.wrap(bytes(INITIATION)));
        assertEquals(RESPONSE, hex(answer.response().array()));
        check(answer.session());
        assertEquals(machine.machineKey(), answer.session().peer());
    }

    @Test
    void clientMakesTheVector() throws WireException {
        try (var initiator =
                new NoiseIk.Initiator(VERSION, machine, secret(0x44), server.machineKey())) {
            assertEquals(INITIATION, hex(initiator.initiation()));
            check(initiator.finish(ByteBuffer.wrap(bytes(RESPONSE))));
        }
    }

    @Test
    void recordsCountBigEndian() throws WireException {
        NoiseRecords out = NoiseRecords.sealing(bytes(SERVER_TO_CLIENT));
        byte[] wire = new byte[100];
        int first = out.seal(utf8("hello"), 0, 5, wire, 0);
        assertEquals(
                "040015866e116ae744c54dd0a3456940e6af2b2f21c5eb0f",
                HexFormat.of().formatHex(wire, 0, first));
        int second = out.seal(utf8("world"), 0, 5, wire, 0);
        assertEquals(
                "f36816de2740bbc32c02c0ad92dd43eb416ad18ecd",
                HexFormat.of().formatHex(wire, NoiseRecords.HEAD_BYTES, second));

        NoiseRecords in = NoiseRecords.opening(bytes(SERVER_TO_CLIENT));
        assertArrayEquals(
                utf8("hello"), in.open(bytes("866e116ae744c54dd0a3456940e6af2b2f21c5eb0f")));
        assertArrayEquals(
                utf8("world"), in.open(bytes("f36816de2740bbc32c02c0ad92dd43eb416ad18ecd")));
    }

    @Test
    void longDataIsCutIntoRecordsOf4096() throws WireException {
        byte[] data = new byte[3 * NoiseRecords.MAX_PLAINTEXT_BYTES + 1];
        new Random(7).nextBytes(data);
        byte[] wire = new byte[NoiseRecords.sealedBytes(data.length)];
        int written =
                NoiseRecords.sealing(bytes(CLIENT_TO_SERVER)).seal(data, 0, data.length, wire, 0);
        assertEquals(wire.length, written);
        assertEquals(3 * 4096 + 20, written);

        NoiseRecords in = NoiseRecords.opening(bytes(CLIENT_TO_SERVER));
        ByteBuffer back = ByteBuffer.allocate(data.length);
        for (int at = 0; at < wire.length; ) {
            int length = ((wire[at + 1] & 0xff) << 8) | (wire[at + 2] & 0xff);
            back.put(in.open(Arrays.copyOfRange(wire, at + 3, at + 3 + length)));
            at += 3 + length;
        }
        assertArrayEquals(data, back.array());
    }

    @Test
    void anotherServersInitiationIsRefused() {
        WireException e =
                assertThrows(
                        WireException.class,
                        () ->
                                NoiseIk.respond(
                                        secret(0x12),
                                        secret(0x33),
                                        ByteBuffer.wrap(bytes(INITIATION))));
        assertTrue(String.valueOf(e.getMessage()).startsWith("decrypting machine key"));
    }

    @Test
    void zeroPointIsRefused() {
        byte[] bad = bytes(INITIATION);
        Arrays.fill(bad, 5, 37, (byte) 0);
        assertThrows(
                WireException.class,
                () -> NoiseIk.respond(server, secret(0x33), ByteBuffer.wrap(bad)));
    }

    private static void check(NoiseIk.Session session) {
        assertEquals(VERSION, session.version());
        assertEquals(HANDSHAKE_HASH, hex(session.handshakeHash()));
        assertEquals(CLIENT_TO_SERVER, hex(session.clientToServer()));
        assertEquals(SERVER_TO_CLIENT, hex(session.serverToClient()));
    }

    private static SecretKey secret(int value) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) value);
        return new SecretKey(b);
    }

    private static String hex(byte[] b) {
        return HexFormat.of().formatHex(b);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
