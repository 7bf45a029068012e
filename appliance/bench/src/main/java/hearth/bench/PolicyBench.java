package hearth.bench;

import hearth.base.IpAddress;
import hearth.policy.CompiledPolicy;
import hearth.policy.Device;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.openjdk.jmh.annotations.Warmup;

/** Reading, compiling and recompiling the policy of {@link LargeTailnet}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
public class PolicyBench {
    private static final long SERVER = 9_000;
    private static final long LAPTOP = 4_000;
    private static final int DENIES = 40;

    private String text = "";
    private Policy policy = read(Policy.DEFAULT_TEXT);
    private World world = new World("", List.of(), List.of());
    private CompiledPolicy compiled = policy.compile(world);
    private World retagged = world;
    private World readdressed = world;
    private World joined = world;
    private Policy denying = policy;
    private CompiledPolicy compiledDenying = compiled;

    static Policy read(String text) {
        try {
            return Policy.parse(text, Policy.Dialect.HEARTH);
        } catch (InvalidPolicy e) {
            throw new IllegalStateException(e.problems().toString(), e);
        }
    }

    @Setup
    public void prepare() {
        LargeTailnet large = new LargeTailnet(1);
        text = large.policy();
        policy = read(text);
        world = large.world();
        compiled = policy.compile(world);
        denying = read(new LargeTailnet(1).policy(DENIES));
        compiledDenying = denying.compile(world);
        int most = 0;
        for (Device d : world.devices()) {
            most = Math.max(most, compiled.peers(d.id()).size());
        }
        if (most > 200 || most < 100) {
            throw new IllegalStateException("a node sees " + most + " others");
        }
        retagged =
                LargeTailnet.with(
                        world, LargeTailnet.device(SERVER, null, List.of("tag:t17"), List.of()));
        Device laptop = world.devices().get((int) LAPTOP - 1);
        readdressed =
                LargeTailnet.with(
                        world,
                        new Device(
                                LAPTOP,
                                laptop.name(),
                                laptop.user(),
                                List.of(),
                                IpAddress.parse("100.100.7.7"),
                                laptop.v6(),
                                List.of(),
                                List.of(),
                                true,
                                Map.of()));
        List<Device> more = new ArrayList<>(world.devices());
        more.add(
                LargeTailnet.device(
                        world.devices().size() + 1L, laptop.user(), List.of(), List.of()));
        joined = new World(world.owner(), world.users(), more);
    }

    @Benchmark
    public Policy parse() {
        return read(text);
    }

    @Benchmark
    public CompiledPolicy compile() {
        return policy.compile(world);
    }

    @Benchmark
    public CompiledPolicy changeTag() {
        return compiled.recompile(retagged);
    }

    @Benchmark
    public CompiledPolicy changeAddress() {
        return compiled.recompile(readdressed);
    }

    @Benchmark
    public CompiledPolicy join() {
        return compiled.recompile(joined);
    }

    @Benchmark
    public CompiledPolicy compileWithDenies() {
        return denying.compile(world);
    }

    @Benchmark
    public CompiledPolicy changeTagWithDenies() {
        return compiledDenying.recompile(retagged);
    }

    @Benchmark
    public CompiledPolicy joinWithDenies() {
        return compiledDenying.recompile(joined);
    }
}
