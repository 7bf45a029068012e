package hearth.tailnet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map: a change costs a handful of small array copies and shares the rest, so a
 * snapshot of thousands of nodes is copied by a reference (P. Bagwell, "Ideal Hash Trees", 2001).
 */
final class HashTrie<K, V> {
    private static final int BITS = 5;
    private static final HashTrie<?, ?> EMPTY = new HashTrie<>(null, 0);

    private sealed interface Item<K, V> {}

    private record Leaf<K, V>(int hash, K key, V value) implements Item<K, V> {}

    /** Keys whose hashes are equal in all 32 bits. */
    private record Clash<K, V>(int hash, List<Leaf<K, V>> leaves) implements Item<K, V> {}

    /** Up to 32 items, those present marked in {@code bitmap}. */
    private record Branch<K, V>(int bitmap, List<Item<K, V>> items) implements Item<K, V> {
        @Nullable Item<K, V> at(int bit) {
            return (bitmap & bit) == 0 ? null : items.get(index(bitmap, bit));
        }
    }

    private final @Nullable Item<K, V> root;
    private final int size;

    private HashTrie(@Nullable Item<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // an empty map holds nothing of any type
    static <K, V> HashTrie<K, V> empty() {
        return (HashTrie<K, V>) EMPTY;
    }

    int size() {
        return size;
    }

    @Nullable V get(K key) {
        int hash = spread(key);
        Item<K, V> at = root;
        for (int shift = 0; at != null; shift += BITS) {
            switch (at) {
                case Leaf<K, V> l -> {
                    return l.hash == hash && l.key.equals(key) ? l.value : null;
                }
                case Clash<K, V> c -> {
                    for (Leaf<K, V> l : c.leaves) {
                        if (l.hash == hash && l.key.equals(key)) {
                            return l.value;
                        }
                    }
                    return null;
                }
                case Branch<K, V> b -> {
                    int bit = bit(hash, shift);
                    at = (b.bitmap & bit) == 0 ? null : b.items.get(index(b.bitmap, bit));
                }
            }
        }
        return null;
    }

    HashTrie<K, V> with(K key, V value) {
        var leaf = new Leaf<>(spread(key), key, value);
        boolean grows = get(key) == null;
        return new HashTrie<>(root == null ? leaf : put(root, leaf, 0), grows ? size + 1 : size);
    }

    HashTrie<K, V> without(K key) {
        if (root == null || get(key) == null) {
            return this;
        }
        return new HashTrie<>(remove(root, spread(key), key, 0), size - 1);
    }

    void forEach(BiConsumer<? super K, ? super V> action) {
        if (root != null) {
            visit(root, action);
        }
    }

    /** All values, in no useful order; a list of the caller's own. */
    List<V> values() {
        List<V> out = new ArrayList<>(size);
        forEach((_, v) -> out.add(v));
        return out;
    }

    /**
     * Tells the keys under which {@code before} and {@code after} hold different objects. What they
     * share is skipped, so the cost is that of the difference.
     */
    static <K, V> void diff(
            HashTrie<K, V> before, HashTrie<K, V> after, Consumer<? super K> different) {
        diff(before.root, after.root, different);
    }

    private static <K, V> void diff(
            @Nullable Item<K, V> before,
            @Nullable Item<K, V> after,
            Consumer<? super K> different) {
        if (same(before, after)) {
            return;
        }
        if (before instanceof Branch<K, V> b && after instanceof Branch<K, V> a) {
            int bits = b.bitmap | a.bitmap;
            while (bits != 0) {
                int bit = Integer.lowestOneBit(bits);
                bits ^= bit;
                diff(b.at(bit), a.at(bit), different);
            }
            return;
        }
        Map<K, V> was = new HashMap<>();
        if (before != null) {
            visit(before, was::put);
        }
        if (after != null) {
            visit(
                    after,
                    (k, v) -> {
                        if (!same(was.remove(k), v)) {
                            different.accept(k);
                        }
                    });
        }
        was.keySet().forEach(different);
    }

    @SuppressWarnings("ReferenceEquality") // what did not change is the identical object
    static boolean same(@Nullable Object a, @Nullable Object b) {
        return a == b;
    }

    private static int spread(Object key) {
        int h = key.hashCode();
        return h ^ (h >>> 16);
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & 31);
    }

    private static int index(int bitmap, int bit) {
        return Integer.bitCount(bitmap & (bit - 1));
    }

    private static <K, V> Item<K, V> put(Item<K, V> at, Leaf<K, V> leaf, int shift) {
        return switch (at) {
            case Leaf<K, V> l when l.hash == leaf.hash ->
                    l.key.equals(leaf.key) ? leaf : new Clash<>(l.hash, List.of(l, leaf));
            case Clash<K, V> c when c.hash == leaf.hash -> {
                List<Leaf<K, V>> leaves = new ArrayList<>(c.leaves);
                leaves.removeIf(l -> l.key.equals(leaf.key));
                leaves.add(leaf);
                yield new Clash<>(c.hash, List.copyOf(leaves));
            }
            case Leaf<K, V> l -> put(alone(l, l.hash, shift), leaf, shift);
            case Clash<K, V> c -> put(alone(c, c.hash, shift), leaf, shift);
            case Branch<K, V> b -> {
                int bit = bit(leaf.hash, shift);
                int i = index(b.bitmap, bit);
                List<Item<K, V>> items = new ArrayList<>(b.items.size() + 1);
                items.addAll(b.items);
                if ((b.bitmap & bit) == 0) {
                    items.add(i, leaf);
                } else {
                    items.set(i, put(b.items.get(i), leaf, shift + BITS));
                }
                yield new Branch<>(b.bitmap | bit, List.copyOf(items));
            }
        };
    }

    private static <K, V> Branch<K, V> alone(Item<K, V> item, int hash, int shift) {
        return new Branch<>(bit(hash, shift), List.of(item));
    }

    private static <K, V> @Nullable Item<K, V> remove(Item<K, V> at, int hash, K key, int shift) {
        return switch (at) {
            case Leaf<K, V> _ -> null;
            case Clash<K, V> c -> {
                List<Leaf<K, V>> leaves =
                        c.leaves.stream().filter(l -> !l.key.equals(key)).toList();
                yield leaves.size() == 1 ? leaves.getFirst() : new Clash<>(c.hash, leaves);
            }
            case Branch<K, V> b -> {
                int bit = bit(hash, shift);
                int i = index(b.bitmap, bit);
                Item<K, V> rest = remove(b.items.get(i), hash, key, shift + BITS);
                List<Item<K, V>> items = new ArrayList<>(b.items);
                if (rest != null) {
                    items.set(i, rest);
                    yield collapse(b.bitmap, items);
                }
                items.remove(i);
                yield items.isEmpty() ? null : collapse(b.bitmap & ~bit, items);
            }
        };
    }

    private static <K, V> Item<K, V> collapse(int bitmap, List<Item<K, V>> items) {
        return items.size() == 1 && !(items.getFirst() instanceof Branch)
                ? items.getFirst()
                : new Branch<>(bitmap, List.copyOf(items));
    }

    private static <K, V> void visit(Item<K, V> at, BiConsumer<? super K, ? super V> action) {
        switch (at) {
            case Leaf<K, V> l -> action.accept(l.key, l.value);
            case Clash<K, V> c -> c.leaves.forEach(l -> action.accept(l.key, l.value));
            case Branch<K, V> b -> b.items.forEach(i -> visit(i, action));
        }
    }
}
