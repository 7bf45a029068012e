package hearth.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TsmpTest {
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void aPingIsAnsweredToItsSender() {
        byte[] ping = hex("4500001d 0000 0000 4063 0000 64400002 64400001" + "70 0102030405060708");
        assertArrayEquals(
                hex("4500001f 00000000 4063 b1f9 64400001 64400002" + "6f 0102030405060708 0000"),
                Tsmp.answer(ping));
    }

    @Test
    void aPingIsAnsweredByIpv6() {
        String from = "fd7a115ca1e000000000000000000002";
        String to = "fd7a115ca1e000000000000000000001";
        assertArrayEquals(
                hex("60000000 000b 6340" + to + from + "6f a1a2a3a4a5a6a7a8 0000"),
                Tsmp.answer(hex("60000000 0009 6340" + from + to + "70 a1a2a3a4a5a6a7a8")));
    }

    @Test
    void onlyAPacketThatOpensAConnectionIsToldOfItsRefusal() {
        String ip = "45000028 00000000 4006 0000 64400002 64400001";
        String tcp = "d431 0016 00000001 00000000 50";
        byte[] syn = hex(ip + tcp + "02 ffff 0000 0000");
        assertArrayEquals(
                hex("4500001b 00000000 4063 b1fd 64400001 64400002 21 06 41 d431 0016"),
                Tsmp.rejected(syn));
        assertNull(Tsmp.rejected(hex(ip + tcp + "12 ffff 0000 0000")));
        assertNull(Tsmp.rejected(hex(ip + tcp + "10 ffff 0000 0000")));
        syn[6] = 0x20; // a fragment
        assertNull(Tsmp.rejected(syn));
        syn[6] = 0;
        syn[9] = IpProtocol.UDP;
        assertNull(Tsmp.rejected(syn));
    }

    @Test
    void otherTypesAndShortOnesAreNotAnswered() {
        String ip = "4500001d 00000000 4063 0000 64400002 64400001";
        assertNull(Tsmp.answer(hex(ip + "6f 0102030405060708 0000")));
        assertNull(Tsmp.answer(hex(ip + "61" + "00".repeat(32))));
        assertNull(Tsmp.answer(hex(ip + "70 01020304050607")));
        var random = new Random(9);
        for (int i = 0; i < 20_000; i++) { // never an exception
            byte[] any = new byte[random.nextInt(Tsmp.HEAD_BYTES)];
            random.nextBytes(any);
            Tsmp.answer(any.length == 0 ? new byte[1] : any);
            Tsmp.rejected(any.length == 0 ? new byte[1] : Arrays.copyOf(any, any.length));
        }
    }
}
