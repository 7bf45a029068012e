package hearth.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the templates may not contain: it would not work under the CSP, or it would be a hole. */
final class TemplateLintTest {
    private static final Map<String, Pattern> FORBIDDEN = new LinkedHashMap<>();

    static {
        forbid("an inline handler", "\\son[a-z]+\\s*=\\s*[\"']");
        forbid("an inline style", "\\sstyle\\s*=");
        forbid("an inline script", "<script(?![^>]*\\ssrc=)");
        forbid("a style element", "<style");
        forbid("unescaped output", "\\$unsafe\\{");
        forbid("script in htmx", "hx-on|hx-(vals|headers)=[\"']js:|hx-confirm|hx-prompt|hx-boost");
        forbid("an unquoted attribute", "<[a-z][^<>]*\\s[a-z-]+=(?![\"'])\\S");
        forbid("an image without a text", "<img(?![^>]*\\salt=)");
        forbid("a button without a type", "<button(?![^>]*\\stype=)");
        forbid("a form that changes by GET", "<form(?![^>]*\\smethod=\"(post|get)\")");
        forbid("a foreign address", "(src|href|action)=\"(https?:)?//");
    }

    private static void forbid(String what, String pattern) {
        FORBIDDEN.put(what, Pattern.compile(pattern));
    }

    @Test
    void templatesContainNothingThatIsForbidden() throws IOException {
        List<String> found = new ArrayList<>();
        int files = 0;
        try (var all = Files.walk(Path.of("src/main/jte"))) {
            for (Path file : all.filter(f -> f.toString().endsWith(".jte")).toList()) {
                String text = Files.readString(file);
                files++;
                FORBIDDEN.forEach((what, pattern) -> find(file, text, what, pattern, found));
                postsOutsideForms(file, text, found);
            }
        }
        assertTrue(files > 30, "templates seen: " + files);
        assertEquals(List.of(), found);
    }

    private static void find(
            Path file, String text, String what, Pattern pattern, List<String> found) {
        // what stands in quotes may hold an equals sign
        boolean bare = what.equals("an unquoted attribute");
        Matcher m = pattern.matcher(bare ? text.replaceAll("\"[^\"]*\"", "\"\"") : text);
        while (m.find()) {
            found.add(file + ": " + what + ": " + m.group());
        }
    }

    private static void postsOutsideForms(Path file, String text, List<String> found) {
        Matcher m = Pattern.compile("<([a-z]+)[^>]*\\shx-post=").matcher(text);
        while (m.find()) {
            boolean own = m.group(1).equals("form");
            boolean inside =
                    Math.max(
                                    text.lastIndexOf("<form", m.start()),
                                    text.lastIndexOf("@template.form(", m.start()))
                            > text.lastIndexOf("</form", m.start());
            if (!own && !inside) {
                found.add(file + ": hx-post outside a form: " + m.group());
            }
        }
    }

    @Test
    void theRulesFindWhatTheyAreFor() {
        for (String bad :
                List.of(
                        "<a onclick=\"x()\">",
                        "<p style=\"color:red\">",
                        "<script>x</script>",
                        "$unsafe{x}",
                        "<input value=${x}>",
                        "<input type=text>",
                        "<img src=\"x\">",
                        "<button>x</button>",
                        "<script src=\"https://example.com/x.js\">")) {
            List<String> found = new ArrayList<>();
            FORBIDDEN.forEach((what, p) -> find(Path.of("x"), bad, what, p, found));
            assertFalse(found.isEmpty(), bad);
        }
    }
}
