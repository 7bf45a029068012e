package hearth.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.IpAddress;
import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class StunTest {
    private static final String REQUEST =
            "000100142112a442101112131415161718191a1b802200087461696c6e6f646580280004ac276261";
    private static final String RESPONSE =
            "0101000c2112a442101112131415161718191a1b00200008000183bbea12d54b";
    private static final Stun.TransactionId ID =
            new Stun.TransactionId(0x1011121314151617L, 0x18191a1b);

    @Test
    void requestIsTheVector() throws WireException {
        ByteBuffer out = ByteBuffer.allocate(40);
        Stun.request(ID, out);
        assertEquals(REQUEST, hex(out.flip()));
        assertEquals(ID, Stun.parseRequest(bytes(REQUEST)));
    }

    @Test
    void responseIsTheVector() throws WireException {
        ByteBuffer out = ByteBuffer.allocate(Stun.MAX_RESPONSE);
        Stun.response(ID, IpAddress.parse("203.0.113.9"), 41641, out);
        assertEquals(RESPONSE, hex(out.flip()));
        assertEquals(
                new Stun.Mapped(ID, IpAddress.parse("203.0.113.9"), 41641),
                Stun.parseResponse(bytes(RESPONSE)));
    }

    @Test
    void mappedV4IsAnsweredAsFamilyOne() {
        ByteBuffer out = ByteBuffer.allocate(Stun.MAX_RESPONSE);
        Stun.response(ID, IpAddress.parse("::ffff:203.0.113.9"), 41641, out);
        assertEquals(RESPONSE, hex(out.flip()));
    }

    @Test
    void v6ComesBack() throws WireException {
        ByteBuffer out = ByteBuffer.allocate(Stun.MAX_RESPONSE);
        IpAddress ip = IpAddress.parse("2001:db8::a1b2:9");
        Stun.response(ID, ip, 65535, out);
        assertEquals(44, out.position());
        assertEquals(new Stun.Mapped(ID, ip, 65535), Stun.parseResponse(out.flip()));
    }

    @Test
    void olderAddressAttributesAreRead() throws WireException {
        var want = new Stun.Mapped(ID, IpAddress.parse("203.0.113.9"), 41641);
        String head = "0101000c2112a442101112131415161718191a1b";
        assertEquals(want, Stun.parseResponse(bytes(head + "80200008000183bbea12d54b")));
        assertEquals(want, Stun.parseResponse(bytes(head + "000100080001a2a9cb007109")));
    }

    record Bad(String name, String hex) {}

    static final List<Bad> BAD =
            List.of(
                    new Bad("empty", ""),
                    new Bad("cut header", REQUEST.substring(0, 38)),
                    new Bad("cut attribute", REQUEST.substring(0, 60)),
                    new Bad("longer than its length", REQUEST + "00000000"),
                    new Bad("other cookie", REQUEST.replace("2112a442", "2112a443")),
                    new Bad("a response", RESPONSE),
                    new Bad("an indication", REQUEST.replaceFirst("0001", "0011")),
                    new Bad("wrong fingerprint", REQUEST.replace("ac276261", "ac276262")),
                    new Bad(
                            "attribute that must be understood",
                            "000100082112a442101112131415161718191a1b0006000461616161"),
                    new Bad(
                            "attribute after the fingerprint",
                            "000100102112a442101112131415161718191a1b"
                                    + "80280004000000008022000461616161"));

    @ParameterizedTest(name = "{0}")
    @FieldSource("BAD")
    void isNotAnswered(Bad c) {
        assertThrows(WireException.class, () -> Stun.parseRequest(bytes(c.hex())));
    }

    @Test
    void bareRequestIsAnswered() throws WireException {
        assertEquals(ID, Stun.parseRequest(bytes("000100002112a442101112131415161718191a1b")));
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    private static String hex(ByteBuffer b) {
        byte[] out = new byte[b.remaining()];
        b.get(out);
        return HexFormat.of().formatHex(out);
    }
}
