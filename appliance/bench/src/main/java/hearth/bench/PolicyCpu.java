package hearth.bench;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * {@link PolicyBench} by the CPU time of its thread, for machines that do other work meanwhile:
 * there the wall time of JMH says little.
 */
public final class PolicyCpu {
    private PolicyCpu() {}

    public static void main(String[] args) {
        PolicyBench bench = new PolicyBench();
        bench.prepare();
        print("compile", 20, bench::compile);
        print("change of a tag", 100, bench::changeTag);
        print("change of an address", 100, bench::changeAddress);
        print("a node joins", 100, bench::join);
        print("compile, denies", 20, bench::compileWithDenies);
        print("change of a tag, denies", 100, bench::changeTagWithDenies);
        print("a node joins, denies", 100, bench::joinWithDenies);
        print("parse", 50, bench::parse);
    }

    /** Prints the first call, and of the second half of all calls the median and the longest. */
    private static void print(String name, int calls, Supplier<?> work) {
        var threads = ManagementFactory.getThreadMXBean();
        double[] millis = new double[calls];
        Object kept = null;
        for (int i = 0; i < calls; i++) {
            long start = threads.getCurrentThreadCpuTime();
            kept = work.get();
            millis[i] = (threads.getCurrentThreadCpuTime() - start) / 1e6;
        }
        double[] warm = Arrays.copyOfRange(millis, calls / 2, calls);
        Arrays.sort(warm);
        System.out.printf(
                Locale.ROOT,
                "%-24s first %7.1f  median %7.2f  longest %7.2f ms%n",
                kept == null ? "" : name,
                millis[0],
                warm[warm.length / 2],
                warm[warm.length - 1]);
    }
}
