package hearth.policy.hujson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.Refused;
import org.junit.jupiter.api.Test;

final class HuEditTest {
    private static final String TEXT =
            """
            {
              // people
              "groups": {"group:a": ["x@y"]}, // few

              // first of all
              "acls": [
                {"action": "accept"}, // keep

                // guests
                {"action": "deny"}, // until May
                {"action": "last"} // end
              ]
            }
            """;

    @Test
    void setLeavesCommentsAlone() throws Exception {
        assertEquals(
                TEXT.replace("\"deny\"", "\"accept\""),
                HuEdit.set(TEXT, "/acls/1/action", "\"accept\""));
    }

    @Test
    void setAddsAMember() throws Exception {
        assertEquals(
                TEXT.replace("[\"x@y\"]}", "[\"x@y\"], \"group:b\": []}"),
                HuEdit.set(TEXT, "/groups/group:b", "[]"));
    }

    @Test
    void removeTakesItsComments() throws Exception {
        assertEquals(
                TEXT.replace("    // guests\n    {\"action\": \"deny\"}, // until May\n", ""),
                HuEdit.remove(TEXT, "/acls/1"));
    }

    @Test
    void removeOfTheLastTakesTheCommaBeforeIt() throws Exception {
        assertEquals(
                TEXT.replace(
                        "\"deny\"}, // until May\n    {\"action\": \"last\"} // end",
                        "\"deny\"} // until May"),
                HuEdit.remove(TEXT, "/acls/2"));
    }

    @Test
    void insertStandsOnItsOwnLine() throws Exception {
        assertEquals(
                TEXT.replace("} // end\n", "}, // end\n    {\n      \"n\": 1\n    }\n"),
                HuEdit.insert(TEXT, "/acls/-", "{\n  \"n\": 1\n}"));
        assertEquals(
                TEXT.replace("// keep\n", "// keep\n    0,\n"),
                HuEdit.insert(TEXT, "/acls/1", "0"));
    }

    @Test
    void emptyOnesAreFilled() throws Exception {
        assertEquals("[1]", HuEdit.insert("[ ]", "/0", "1"));
        assertEquals("{\n\t\"a\": 1,\n}\n", HuEdit.insert("{\n}\n", "/a", "1"));
        assertEquals("{\"b\": 1}", HuEdit.set("{}", "/b", "1"));
        assertEquals("// x\n{\"b\": 1} // y\n", HuEdit.set("// x\n7 // y\n", "", "{\"b\": 1}"));
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThrows(Refused.class, () -> HuEdit.remove(TEXT, "/acls/3"));
        assertThrows(Refused.class, () -> HuEdit.set(TEXT, "/acls/x", "1"));
        assertThrows(Refused.class, () -> HuEdit.set(TEXT, "/acls/01", "1"));
        assertThrows(Refused.class, () -> HuEdit.insert(TEXT, "/groups", "1"));
        assertThrows(Refused.class, () -> HuEdit.set(TEXT, "acls", "1"));
        assertThrows(Refused.class, () -> HuEdit.set(TEXT, "/acls/0/action/x", "1"));
        assertThrows(HuJsonException.class, () -> HuEdit.set(TEXT, "/acls", "{"));
    }
}
