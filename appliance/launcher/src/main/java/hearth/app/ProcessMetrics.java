package hearth.app;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What the process itself takes, under the names that Prometheus' own libraries give it. */
final class ProcessMetrics {
    /** Those that go up and down. */
    static final Set<String> GAUGES =
            Set.of(
                    "open_fds",
                    "max_fds",
                    "threads",
                    "resident_memory_bytes",
                    "start_time_seconds",
                    "heap_bytes");

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int BYTES_PER_KIB = 1024;

    private ProcessMetrics() {}

    /** What Linux or Java does not tell is left out. */
    static Map<String, Long> read() {
        Map<String, Long> out = new TreeMap<>();
        var runtime = ManagementFactory.getRuntimeMXBean();
        out.put("start_time_seconds", TimeUnit.MILLISECONDS.toSeconds(runtime.getStartTime()));
        out.put("heap_bytes", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
            out.put("open_fds", os.getOpenFileDescriptorCount());
            out.put("max_fds", os.getMaxFileDescriptorCount());
            out.put("cpu_seconds_total", TimeUnit.NANOSECONDS.toSeconds(os.getProcessCpuTime()));
        }
        try {
            for (String line : Files.readAllLines(STATUS)) {
                String[] words = line.split("\\s+", -1);
                switch (words[0]) {
                    case "VmRSS:" ->
                            out.put(
                                    "resident_memory_bytes",
                                    Long.parseLong(words[1]) * BYTES_PER_KIB);
                    case "Threads:" -> out.put("threads", Long.parseLong(words[1]));
                    default -> {}
                }
            }
        } catch (IOException | NumberFormatException e) {
            // no Linux, or none that lets us look
        }
        return out;
    }
}
