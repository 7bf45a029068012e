package hearth.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.Blake2s;
import hearth.crypto.JdkAead;
import hearth.crypto.SecretKey;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One handshake with fixed keys, checked byte for byte (docs/protocol/wireguard.md, vectors). */
final class HandshakeGoldenTest {
    private static final byte[] TIMESTAMP = hex("400000006553f10a05000000");
    private static final int INITIATOR_INDEX = 0x01020304;
    private static final int RESPONDER_INDEX = 0x0a0b0c0d;
    private static final String INITIATION =
            "01000000040302017b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14"
                    + "81e498317da959fba46669572516a5e6c021bfa620bb6c56ca0082e1feae14988c2c64d024c61773"
                    + "4a263f76a008df04d0f94bad8ee75ec8e4c2695598baaff7c562e307cd8cd549e6bb78f0d8dcab80"
                    + "3522717136fe97921747e0e600000000000000000000000000000000";
    private static final String RESPONSE =
            "020000000d0c0b0a04030201ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c"
                    + "1fff3e6ba6bfa361f999b2d6cd62e7b3973343adbae3eba522d3f5df1fb1b3afb852614500000000"
                    + "000000000000000000000000";
    private static final String RESPONSE_PSK =
            "020000000d0c0b0a04030201ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c"
                    + "1fff3e6be3d6ad81ee336e761893074b928859a9043778a44de356ed369c0b1ae391467c00000000"
                    + "000000000000000000000000";

    private final SecretKey initiator = key(0x11);
    private final SecretKey responder = key(0x22);
    private final byte[] staticShared = new byte[32];

    HandshakeGoldenTest() {
        assertTrue(initiator.agree(responder.publicBytes(), staticShared, 0));
    }

    @Test
    void initiationIsByteExact() {
        byte[] message = new byte[Messages.INITIATION_BYTES];
        Handshake h = initiate(message);
        assertEquals(INITIATION, HexFormat.of().formatHex(message));
        assertEquals(
                "24eca314409f2ca9ccbf8d50ebb72b7235d67ed11b21eeefc67942a2596df51e",
                HexFormat.of().formatHex(h.transcript().chain));
        assertEquals(
                "1b68023bb6652d5330ba7208a7cc942c90b4a887cac040bceadb9ccd755c5beb",
                HexFormat.of().formatHex(h.transcript().hash));
    }

    @Test
    void responseAndKeysAreByteExact() {
        check(
                new byte[32],
                RESPONSE,
                "e07b709efbfd0361a08a9de658ceb3847d648c207ed71d4dbdfe248bef23a651",
                "f76ba55a113d83abf16240859ca361a9017ae9fbac0b4aa43179112c40e0163f");
    }

    @Test
    void presharedKeyIsMixedIn() {
        byte[] psk = new byte[32];
        Arrays.fill(psk, (byte) 0x55);
        check(
                psk,
                RESPONSE_PSK,
                "a007faf842d83f5bd3be20a14e0ffcec34c84867b78b051980602713205922de",
                "d982d5cd10d34a7802b6c19fa441cd9164d70e4f4d62007ab416879ee8bd1b99");
    }

    private void check(byte[] psk, String response, String toResponder, String toInitiator) {
        byte[] message = new byte[Messages.INITIATION_BYTES];
        Handshake h = initiate(message);
        Handshake.Opened opened = present(Handshake.open(responder, message));
        assertArrayEquals(initiator.publicBytes(), opened.initiatorStatic);
        assertArrayEquals(TIMESTAMP, opened.timestamp(staticShared));
        byte[] out = new byte[Messages.RESPONSE_BYTES];
        Handshake.Keys theirs = present(opened.respond(key(0x44), psk, RESPONDER_INDEX, out));
        sign(out, initiator.publicBytes());
        assertEquals(response, HexFormat.of().formatHex(out));

        byte[] otherPsk = psk.clone();
        otherPsk[0] ^= 1;
        assertNull(h.finish(initiator, otherPsk, out), "another pre-shared key");
        Handshake.Keys ours = present(h.finish(initiator, psk, out));
        assertEquals(toResponder, HexFormat.of().formatHex(ours.send));
        assertEquals(toInitiator, HexFormat.of().formatHex(ours.receive));
        assertArrayEquals(ours.send, theirs.receive);
        assertArrayEquals(ours.receive, theirs.send);
        assertEquals(RESPONDER_INDEX, ours.remoteIndex);
        assertEquals(INITIATOR_INDEX, theirs.remoteIndex);
    }

