package hearth.app;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** All counters in Prometheus' text format. Thread-safe. */
final class Metrics {
    private final Map<String, Supplier<? extends Map<String, Long>>> sources =
            new ConcurrentHashMap<>();

    /**
     * {@code source} gives values by name; each is shown behind {@code prefix} and an underscore.
     */
    void add(String prefix, Supplier<? extends Map<String, Long>> source) {
        sources.put(prefix, source);
    }

    String render() {
        SequencedMap<String, Long> all = new LinkedHashMap<>();
        sources.keySet().stream()
                .sorted()
                .forEach(
                        prefix -> {
                            Supplier<? extends Map<String, Long>> source = sources.get(prefix);
                            if (source != null) {
                                source.get().forEach((name, v) -> all.put(prefix + "_" + name, v));
                            }
                        });
        var out = new StringBuilder();
        all.forEach((name, v) -> out.append(name).append(' ').append(v).append('\n'));
        return out.toString();
    }
}
