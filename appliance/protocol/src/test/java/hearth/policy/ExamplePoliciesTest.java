package hearth.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.policy.NaivePolicy.Flow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two policies as people write them: every flow between every two devices. */
final class ExamplePoliciesTest {
    private static final String CLINIC = read("clinic");
    private static final String OVERSEER = read("overseer");
    private static final List<Integer> PORTS =
            List.of(1, 21, 22, 23, 79, 80, 81, 443, 444, 2999, 3000, 3001, 5432, 5433, 6379, 65535);

    private static String read(String name) {
        try (var in =
                ExamplePoliciesTest.class.getResourceAsStream("/policies/" + name + ".hujson")) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Device device(long id, String name, String owner, String... tags) {
        return new Device(
                id,
                name,
                tags.length == 0 ? owner : null,
                List.of(tags),
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::6440:" + id),
                List.of(),
                List.of());
    }

    private static World world(String text, List<Device> devices) throws InvalidPolicy {
        List<Member> users = new ArrayList<>();
        users.add(new Member("root@hearth.internal", Member.Role.OWNER));
        for (Device d : devices) {
            String user = d.user();
            if (user != null && users.stream().noneMatch(u -> u.login().equals(user))) {
                users.add(new Member(user, Member.Role.MEMBER));
            }
        }
        var names = Policy.parse(text, Policy.Dialect.HEARTH).deviceNames("");
        var bindings = DeviceBindings.afterSave(names, List.of(), java.util.Map.of(), devices);
        return new World("root@hearth.internal", users, devices, "", bindings);
    }

    private static final List<Device> CLINIC_DEVICES =
            List.of(
                    device(1, "ana-pc", "ana@hearth.internal"),
                    device(2, "bo-pc", "bo@hearth.internal"),
                    device(3, "dev-pc", "dev@hearth.internal"),
                    device(4, "billing", "", "tag:billing"),
                    device(5, "nas", "", "tag:nas"),
                    device(6, "app", "", "tag:appserver"),
                    device(7, "stranger", "x@hearth.internal"));

    private static final List<Device> HOME_DEVICES =
            List.of(
                    device(1, "ctmprod", "ana@hearth.internal"),
                    device(2, "overseer", "boss@hearth.internal"),
                    device(3, "phone", "", "tag:mobile"),
                    device(4, "workbench", "kid@hearth.internal"),
                    device(5, "desk", "ana@hearth.internal"),
                    device(6, "tv", "kid@hearth.internal"));

    @Test
    void clinic() throws InvalidPolicy {
        World w = world(CLINIC, CLINIC_DEVICES);
        Set<String> open = flows(CLINIC, w);
        Set<String> want = new HashSet<>();
        for (String from : List.of("ana-pc", "bo-pc")) {
            want.add(from + ">billing:*");
            want.add(from + ">nas:*");
        }
        want.add("dev-pc>app:*");
        assertEquals(want, open);
        assertEquals(
                List.of("W4"),
                Lints.of(Policy.parse(CLINIC, Policy.Dialect.HEARTH), w, null).stream()
                        .map(p -> p.code())
                        .toList());
    }

    @Test
    void overseer() throws InvalidPolicy {
        World w = world(OVERSEER, HOME_DEVICES);
        Set<String> want = new HashSet<>(List.of("ctmprod>overseer:5432", "ctmprod>overseer:6379"));
        for (String ops : List.of("ctmprod", "desk", "workbench")) { // ctmprod is of ops, too
            want.add(ops + ">overseer:22");
            if (!ops.equals("ctmprod")) {
                want.add(ops + ">ctmprod:*");
            }
        }
        for (Device d : HOME_DEVICES) {
            if (!d.name().equals("phone")) {
                want.add("phone>" + d.name() + ":80");
                want.add("phone>" + d.name() + ":443");
                want.add("phone>" + d.name() + ":3000");
            }
        }
        assertEquals(want, flows(OVERSEER, w));
        Policy p = Policy.parse(OVERSEER, Policy.Dialect.HEARTH);
        assertTrue(p.extended());
        assertEquals(Set.of("ctmprod", "overseer", "workbench"), p.deviceNames(""));
    }

    /** Every open flow as {@code from>to:port}, or {@code *} when all ports are. */
    private static Set<String> flows(String text, World world) throws InvalidPolicy {
        CompiledPolicy compiled = Policy.parse(text, Policy.Dialect.HEARTH).compile(world);
        NaivePolicy naive = new NaivePolicy(text, world);
        Set<String> out = new HashSet<>();
        for (Device from : world.devices()) {
            for (Device to : world.devices()) {
                if (from.id() == to.id()) {
                    continue;
                }
                List<Integer> ports = new ArrayList<>();
                for (int port : PORTS) {
                    Flow tcp = new Flow(from.v4(), to.v4(), 6, port);
                    boolean open = FilterModel.allows(compiled.packetFilter(to.id()), tcp);
                    assertEquals(naive.allows(to, tcp), open);
                    Flow udp6 = new Flow(from.v6(), to.v6(), 17, port);
                    assertEquals(open, FilterModel.allows(compiled.packetFilter(to.id()), udp6));
                    if (open) {
                        ports.add(port);
                    }
                }
                String pair = from.name() + ">" + to.name() + ":";
                if (ports.equals(PORTS)) {
                    out.add(pair + "*");
                } else {
                    ports.forEach(p -> out.add(pair + p));
                }
                boolean seen = compiled.peers(from.id()).stream().anyMatch(p -> p.id() == to.id());
                boolean back = compiled.peers(to.id()).stream().anyMatch(p -> p.id() == from.id());
                assertEquals(seen, back);
                assertTrue(ports.isEmpty() || seen);
            }
        }
        return out;
    }
}
