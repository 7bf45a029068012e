package hearth.bench;

import hearth.base.Memory;
import hearth.base.Slab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The checksum of a packet's payload beside the same loop in a form that the compiler does not
 * vectorise. Both as fast means that {@link Memory#sum} has lost its form.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class SumBench {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final int PACKET_BYTES = 1280;

    private final Slab slab = new Slab(PACKET_BYTES);

    @Setup
    public void fill() {
        for (int i = 0; i < PACKET_BYTES; i++) {
            Memory.put8(slab.address() + i, i);
        }
    }

    @TearDown
    public void free() {
        slab.close();
    }

    @Benchmark
    public long sum() {
        return Memory.sum(slab.address(), PACKET_BYTES, 0);
    }

    @Benchmark
    public long sumUnvectorised() {
        long sum = 0;
        long end = slab.address() + PACKET_BYTES;
        for (long at = slab.address(); at != end; at += Integer.BYTES) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, at) & 0xffff_ffffL;
        }
        return sum;
    }
}
