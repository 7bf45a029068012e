package hearth.policy;

import java.util.List;
import java.util.Map;

/**
 * Whom a policy is about.
 *
 * @param owner login of the tailnet's owner
 * @param baseDomain what device names are completed with, empty when names stand alone
 * @param bindings device name of the policy to node id (features of the extended dialect)
 */
public record World(
        String owner,
        List<Member> users,
        List<Device> devices,
        String baseDomain,
        Map<String, Long> bindings) {

    public World(String owner, List<Member> users, List<Device> devices) {
        this(owner, users, devices, "", Map.of());
    }

    World with(List<Device> others) {
        return new World(owner, users, List.copyOf(others), baseDomain, bindings);
    }

    /** The same world with these bindings; itself when they are the same. */
    public World with(Map<String, Long> others) {
        return others.equals(bindings)
                ? this
                : new World(owner, users, devices, baseDomain, Map.copyOf(others));
    }
}
