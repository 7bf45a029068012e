package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A recompiled policy is the policy compiled anew, and shares what is the same. */
final class RecompileModelTest {
    private static final List<String> RULES =
            List.of(
                    "{'src':['*'],'dst':['tag:a'],'ip':['22']}",
                    "{'src':['group:x'],'dst':['tag:b','10.0.0.0/8'],'ip':['tcp:80','udp:53']}",
                    "{'src':['autogroup:member'],'dst':['autogroup:self'],'ip':['*']}",
                    "{'src':['u1@example.com'],'dst':['autogroup:internet'],'ip':['*']}",
                    "{'src':['tag:a'],'dst':['10.1.0.0/16'],'ip':['*'],'via':['tag:b']}",
                    "{'src':['group:x'],'dst':['autogroup:internet'],'ip':['*'],'via':['tag:a']}",
                    "{'src':['10.2.0.0/16'],'dst':['autogroup:member'],'ip':['*']}",
                    "{'src':['autogroup:tagged'],'dst':['tag:b'],"
                            + "'app':{'tailscale.com/cap/relay':[{}]}}",
                    "{'src':['autogroup:danger-all'],'dst':['100.64.0.5'],'ip':['443']}",
                    "{'src':['*'],'dst':['*'],'ip':['*']}",
                    "{'src':['*'],'dst':['tag:b'],'ip':['25'],'srcPosture':['posture:linux']}");

    /** Denies, and accepts between them. */
    private static final List<String> ACLS =
            List.of(
                    "{'action':'deny','src':['tag:a'],'dst':['tag:b:*']}",
                    "{'action':'accept','src':['*'],'dst':['tag:b:22']}",
                    "{'action':'deny','src':['*'],'dst':['10.1.0.0/16:80']}",
                    "{'action':'deny','src':['autogroup:member'],'dst':['autogroup:self:443']}",
                    "{'action':'deny','src':['group:x'],'dst':['autogroup:internet:*']}",
                    "{'action':'deny','src':['10.0.0.0/8'],'dst':['*:*']}",
                    "{'action':'accept','src':['group:x'],'dst':['tag:a:*','10.0.0.0/8:*']}",
                    "{'action':'deny','proto':'udp','src':['*'],'dst':['*:*'],'srcPosture':['posture:linux']}",
                    "{'action':'deny','src':['100.64.0.5','100.64.0.6'],'dst':['100.64.0.7:*','*:25']}",
                    "{'action':'deny','src':['autogroup:tagged'],'dst':['autogroup:member:*']}",
                    "{'action':'accept','src':['*'],'dst':['*:*']}");

    private static final List<IpPrefix> ROUTES =
            List.of(
                    IpPrefix.parse("10.1.0.0/16"),
                    IpPrefix.parse("10.2.0.0/16"),
                    IpPrefix.parse("10.0.0.0/8"),
                    IpPrefix.parse("fd00:1::/64"),
                    IpPrefix.ALL_V4,
                    IpPrefix.ALL_V6);

    private static final int ROUNDS = Integer.getInteger("policy.rounds", 40);
    private final Random random = new Random(Long.getLong("policy.seed", 7));

    @Test
    void recompilingEqualsCompiling() throws InvalidPolicy {
        for (int round = 0; round < ROUNDS; round++) {
            Policy policy = Policy.parse(policy(), Policy.Dialect.HEARTH);
            List<Device> devices = new ArrayList<>();
            for (int i = 1; i <= 12; i++) {
                devices.add(device(i));
            }
            CompiledPolicy compiled = policy.compile(world(devices));
            for (int step = 0; step < 6; step++) {
                change(devices);
                CompiledPolicy next = compiled.recompile(world(devices));
                String where = "round " + round + " step " + step;
                same(policy.compile(world(devices)), next, where);
                shares(compiled, next, where);
                compiled = next;
            }
        }
    }

    @Test
    void anotherPolicyKeepsWhatItLeavesAlone() throws InvalidPolicy {
        for (int round = 0; round < 30; round++) {
            List<Device> devices = new ArrayList<>();
            for (int i = 1; i <= 12; i++) {
                devices.add(device(i));
            }
            CompiledPolicy former =
                    Policy.parse(policy(), Policy.Dialect.HEARTH).compile(world(devices));
            change(devices);
            Policy policy = Policy.parse(policy(), Policy.Dialect.HEARTH);
            CompiledPolicy next = policy.compile(world(devices), former);
            same(policy.compile(world(devices)), next, "round " + round);
            shares(former, next, "round " + round);
        }
    }

