package hearth.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Refused;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FormFuzz {
    @Test
    void anyTextIsAFormOrIsRefused() {
        var random = new Random(11);
        String alphabet = "ab=&%+0aF\u00e4\ud83d\ude00 \n;";
        for (int i = 0; i < 20_000; i++) {
            var text = new StringBuilder();
            for (int j = random.nextInt(40); j > 0; j--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                assertTrue(Form.parse(text.toString()).typed().containsKey("_"));
            } catch (Refused e) {
                assertEquals(Refused.Code.INVALID, e.code());
            }
        }
    }

    @Test
    void readsRepeatedAndListedValues() throws Refused {
        Form f = Form.parse("a=1&a=+2+&b=x%2Cy+z&c&password=p&_csrf=t");
        assertEquals(List.of("1", "2"), f.all("a"));
        assertEquals(List.of("x", "y", "z"), f.words("b"));
        assertTrue(f.has("c"));
        assertEquals("", f.text("nothing"));
        assertEquals("{a=1, b=x,y z, c=, _=}", f.typed().toString());
    }
}
