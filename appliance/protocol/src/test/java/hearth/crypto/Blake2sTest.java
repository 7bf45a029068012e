package hearth.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class Blake2sTest {
    record Case(String key, String input, String first, String second, String third) {}

    static final List<Case> CASES =
            List.of(
                    new Case(
                            "test-key",
                            "test-input",
                            "6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633",
                            "df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a",
                            "fac6e2745a325f5dc5d11a5b165aad08b0ada28e7b4e666b7c077934a4d76c24"),
                    new Case(
                            "wireguard",
                            "wireguard",
                            "491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8",
                            "1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f",
                            "31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160"),
                    new Case(
                            "",
                            "",
                            "8387b46bf43eccfcf349552a095d8315c4055beb90208fb1be23b894bc2ed5d0",
                            "58a0e5f6faefccf4807bff1f05fa8a9217945762040bcec2f4b4a62bdfe0e86e",
                            "0ce6ea98ec548f8e281e93e32db65621c45eb18dc6f0a7ad94178610a2f7338e"));

    @ParameterizedTest
    @FieldSource("CASES")
    void derivesTheKnownKeys(Case c) {
        byte[][] t = Blake2s.kdf(3, c.key().getBytes(US_ASCII), c.input().getBytes(US_ASCII));
        assertEquals(c.first(), HexFormat.of().formatHex(t[0]));
        assertEquals(c.second(), HexFormat.of().formatHex(t[1]));
        assertEquals(c.third(), HexFormat.of().formatHex(t[2]));
    }

    @Test
    void hashesTheNoiseName() {
        byte[] name = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(US_ASCII);
        assertEquals(
                "60e26daef327efc02ec335e2a025d2d016eb4206f87277f52d38d1988b78cd36",
                HexFormat.of().formatHex(Blake2s.hash(name)));
    }
}
