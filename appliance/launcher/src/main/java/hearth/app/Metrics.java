package hearth.app;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * All counters and gauges in Prometheus' text format, each behind a line with its type.
 * Thread-safe.
 */
final class Metrics {
    private record Source(Supplier<? extends Map<String, Long>> values, Set<String> gauges) {}

    private final Map<String, Source> sources = new ConcurrentHashMap<>();

    /**
     * {@code values} by name; each is shown behind {@code prefix} and an underscore.
     *
     * @param gauges the names of those that go up and down; the others only grow
     */
    void add(String prefix, Supplier<? extends Map<String, Long>> values, Set<String> gauges) {
        sources.put(prefix, new Source(values, gauges));
    }

    String render() {
        var out = new StringBuilder();
        new TreeMap<>(sources)
                .forEach(
                        (prefix, source) ->
                                source.values()
                                        .get()
                                        .forEach(
                                                (name, value) -> {
                                                    boolean gauge = source.gauges().contains(name);
                                                    line(out, prefix + "_" + name, gauge, value);
                                                }));
        return out.toString();
    }

    private static void line(StringBuilder out, String name, boolean gauge, long value) {
        out.append("# TYPE ").append(name).append(gauge ? " gauge\n" : " counter\n");
        out.append(name).append(' ').append(value).append('\n');
    }
}
