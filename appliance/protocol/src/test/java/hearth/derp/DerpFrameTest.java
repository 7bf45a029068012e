package hearth.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.IpAddress;
import hearth.base.WireException;
import hearth.crypto.NodeKey;
import hearth.derp.DerpFrame.PeerGone;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class DerpFrameTest {
    private static final String K = "11".repeat(32);
    private static final String L = "22".repeat(32);
    private static final NodeKey A = new NodeKey(hex(K));
    private static final NodeKey B = new NodeKey(hex(L));

    /**
     * A frame and its bytes on the wire.
     *
     * @param hex type, length and body
     */
    record Case(String name, String hex, DerpFrame frame) {}

    static final List<Case> BOTH_WAYS =
            List.of(
                    new Case(
                            "ServerKey",
                            "01 00000028 44455250f09f9491" + K,
                            new DerpFrame.ServerKey(A)),
                    new Case(
                            "SendPacket",
                            "04 00000022" + K + "abcd",
                            new DerpFrame.SendPacket(A, view("abcd"))),
                    new Case(
                            "RecvPacket",
                            "05 00000022" + K + "abcd",
                            new DerpFrame.RecvPacket(A, view("abcd"))),
                    new Case("KeepAlive", "06 00000000", new DerpFrame.KeepAlive()),
                    new Case("home", "07 00000001 01", new DerpFrame.NotePreferred(true)),
                    new Case("not home", "07 00000001 00", new DerpFrame.NotePreferred(false)),
                    new Case(
                            "disconnected",
                            "08 00000021" + K + "00",
                            new PeerGone(A, PeerGone.Reason.DISCONNECTED)),
                    new Case(
                            "unknown reason is kept",
                            "08 00000021" + K + "f7",
                            new PeerGone(A, new PeerGone.Reason(0xf7))),
                    new Case(
                            "present from IPv4",
                            "09 00000033" + K + "00000000000000000000ffffc0000201" + "a2a9" + "01",
                            new DerpFrame.PeerPresent(A, IpAddress.parse("192.0.2.1"), 41641, 1)),
                    new Case(
                            "present from IPv6",
                            "09 00000033" + K + "20010db8000000000000000000000001" + "0001" + "05",
                            new DerpFrame.PeerPresent(A, IpAddress.parse("2001:db8::1"), 1, 5)),
                    new Case(
                            "ForwardPacket",
                            "0a 00000041" + K + L + "ab",
                            new DerpFrame.ForwardPacket(A, B, view("ab"))),
                    new Case("WatchConns", "10 00000000", new DerpFrame.WatchConns()),
                    new Case("ClosePeer", "11 00000020" + K, new DerpFrame.ClosePeer(A)),
                    new Case(
                            "Ping",
                            "12 00000008 0102030405060708",
                            new DerpFrame.Ping(0x0102030405060708L)),
                    new Case(
                            "Pong",
                            "13 00000008 0102030405060708",
                            new DerpFrame.Pong(0x0102030405060708L)),
                    new Case("healthy", "14 00000000", new DerpFrame.Health("")),
                    new Case("ill", "14 00000003 c3a4 21", new DerpFrame.Health("ä!")),
                    new Case(
                            "Restarting",
                            "15 00000008 000003e8 ffffffff",
                            new DerpFrame.Restarting(1000, 0xffff_ffffL)),
                    new Case(
                            "a later type",
                            "77 00000002 abcd",
                            new DerpFrame.Unknown(0x77, view("abcd"))));

    static final List<Case> LAX =
            List.of(
                    new Case(
                            "ServerKey with a future",
                            "01 0000002a 44455250f09f9491" + K + "ffff",
                            new DerpFrame.ServerKey(A)),
                    new Case(
                            "reason absent on old relays",
                            "08 00000020" + K,
                            new PeerGone(A, PeerGone.Reason.DISCONNECTED)),
                    new Case(
                            "bytes after the reason",
                            "08 00000023" + K + "01abcd",
                            new PeerGone(A, PeerGone.Reason.NOT_HERE)),
                    new Case(
                            "present, key alone",
                            "09 00000020" + K,
                            new DerpFrame.PeerPresent(A, null, 0, 0)),
                    new Case(
                            "longer ping",
                            "12 0000000a 0102030405060708 ffff",
                            new DerpFrame.Ping(0x0102030405060708L)));

    record Bad(String name, int type, String body) {}

    static final List<Bad> BAD =
            List.of(
                    new Bad("ServerKey short", 1, "44455250f09f9491" + K.substring(2)),
                    new Bad("ServerKey magic", 1, "44455250f09f9492" + K),
                    new Bad("ClientInfo short", 2, K + "00".repeat(23)),
                    new Bad("ServerInfo short", 3, "00".repeat(23)),
                    new Bad("SendPacket short", 4, K.substring(2)),
                    new Bad("RecvPacket short", 5, ""),
                    new Bad("NotePreferred empty", 7, ""),
                    new Bad("NotePreferred long", 7, "0100"),
                    new Bad("PeerGone short", 8, "11"),
                    new Bad("ForwardPacket with one key", 10, K),
                    new Bad("WatchConns not empty", 16, "00"),
                    new Bad("ClosePeer long", 17, K + "00"),
                    new Bad("Ping short", 18, "01020304050607"),
                    new Bad("Pong short", 19, ""),
                    new Bad("Restarting short", 21, "00000000"));

    @ParameterizedTest(name = "{0}")
    @FieldSource("BOTH_WAYS")
    void encodes(Case c) {
        byte[] want = hex(c.hex());
        ByteBuffer out = ByteBuffer.allocate(want.length);
        c.frame().encode(out);
        assertEquals(ByteBuffer.wrap(want), out.flip());
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource({"BOTH_WAYS", "LAX"})
    void decodes(Case c) throws WireException {
        ByteBuffer in = ByteBuffer.wrap(hex(c.hex()));
        int type = in.get() & 0xff;
        assertEquals(in.getInt(), in.remaining());
        assertEquals(c.frame(), DerpFrame.decode(type, in));
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("BAD")
    void refuses(Bad c) {
        assertThrows(
                WireException.class,
                () -> DerpFrame.decode(c.type(), ByteBuffer.wrap(hex(c.body()))));
    }

    private static ByteBuffer view(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }
}
