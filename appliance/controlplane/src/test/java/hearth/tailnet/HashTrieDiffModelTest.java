package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The difference of two tries against that of two hash maps. */
final class HashTrieDiffModelTest {
    /** A key whose hashes collide often. */
    record Key(int n) {
        @Override
        public int hashCode() {
            return n % 7 * 0x01010101;
        }
    }

    @Test
    void namesExactlyTheKeysThatDiffer() {
        var random = new Random(3);
        for (int round = 0; round < 300; round++) {
            HashTrie<Key, Object> before = HashTrie.empty();
            Map<Key, Object> modelBefore = new HashMap<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                var k = new Key(random.nextInt(60));
                var v = new Object();
                before = before.with(k, v);
                modelBefore.put(k, v);
            }
            HashTrie<Key, Object> after = before;
            Map<Key, Object> modelAfter = new HashMap<>(modelBefore);
            for (int i = random.nextInt(12); i > 0; i--) {
                var k = new Key(random.nextInt(60));
                if (random.nextBoolean()) {
                    var v = new Object();
                    after = after.with(k, v);
                    modelAfter.put(k, v);
                } else {
                    after = after.without(k);
                    modelAfter.remove(k);
                }
            }
            Set<Key> want = new HashSet<>(modelBefore.keySet());
            want.addAll(modelAfter.keySet());
            want.removeIf(k -> HashTrie.same(modelBefore.get(k), modelAfter.get(k)));
            Set<Key> got = new HashSet<>();
            HashTrie.diff(before, after, got::add);
            assertEquals(want, got, "round " + round);
        }
    }
}
