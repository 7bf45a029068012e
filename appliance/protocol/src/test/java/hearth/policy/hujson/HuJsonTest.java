package hearth.policy.hujson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class HuJsonTest {
    private static final String TEXT =
            """
            // who may what
            {
              "acls": [ // in order
                {"action": "accept", "src": ["*"], "dst": ["*:*",],}, /* all */
              ],
              "n": -1.5e2, "big": 12345678901234567890123, "t": true, "z": null,
            } // end
            """;

    record Broken(String text, String message) {}

    static final List<Broken> BROKEN =
            List.of(
                    new Broken("", "hujson: line 1, column 1: parsing value: unexpected EOF"),
                    new Broken("{", "hujson: line 1, column 2: parsing value: unexpected EOF"),
                    new Broken(
                            "}",
                            "hujson: line 1, column 1: invalid character '}' at start of value"),
                    new Broken(
                            "[1}",
                            "hujson: line 1, column 3: invalid character '}' after array value (expecting ',' or ']')"),
                    new Broken(
                            "{} x",
                            "hujson: line 1, column 4: invalid character 'x' after top-level value"),
                    new Broken(
                            "{\n \"a\" 1}",
                            "hujson: line 2, column 6: invalid character '1' after object name"),
                    new Broken(
                            "{1:2}",
                            "hujson: line 1, column 2: invalid character '1' at start of object name"),
                    new Broken(
                            "[,]",
                            "hujson: line 1, column 2: invalid character ',' at start of value"),
                    new Broken("[\"ü\", x]", "hujson: line 1, column 8: invalid literal: x"),
                    new Broken(
                            "// no end",
                            "hujson: line 1, column 1: parsing comment: unexpected EOF"),
                    new Broken(
                            "[/* ]", "hujson: line 1, column 2: parsing comment: unexpected EOF"),
                    new Broken("\"a", "hujson: line 1, column 3: parsing string: unexpected EOF"),
                    new Broken("\"\\x\"", "hujson: line 1, column 1: invalid literal: \"\\x\""),
                    new Broken("01", "hujson: line 1, column 1: invalid literal: 01"),
                    new Broken(
                            "'",
                            "hujson: line 1, column 1: invalid character '\\'' at start of value"),
                    new Broken(
                            "\u0007",
                            "hujson: line 1, column 1: invalid character '\\u0007' at start of value"));

    @ParameterizedTest
    @FieldSource("BROKEN")
    void refusesWithTheServicesText(Broken c) {
        HuJsonException e = assertThrows(HuJsonException.class, () -> HuJson.parse(c.text()));
        assertEquals(c.message(), e.getMessage());
    }

    @Test
    void columnForPeopleCountsCharacters() {
        HuJsonException e = assertThrows(HuJsonException.class, () -> HuJson.parse("[\"ü😀\", x]"));
        assertEquals(8, e.column());
        assertEquals("1:8: invalid literal: x", e.problem().toString());
    }

    @Test
    void losesNothing() throws HuJsonException {
        assertEquals(TEXT, HuJson.pack(HuJson.parse(TEXT)));
    }

    @Test
    void knowsPlaces() throws HuJsonException {
        HuObject root = (HuObject) HuJson.parse(TEXT);
        HuArray acls = (HuArray) root.members().get(0).value();
        HuObject rule = (HuObject) acls.elements().get(0);
        Positions positions = new Positions(TEXT);
        assertEquals(4, positions.line(rule.offset()));
        assertEquals(5, positions.column(rule.offset()));
        assertEquals('}', TEXT.charAt(rule.end() - 1));
        assertEquals("// who may what\n", root.before());
        assertEquals(" // in order\n    ", rule.before());
        assertEquals(" /* all */\n  ", acls.tail());
    }

    @Test
    void becomesJson() throws HuJsonException {
        assertEquals(
                "{\"acls\":[{\"action\":\"accept\",\"src\":[\"*\"],\"dst\":[\"*:*\"]}],\"n\":-150.0,"
                        + "\"big\":12345678901234567890123,\"t\":true,\"z\":null}",
                HuJson.toJson(HuJson.parse(TEXT)).toString());
    }

    @Test
    void depthIsBounded() throws HuJsonException {
        String deep = "[".repeat(HuJson.MAX_DEPTH) + "]".repeat(HuJson.MAX_DEPTH);
        HuJson.format(deep);
        assertThrows(HuJsonException.class, () -> HuJson.parse("[" + deep + "]"));
        assertThrows(HuJsonException.class, () -> HuJson.parse("[".repeat(10_000_000)));
    }

    @Test
    void repeatedNamesAreFound() throws HuJsonException {
        String text = "{\"a\": [{\"b\": 1,\n\"\\u0062\": 2}], \"c\": 3}";
        var problems = HuJson.duplicates(HuJson.parse(text), new Positions(text));
        assertEquals("[2:1: \"b\" appears more than once]", problems.toString());
        assertEquals("a[0].b", problems.get(0).path());
    }

    @Test
    void unpairedSurrogateIsNotText() {
        assertThrows(HuJsonException.class, () -> HuJson.parse("\"\ud83d\""));
    }
}
