package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random puts and removes against a HashMap, with hashes that clash in part and in whole. */
final class HashTrieModelTest {
    /** A key whose hash has few different values. */
    private record Key(int number) {
        @Override
        public int hashCode() {
            return number % 3 == 0 ? 7 : (number % 50) * 0x08000001;
        }
    }

    @Test
    void behavesAsAHashMap() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        HashTrie<Key, Integer> trie = HashTrie.empty();
        Map<Key, Integer> model = new HashMap<>();
        HashTrie<Key, Integer> kept = trie;
        Map<Key, Integer> keptModel = Map.of();
        for (int i = 0; i < 6_000; i++) {
            Key k = new Key(random.nextInt(200));
            if (random.nextBoolean()) {
                trie = trie.with(k, i);
                model.put(k, i);
            } else {
                trie = trie.without(k);
                model.remove(k);
            }
            String at = "seed " + seed + " step " + i;
            assertEquals(model.size(), trie.size(), at);
            assertEquals(model.get(k), trie.get(k), at);
            if (i % 500 == 0) {
                assertEquals(model, copy(trie), at);
                assertEquals(keptModel, copy(kept), at + ": an older one changed");
                assertEquals(new HashSet<>(model.values()), new HashSet<>(trie.values()), at);
                kept = trie;
                keptModel = Map.copyOf(model);
            }
        }
    }

    private static Map<Key, Integer> copy(HashTrie<Key, Integer> trie) {
        Map<Key, Integer> out = new HashMap<>();
        trie.forEach(out::put);
        return out;
    }
}
