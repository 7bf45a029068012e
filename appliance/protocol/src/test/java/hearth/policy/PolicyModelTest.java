package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpPrefix;
import hearth.policy.NaivePolicy.Flow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The compiled filters against the naive first-match evaluator: random policies of the extended
 * dialect, flows at their edges. {@code -Dpolicy.count} policies (300), {@code -Dpolicy.seed}.
 */
@Timeout(7200)
final class PolicyModelTest {
    private static final int COUNT = Integer.getInteger("policy.count", 300);
    private static final int FLOWS = 60;
    private final long seed = Long.getLong("policy.seed", 20_261_122L);

    @Test
    void filtersAllowWhatTheFirstMatchAllows() throws InvalidPolicy {
        long flows = 0;
        long allowed = 0;
        for (int i = 0; i < COUNT; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            RandomPolicies source = new RandomPolicies(random);
            World world = source.world();
            String text = source.policy();
            NaivePolicy naive = new NaivePolicy(text, world);
            CompiledPolicy compiled = Policy.parse(text, Policy.Dialect.HEARTH).compile(world);
            for (Device d : world.devices()) {
                var filter = compiled.packetFilter(d.id());
                for (int f = 0; f < FLOWS; f++) {
                    Flow flow = source.flow(world, d);
                    boolean want = naive.allows(d, flow);
                    long one = seed + i;
                    assertEquals(
                            want,
                            FilterModel.allows(filter, flow),
                            () ->
                                    "-Dpolicy.count=1 -Dpolicy.seed="
                                            + one
                                            + " node "
                                            + d
                                            + "\n"
                                            + flow
                                            + "\n"
                                            + text
                                            + "\n"
                                            + filter
                                            + "\n"
                                            + world);
                    flows++;
                    allowed += want ? 1 : 0;
                }
            }
        }
        System.out.println(
                "PolicyModelTest seed="
                        + seed
                        + " policies="
                        + COUNT
                        + " flows="
                        + flows
                        + " allowed="
                        + allowed);
    }

    /** Two nodes see each other exactly when some flow may go between them. */
    @Test
    void peersAreThoseWithAFlowBetweenThem() throws InvalidPolicy {
        for (int i = 0; i < COUNT / 3; i++) {
            RandomPolicies source = new RandomPolicies(new SplittableRandom(seed + i));
            World world = source.world();
            String text = source.policy();
            CompiledPolicy compiled = Policy.parse(text, Policy.Dialect.HEARTH).compile(world);
            for (Device a : world.devices()) {
                Set<Long> seen = new HashSet<>();
                compiled.peers(a.id()).forEach(p -> seen.add(p.id()));
                Set<Long> want = new HashSet<>();
                for (Device b : world.devices()) {
                    if (a.id() != b.id() && (reaches(compiled, a, b) || reaches(compiled, b, a))) {
                        want.add(b.id());
                    }
                }
                String where = "seed " + (seed + i) + " node " + a + "\n" + text + "\n" + world;
                assertEquals(want, seen, where);
            }
        }
    }

    private static boolean reaches(CompiledPolicy compiled, Device from, Device to) {
        List<hearth.base.IpAddress> sources = new ArrayList<>(List.of(from.v4(), from.v6()));
        from.approved().stream()
                .filter(p -> !p.isDefaultRoute())
                .forEach(p -> sources.addAll(RandomPolicies.edges(p)));
        return compiled.packetFilter(to.id()).stream()
                .anyMatch(
                        r ->
                                sources.stream()
                                        .anyMatch(
                                                s ->
                                                        r.srcIPs().stream()
                                                                .anyMatch(
                                                                        w ->
                                                                                FilterModel
                                                                                        .contains(
                                                                                                w,
                                                                                                s))));
    }

    /** What a node may use of another's routes, it may use by a flow. */
    @Test
    void routesLeadSomewhere() throws InvalidPolicy {
        for (int i = 0; i < COUNT / 3; i++) {
            RandomPolicies source = new RandomPolicies(new SplittableRandom(seed + i));
            World world = source.world();
            String text = source.policy();
            NaivePolicy naive = new NaivePolicy(text, world);
            CompiledPolicy compiled = Policy.parse(text, Policy.Dialect.HEARTH).compile(world);
            for (Device a : world.devices()) {
                for (PeerView p : compiled.peers(a.id())) {
                    Device b =
                            world.devices().stream()
                                    .filter(d -> d.id() == p.id())
                                    .findFirst()
                                    .orElseThrow();
                    for (int f = 0; f < 20; f++) {
                        Flow flow = source.flowBetween(a, b);
                        boolean own =
                                flow.destination().equals(b.v4())
                                        || flow.destination().equals(b.v6());
                        boolean shown =
                                p.allowedIps().stream()
                                        .anyMatch(r -> r.contains(flow.destination()));
                        boolean hidden =
                                !own
                                        && !shown
                                        && isPrimary(world, b, flow)
                                        && naive.allows(b, flow);
                        assertEquals(
                                false,
                                hidden,
                                () ->
                                        a
                                                + " may send "
                                                + flow
                                                + " but has no route\n"
                                                + text
                                                + world);
                    }
                }
            }
        }
    }

    private static boolean isPrimary(World world, Device b, Flow flow) {
        for (IpPrefix p : b.approved()) {
            if (p.contains(flow.destination()) && !p.isDefaultRoute()) {
                return world.devices().stream()
                                .filter(d -> d.approved().contains(p))
                                .findFirst()
                                .orElseThrow()
                                .id()
                        == b.id();
            }
        }
        return true;
    }
}