    @Test
    void transportMessagesAreByteExact() {
        byte[] key = hex("e07b709efbfd0361a08a9de658ceb3847d648c207ed71d4dbdfe248bef23a651");
        try (var aead = JdkAead.BACKEND.withKey(key);
                var slab = new Slab(128)) {
            long m = slab.address();
            Memory.copyIn(hex("040000000d0c0b0a0000000000000000"), 0, m, 16);
            aead.seal(m + 16, 0, 0);
            assertEquals(
                    "040000000d0c0b0a000000000000000069958abbebcb06f97a256144abed28f6",
                    HexFormat.of().formatHex(Memory.bytes(m, 32)));
            Memory.put64le(m + 8, 1);
            Memory.zero(m + 16, 16);
            Memory.copyIn("hello".getBytes(US_ASCII), 0, m + 16, 5);
            aead.seal(m + 16, 16, 1);
            assertEquals(
                    "040000000d0c0b0a010000000000000043719998599cd820872e1fb7578a132e"
                            + "1fb5783a13ae169894acfc42568d6e42",
                    HexFormat.of().formatHex(Memory.bytes(m, 48)));
            assertFalse(aead.open(m + 16, 16, m + 16, 2), "another counter");
        }
    }

    @Test
    void cookieReplyAndMac2AreByteExact() {
        byte[] initiation = hex(INITIATION);
        // R and the nonce of the vector
        RandomGenerator fixed =
                new RandomGenerator() {
                    @Override
                    public long nextLong() {
                        throw new IllegalStateException("only bytes are drawn");
                    }

                    @Override
                    public void nextBytes(byte[] bytes) {
                        Arrays.fill(bytes, bytes.length == 32 ? (byte) 0x66 : (byte) 0x77);
                    }
                };
        var cookies = new Cookies(responder.publicBytes(), fixed);
        byte[] source = ByteBuffer.allocate(6).putInt(0xc0000201).putShort((short) 51820).array();
        byte[] reply = cookies.reply(initiation, source, 0);
        assertEquals(
                "0300000004030201777777777777777777777777777777777777777777777777"
                        + "2cd93e962dd62def62b6bdc519db3e41dfca3b3070efe3ba39e81d0fe1a4490a",
                HexFormat.of().formatHex(reply));
        var signer = new Cookies.Signer(responder.publicBytes());
        byte[] message = initiation.clone();
        signer.sign(message, 0);
        assertArrayEquals(initiation, message, "MAC1 and no MAC2");
        assertTrue(signer.take(reply, 0));
        assertFalse(signer.take(reply, 0), "the MAC1 is spent");
        signer.sign(message, 0);
        assertEquals(
                "c9892a8d8dfdede29a083fc79036acb2",
                HexFormat.of().formatHex(message, Messages.macsAt(message) + 16, message.length));
        assertTrue(cookies.mac2Valid(message, source, 0));
        byte[] otherPort = source.clone();
        otherPort[5] ^= 1;
        assertFalse(cookies.mac2Valid(message, otherPort, 0), "another port");
        assertFalse(cookies.mac2Valid(message, source, Limits.COOKIE_LIFE), "too old");
    }

    @Test
    void macKeysAreAsPublished() {
        assertEquals(
                "2b14c2a1d73fe52519772891d6df632bd2408279e87eb80c61bc395fccadf4a6",
                HexFormat.of().formatHex(Cookies.mac1Key(responder.publicBytes())));
        assertEquals(
                "f38243a909cf26b7ec109798fd3dfdbdb7592367db444819154f6582389fdc1b",
                HexFormat.of().formatHex(Cookies.cookieKey(responder.publicBytes())));
    }

    @Test
    void timestampsAreCoarseAndOrdered() {
        byte[] a = Tai64n.of(Instant.ofEpochSecond(1_700_000_000L, 0x05ff_ffff));
        assertEquals("400000006553f10a05000000", HexFormat.of().formatHex(a));
        byte[] b = Tai64n.after(a, 1L << 24);
        assertEquals("400000006553f10a06000000", HexFormat.of().formatHex(b));
        assertTrue(Tai64n.isAfter(b, a));
        assertFalse(Tai64n.isAfter(a, a));
    }

    private Handshake initiate(byte[] message) {
        Handshake h =
                present(
                        Handshake.initiate(
                                initiator,
                                responder.publicBytes(),
                                staticShared,
                                key(0x33),
                                INITIATOR_INDEX,
                                TIMESTAMP,
                                message));
        sign(message, responder.publicBytes());
        return h;
    }

    private static void sign(byte[] message, byte[] receiver) {
        byte[] mac = Blake2s.mac(Cookies.mac1Key(receiver), message, 0, Messages.macsAt(message));
        System.arraycopy(mac, 0, message, Messages.macsAt(message), mac.length);
    }

    private static <T> T present(@Nullable T value) {
        assertNotNull(value);
        return value;
    }

    private static SecretKey key(int b) {
        byte[] k = new byte[32];
        Arrays.fill(k, (byte) b);
        return new SecretKey(k);
    }

    private static byte[] hex(String s) {
        return HexFormat.of().parseHex(s);
    }
}
