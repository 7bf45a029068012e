package hearth.console;

import hearth.console.view.Access.DiffLine;
import java.util.ArrayList;
import java.util.List;

/**
 * What changed between two texts, line by line, with three lines around each change (Myers, "An
 * O(ND) Difference Algorithm", greedy form). Texts that differ in more than 1,000 lines are shown
 * as replaced.
 */
final class LineDiff {
    private static final int MAX_CHANGES = 1000;
    private static final int AROUND = 3;

    private LineDiff() {}

    static List<DiffLine> of(String before, String after) {
        List<String> a = before.lines().toList();
        List<String> b = after.lines().toList();
        return shorten(all(a, b));
    }

    private static List<DiffLine> all(List<String> a, List<String> b) {
        int max = Math.min(a.size() + b.size(), MAX_CHANGES);
        int[] reach = new int[2 * max + 2]; // furthest x on diagonal k, at index k + max
        List<int[]> trace = new ArrayList<>();
        for (int d = 0; d <= max; d++) {
            trace.add(reach.clone());
            for (int k = -d; k <= d; k += 2) {
                boolean down = k == -d || (k != d && reach[k - 1 + max] < reach[k + 1 + max]);
                int x = down ? reach[k + 1 + max] : reach[k - 1 + max] + 1;
                while (x < a.size() && x - k < b.size() && a.get(x).equals(b.get(x - k))) {
                    x++;
                }
                reach[k + max] = x;
                if (x >= a.size() && x - k >= b.size()) {
                    return walkBack(a, b, trace, d, max);
                }
            }
        }
        List<DiffLine> out = new ArrayList<>();
        a.forEach(l -> out.add(new DiffLine("del", l)));
        b.forEach(l -> out.add(new DiffLine("add", l)));
        return out;
    }

    private static List<DiffLine> walkBack(
            List<String> a, List<String> b, List<int[]> trace, int d, int max) {
        List<DiffLine> out = new ArrayList<>();
        int x = a.size();
        int y = b.size();
        for (int step = d; step > 0; step--) {
            int[] reach = trace.get(step);
            int k = x - y;
            boolean down = k == -step || (k != step && reach[k - 1 + max] < reach[k + 1 + max]);
            int fromX = reach[(down ? k + 1 : k - 1) + max];
            int start = down ? fromX : fromX + 1; // where the equal lines begin
            while (x > start) {
                out.add(new DiffLine("", a.get(--x)));
            }
            y = x - k;
            out.add(down ? new DiffLine("add", b.get(y - 1)) : new DiffLine("del", a.get(fromX)));
            x = fromX;
            y = fromX - (down ? k + 1 : k - 1);
        }
        while (x > 0) {
            out.add(new DiffLine("", a.get(--x)));
        }
        return out.reversed();
    }

    /** Leaves out what is far from any change. */
    private static List<DiffLine> shorten(List<DiffLine> all) {
        boolean[] near = new boolean[all.size()];
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).kind().isEmpty()) {
                int to = Math.min(all.size() - 1, i + AROUND);
                for (int j = Math.max(0, i - AROUND); j <= to; j++) {
                    near[j] = true;
                }
            }
        }
        List<DiffLine> out = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (near[i]) {
                out.add(all.get(i));
            } else if (i == 0 || near[i - 1]) {
                out.add(new DiffLine("gap", "…"));
            }
        }
        return near.length > 0 && out.size() == 1 && out.getFirst().kind().equals("gap")
                ? List.of()
                : out;
    }
}
