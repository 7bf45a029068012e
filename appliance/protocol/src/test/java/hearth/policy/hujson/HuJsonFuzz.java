package hearth.policy.hujson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.Refused;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Random texts, whole and broken, through parser, layout and edits. */
@Timeout(120)
final class HuJsonFuzz {
    private static final int COUNT = Integer.getInteger("hujson.count", 1500);
    private final long seed = Long.getLong("hujson.seed", 20_261_122L);
    private final SplittableRandom random = new SplittableRandom(seed);

    static String format(String text) {
        try {
            return HuJson.format(text);
        } catch (HuJsonException e) {
            throw new AssertionError(text, e);
        }
    }

    static String errorOf(String text) {
        try {
            HuJson.parse(text);
            throw new AssertionError("parsed: " + text);
        } catch (HuJsonException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void onlyTheDocumentedException() {
        for (int i = 0; i < COUNT; i++) {
            String text = new HuJsonTexts(random).broken();
            try {
                HuValue value = HuJson.parse(text);
                assertEquals(text, HuJson.pack(value));
                HuJson.format(text);
                HuJson.toJson(value);
            } catch (HuJsonException e) {
                assertTrue(e.offset() <= text.length() && e.line() > 0 && e.column() > 0);
            }
        }
    }

    @Test
    void layoutKeepsTheMeaningAndItself() throws HuJsonException {
        JsonMapper mapper = new JsonMapper();
        int moving = 0;
        for (int i = 0; i < COUNT; i++) {
            String text = parsable();
            JsonNode meaning = HuJson.toJson(HuJson.parse(text));
            String formatted = HuJson.format(text);
            String where = "seed " + seed + ": " + text;
            assertEquals(meaning, HuJson.toJson(HuJson.parse(formatted)), where);
            String again = HuJson.format(formatted);
            moving += again.equals(formatted) ? 0 : 1;
            assertEquals(again, HuJson.format(again), where);
            if (!text.contains("\\ud")) { // half a pair: Jackson refuses it, the service does not
                assertEquals(
                        meaning.toString(),
                        mapper.readTree(HuJson.minimize(text)).toString(),
                        where);
            }
            assertEquals(meaning, HuJson.toJson(HuJson.parse(HuJson.standardize(text))), where);
            assertEquals(Utf8.length(text), Utf8.length(HuJson.standardize(text)), where);
        }
        // as the Go module: a comment of several lines in a short list may settle at the second
        // time
        assertTrue(moving <= 1 + COUNT / 1000, moving + " texts, seed " + seed);
    }

    @Test
    void editsTouchOneValue() throws HuJsonException, Refused {
        for (int i = 0; i < COUNT; i++) {
            String text = parsable();
            HuValue root = HuJson.parse(text);
            if (!HuJson.duplicates(root, new Positions(text)).isEmpty()) {
                continue; // which of two members is meant is another test's matter
            }
            String parent = "";
            HuValue at = root;
            for (int d = random.nextInt(3); d > 0 && size(at) > 0; d--) {
                parent = child(at, parent, random.nextInt(size(at)));
                at = HuEdit.find(root, parent);
            }
            if (at instanceof HuObject || at instanceof HuArray) {
                check(text, root, at, parent);
            }
        }
    }

    private void check(String text, HuValue root, HuValue at, String parent)
            throws HuJsonException, Refused {
        String where = "seed " + seed + ", at " + parent + ": " + text;
        boolean object = at instanceof HuObject;
        int index = random.nextInt(size(at) + 1);
        String pointer = HuEdit.pointer(parent, object ? "new/~" : Integer.toString(index));
        String longer = HuEdit.insert(text, pointer, "// a\n[1,\n2] // b\n");
        assertEquals(
                inserted(HuJson.toJson(root), parent, object ? -1 : index), meaning(longer), where);
        if (size(at) > 0) {
            assertEquals(text, HuEdit.remove(longer, pointer), where);
            String target = child(at, parent, random.nextInt(size(at)));
            HuValue old = HuEdit.find(root, target);
            String set = HuEdit.set(text, target, "7");
            assertEquals(
                    text.substring(0, old.offset()) + "7" + text.substring(old.end()), set, where);
            String shorter = HuEdit.remove(text, target);
            assertEquals(removed(HuJson.toJson(root), target), meaning(shorter), where);
        }
    }

    private static JsonNode inserted(JsonNode root, String parent, int index) {
        JsonNode node = root.at(parent);
        ArrayNode added = JsonMapper.shared().createArrayNode().add(1L).add(2L);
        if (node instanceof ObjectNode o) {
            o.set("new/~", added);
        } else {
            ((ArrayNode) node).insert(index, added);
        }
        return root;
    }

    private static JsonNode removed(JsonNode root, String pointer) {
        int last = pointer.lastIndexOf('/');
        String key = pointer.substring(last + 1).replace("~1", "/").replace("~0", "~");
        JsonNode node = root.at(pointer.substring(0, last));
        if (node instanceof ObjectNode o) {
            o.remove(key);
        } else {
            ((ArrayNode) node).remove(Integer.parseInt(key));
        }
        return root;
    }

    private static JsonNode meaning(String text) throws HuJsonException {
        return HuJson.toJson(HuJson.parse(text));
    }

    private static int size(HuValue v) {
        return switch (v) {
            case HuObject o -> o.members().size();
            case HuArray a -> a.elements().size();
            case HuString _, HuNumber _, HuLiteral _ -> 0;
        };
    }

    private static String child(HuValue v, String pointer, int i) {
        return HuEdit.pointer(
                pointer,
                v instanceof HuObject o ? o.members().get(i).name().value() : Integer.toString(i));
    }

    private String parsable() {
        while (true) {
            String text = new HuJsonTexts(random).valid();
            try {
                HuJson.parse(text);
                return text;
            } catch (HuJsonException e) {
                // a comment among its words ended early: take the next
            }
        }
    }
}
