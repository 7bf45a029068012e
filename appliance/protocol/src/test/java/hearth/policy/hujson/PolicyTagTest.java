package hearth.policy.hujson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PolicyTagTest {
    @Test
    void isThatOfTheLayout() throws HuJsonException {
        // sha256sum of "{}\n"
        assertEquals(
                "\"ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\"",
                PolicyTag.of(" { } "));
        assertEquals(PolicyTag.of("{\"a\":1}"), PolicyTag.of("{ \"a\" : 1 }\n\n"));
        assertNotEquals(PolicyTag.of("{\"a\":1}"), PolicyTag.of("{\"a\":1} // x\n"));
    }

    @Test
    void decidesAboutASave() throws HuJsonException {
        String hex = PolicyTag.hex("{}");
        String tag = PolicyTag.of("{}");
        assertTrue(PolicyTag.matches(null, hex, false));
        assertTrue(PolicyTag.matches("*", hex, false));
        assertTrue(PolicyTag.matches(tag, hex, false));
        assertTrue(PolicyTag.matches("\"x\", " + hex, hex, false));
        assertFalse(PolicyTag.matches("W/" + tag, hex, false));
        assertFalse(PolicyTag.matches(tag, PolicyTag.hex("[]"), false));
        assertTrue(PolicyTag.matches("\"ts-default\"", hex, true));
        assertFalse(PolicyTag.matches("ts-default", hex, false));
    }
}