    private static void same(CompiledPolicy want, CompiledPolicy got, String where) {
        for (Device d : want.world().devices()) {
            long id = d.id();
            String at = where + " node " + id;
            assertEquals(want.packetFilter(id), got.packetFilter(id), at);
            assertEquals(want.peers(id), got.peers(id), at);
            assertEquals(want.allowedIps(id), got.allowedIps(id), at);
            assertEquals(want.ssh(id), got.ssh(id), at);
            assertEquals(want.capMap(id), got.capMap(id), at);
        }
    }

    private static void shares(CompiledPolicy before, CompiledPolicy after, String where) {
        for (Device d : after.world().devices()) {
            long id = d.id();
            String at = where + " node " + id;
            if (before.packetFilter(id).equals(after.packetFilter(id))) {
                assertSame(before.packetFilter(id), after.packetFilter(id), at);
            }
            if (before.peers(id).equals(after.peers(id))) {
                assertSame(before.peers(id), after.peers(id), at);
            }
        }
    }

    private String policy() {
        List<String> rules = some(RULES, 4);
        List<String> acls = random.nextInt(3) == 0 ? List.of() : some(ACLS, 3);
        return """
        {"tagOwners": {"tag:a": [], "tag:b": []},
         "groups": {"group:x": ["u1@example.com", "u2@example.com"]},
         "postures": {"posture:linux": ["node:os == 'linux'"]},
         "nodeAttrs": [{"target": ["tag:a"], "attr": ["suggest-exit-node"]}],
         "ssh": [
           {"action": "check", "src": ["group:x"], "dst": ["tag:a"], "users": ["root"],
            "recorder": ["tag:b"], "enforceRecorder": true},
           {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self", "tag:b"],
            "users": ["localpart:*@example.com"]}],
         "grants": [%s], "acls": [%s]}
        """
                .formatted(
                        String.join(",", rules).replace('\'', '"'),
                        String.join(",", acls).replace('\'', '"'))
                .replace("node:os == \"linux\"", "node:os == 'linux'");
    }

    private List<String> some(List<String> from, int oneOf) {
        List<String> out = new ArrayList<>();
        for (String r : from) {
            if (random.nextInt(oneOf) == 0) {
                out.add(r);
            }
        }
        return out;
    }

    private World world(List<Device> devices) {
        List<Member> users = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            users.add(new Member("u" + i + "@example.com", Member.Role.MEMBER));
        }
        return new World("u1@example.com", users, List.copyOf(devices));
    }

    private Device device(long id) {
        List<String> tags =
                switch (random.nextInt(5)) {
                    case 0 -> List.of("tag:a");
                    case 1 -> List.of("tag:b");
                    case 2 -> List.of("tag:a", "tag:b");
                    default -> List.of();
                };
        List<IpPrefix> routes = ROUTES.stream().filter(_ -> random.nextInt(8) == 0).toList();
        return new Device(
                id,
                "n" + id,
                tags.isEmpty() ? "u" + (1 + random.nextInt(3)) + "@example.com" : null,
                tags,
                IpAddress.v4(0x6440_0000 + (int) id),
                IpAddress.parse("fd7a:115c:a1e0::6440:" + Long.toHexString(id)),
                routes,
                routes,
                random.nextInt(5) > 0,
                random.nextBoolean() ? Map.of("node:os", "linux") : Map.of());
    }

    private void change(List<Device> devices) {
        int at = random.nextInt(devices.size());
        switch (random.nextInt(4)) {
            case 0 -> devices.remove(at);
            case 1 ->
                    devices.add(device(devices.stream().mapToLong(Device::id).max().orElse(0) + 1));
            default -> devices.set(at, device(devices.get(at).id()));
        }
        if (random.nextInt(3) == 0) {
            int other = random.nextInt(devices.size());
            devices.set(other, device(devices.get(other).id()));
        }
    }
}
