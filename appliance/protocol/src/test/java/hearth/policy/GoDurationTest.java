package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Go 1.26's time.ParseDuration and Duration.String answer. */
final class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0,0s",
        "-0,0s",
        "1.5h,1h30m0s",
        ".5h,30m0s",
        "5.h,5h0m0s",
        "200h30m,200h30m0s",
        "-1.5s,-1.5s",
        "-1ms,-1ms",
        "1500ms,1.5s",
        "168h0m1ns,168h0m0.000000001s",
        "3us,3µs",
        "3μs,3µs",
        "250us,250µs",
        "1ns,1ns",
        "0.0000000001s,0s",
        "-1m,-1m0s",
        "90m,1h30m0s"
    })
    void readsAndWrites(String text, String written) throws GoDuration.Malformed {
        assertEquals(written, GoDuration.format(GoDuration.parse(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|invalid duration \"\"",
                "-|invalid duration \"-\"",
                "1|missing unit in duration \"1\"",
                "1.5.5h|missing unit in duration \"1.5.5h\"",
                "..5h|invalid duration \"..5h\"",
                ".h|invalid duration \".h\"",
                "1h1|missing unit in duration \"1h1\"",
                "1hx|unknown unit \"hx\" in duration \"1hx\"",
                "h|invalid duration \"h\"",
                "1 h|unknown unit \" h\" in duration \"1 h\"",
                "9999999h|invalid duration \"9999999h\"",
                "1h.|invalid duration \"1h.\"",
                "0x1h|unknown unit \"x\" in duration \"0x1h\"",
                "--1m|invalid duration \"--1m\""
            })
    void refuses(String text, String message) {
        var e = assertThrows(GoDuration.Malformed.class, () -> GoDuration.parse(text));
        assertEquals("time: " + message, e.text());
    }
}
