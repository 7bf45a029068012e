package hearth.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.console.view.Access.DiffLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LineDiffTest {
    @Test
    void showsWhatChangedWithAFewLinesAround() {
        String before = String.join("\n", numbers(1, 20));
        String after = before.replace("10\n", "ten\n").replace("20", "20\n21");
        List<String> shown =
                LineDiff.of(before, after).stream().map(l -> l.sign() + l.text()).toList();
        assertEquals(
                List.of(
                        "  …", "  7", "  8", "  9", "- 10", "+ ten", "  11", "  12", "  13", "  …",
                        "  18", "  19", "  20", "+ 21"),
                shown);
    }

    @Test
    void equalTextsShowNothingAndEmptyOnesAll() {
        assertEquals(List.of(), LineDiff.of("a\nb\n", "a\nb"));
        assertEquals(List.of(), LineDiff.of("", ""));
        assertEquals(2, LineDiff.of("", "a\nb").size());
        assertEquals(2, LineDiff.of("a\nb", "").size());
    }

    @Test
    void addsAndDeletionsAlwaysMakeTheOneOutOfTheOther() {
        var random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            List<String> a = words(random);
            List<String> b = words(random);
            List<String> left = new ArrayList<>();
            List<String> right = new ArrayList<>();
            List<DiffLine> diff =
                    LineDiff.of(String.join("\n", a), String.join("\n", b)).stream()
                            .filter(l -> !l.kind().equals("gap"))
                            .toList();
            diff.forEach(
                    l -> {
                        if (!l.kind().equals("add")) {
                            left.add(l.text());
                        }
                        if (!l.kind().equals("del")) {
                            right.add(l.text());
                        }
                    });
            if (!a.equals(b)) {
                assertEquals(a, left, "round " + round);
                assertEquals(b, right, "round " + round);
            }
        }
    }

    @Test
    void textsWithNothingInCommonAreReplaced() {
        List<DiffLine> diff =
                LineDiff.of(
                        String.join("\n", numbers(1, 3000)),
                        String.join("\n", numbers(5000, 8000)));
        assertEquals(6001, diff.size());
        assertTrue(diff.getFirst().kind().equals("del") && diff.getLast().kind().equals("add"));
    }

    /** So few lines that all of them are near a change. */
    private static List<String> words(Random random) {
        List<String> out = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            out.add(String.valueOf((char) ('a' + random.nextInt(3))));
        }
        return out;
    }

    private static List<String> numbers(int from, int to) {
        List<String> out = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            out.add(Integer.toString(i));
        }
        return out;
    }
}
