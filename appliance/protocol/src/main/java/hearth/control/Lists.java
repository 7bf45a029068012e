package hearth.control;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Go's nil slices and maps as empty ones; nulls inside are dropped. */
final class Lists {
    private Lists() {}

    static <T> List<T> of(@Nullable List<T> list) {
        if (list == null) {
            return List.of();
        }
        for (T t : list) {
            if (t == null) {
                return list.stream().filter(x -> x != null).toList();
            }
        }
        return List.copyOf(list);
    }

    /** In the order given; values may be null. */
    static <K, V extends @Nullable Object> Map<K, V> ordered(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** Ascending by key. */
    static <K extends Comparable<K>, V> Map<K, V> sorted(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
    }
}
