package hearth.control;

import java.util.List;
import java.util.Map;
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

    static <K, V> Map<K, V> of(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : Map.copyOf(map);
    }
}
