package hearth.bench;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.policy.Device;
import hearth.policy.Member;
import hearth.policy.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A large tailnet and its policy, made of a seed: 2,500 users with three devices each in 500
 * groups, 2,500 servers with 500 tags, 50 of them routers; 1,000 rules, most of them a group to a
 * tag. No node sees more than 200 others.
 */
final class LargeTailnet {
    static final int USERS = 2_500;
    static final int DEVICES_PER_USER = 3;
    static final int SERVERS = 2_500;
    static final int GROUPS = 500;
    static final int TAGS = 500;
    static final int RULES = 1_000;
    private static final int GROUP_SIZE = 30;
    private static final int ROUTERS = 50;

    private final Random random;

    LargeTailnet(long seed) {
        this.random = new Random(seed);
    }

    String policy() {
        return policy(0);
    }

    /** With so many denies before everything else, which each take something away. */
    String policy(int denies) {
        StringBuilder out = new StringBuilder("{\n\"groups\": {\n");
        for (int g = 0; g < GROUPS; g++) {
            List<String> members = new ArrayList<>();
            for (int m = 0; m < GROUP_SIZE; m++) {
                // neighbours, so that each user is in six groups
                members.add(quote(login((g * 5 + m) % USERS)));
            }
            out.append(quote("group:g" + g)).append(": ").append(members).append(",\n");
        }
        out.append("},\n\"tagOwners\": {\n");
        for (int t = 0; t < TAGS; t++) {
            out.append(quote("tag:t" + t)).append(": [\"autogroup:admin\"],\n");
        }
        out.append("},\n\"acls\": [\n");
        for (int d = 0; d < denies; d++) {
            out.append("{\"action\": \"deny\", \"src\": [")
                    .append(quote(d == 0 ? "*" : "group:g" + d * 7))
                    .append("], \"dst\": [")
                    .append(quote(d == 0 ? "*:8080" : "tag:t" + d * 11 + ":22"))
                    .append("]},\n");
        }
        rule(out, "autogroup:member", "autogroup:self:*");
        for (int r = 1; r < RULES; r++) {
            String ports = List.of("22", "80,443", "5432", "8000-8100").get(r % 4);
            if (r % 20 == 0) {
                rule(out, login(random.nextInt(USERS)), "10." + (r / 20) + ".0.0/16:" + ports);
            } else if (r % 20 == 1) {
                rule(out, "tag:t" + r % TAGS, "tag:t" + (r + 1) % TAGS + ":" + ports);
            } else {
                rule(
                        out,
                        "group:g" + r % GROUPS,
                        "tag:t" + (r * 7 + r / GROUPS * 250) % TAGS + ":" + ports);
            }
        }
        return out.append("],\n}\n").toString();
    }

    private static void rule(StringBuilder out, String source, String destination) {
        out.append("{\"action\": \"accept\", \"src\": [")
                .append(quote(source))
                .append("], \"dst\": [")
                .append(quote(destination))
                .append("]},\n");
    }

    private static String quote(String s) {
        return '"' + s + '"';
    }

    private static String login(int user) {
        return "user" + user + "@example.com";
    }

    World world() {
        List<Member> users = new ArrayList<>();
        List<Device> devices = new ArrayList<>();
        for (int u = 0; u < USERS; u++) {
            users.add(new Member(login(u), Member.Role.MEMBER));
            for (int d = 0; d < DEVICES_PER_USER; d++) {
                devices.add(device(devices.size() + 1, login(u), List.of(), List.of()));
            }
        }
        for (int s = 0; s < SERVERS; s++) {
            List<IpPrefix> routes =
                    s < ROUTERS ? List.of(IpPrefix.parse("10." + s + ".0.0/16")) : List.of();
            devices.add(device(devices.size() + 1, null, List.of("tag:t" + s % TAGS), routes));
        }
        return new World(login(0), users, devices);
    }

    static Device device(long id, @Nullable String user, List<String> tags, List<IpPrefix> routes) {
        return new Device(
                id,
                "node" + id,
                user,
                tags,
                IpAddress.v4(0x6440_0000 + (int) id),
                new IpAddress(false, 0xfd7a_115c_a1e0_0000L, id),
                routes,
                routes,
                true,
                Map.of());
    }

    /** The same world but for one device. */
    static World with(World world, Device changed) {
        List<Device> devices = new ArrayList<>(world.devices());
        devices.replaceAll(d -> d.id() == changed.id() ? changed : d);
        return new World(
                world.owner(), world.users(), devices, world.baseDomain(), world.bindings());
    }
}
