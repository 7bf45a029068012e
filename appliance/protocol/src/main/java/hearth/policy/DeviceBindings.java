package hearth.policy;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which device each device name of a policy means. A device chooses its own name, so a name is
 * bound to a node id when the policy that uses it is saved, and follows the id from then on: who
 * takes the name later takes no access. A map holds bound names only, also those whose device is
 * gone and those that left the text; names are {@link #label}s.
 */
public final class DeviceBindings {
    private DeviceBindings() {}

    /** The MagicDNS label that {@code name} means: lower case, without the base domain. */
    public static String label(String name, String baseDomain) {
        String lower = name.toLowerCase(Locale.ROOT);
        String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        String suffix = "." + baseDomain.toLowerCase(Locale.ROOT);
        return suffix.length() > 1 && bare.endsWith(suffix)
                ? bare.substring(0, bare.length() - suffix.length())
                : bare;
    }

    /**
     * The world as it is once {@code policy} is saved in the place of {@code former}: what a
     * preview and the policy's tests have to look at.
     */
    public static World afterSave(Policy policy, CompiledPolicy former) {
        return afterSave(policy, former.deviceNames(), former.world());
    }

    /**
     * The same for the world of a moment, {@code former} being the names of the policy in force.
     */
    public static World afterSave(Policy policy, Collection<String> former, World world) {
        return world.with(
                afterSave(
                        policy.deviceNames(world.baseDomain()),
                        former,
                        world.bindings(),
                        world.devices()));
    }

    /**
     * The bindings after a policy with {@code names} is saved: a name that was bound keeps its
     * node, a new one takes the device that has the name now, one that no device has is pending. A
     * name that was pending stays so, whoever calls itself so meanwhile. A name that left the text
     * keeps its device as long as that is there: when the text comes back, nobody else has it.
     *
     * @param former names of the policy before
     */
    public static Map<String, Long> afterSave(
            Collection<String> names,
            Collection<String> former,
            Map<String, Long> before,
            List<Device> devices) {
        Map<String, Long> out = new TreeMap<>(before);
        Set<Long> present = new HashSet<>();
        devices.forEach(d -> present.add(d.id()));
        out.entrySet()
                .removeIf(e -> !names.contains(e.getKey()) && !present.contains(e.getValue()));
        for (String name : names) {
            Long kept = before.get(name);
            if (kept != null || former.contains(name)) {
                continue;
            }
            for (Device d : devices) {
                if (d.name().equalsIgnoreCase(name)) {
                    out.put(name, d.id());
                }
            }
        }
        return Map.copyOf(out);
    }

    /**
     * The bindings after an administrator let {@code device} in, by approval or by an own key: a
     * pending name that it has is bound. Not to be called for a device that a member let in alone.
     */
    public static Map<String, Long> afterAdmission(
            Collection<String> names, Map<String, Long> before, Device device) {
        String name = device.name().toLowerCase(Locale.ROOT);
        return names.contains(name) && !before.containsKey(name)
                ? rebound(before, name, device.id())
                : before;
    }

    /** The bindings after a person with policy rights pointed {@code name} to {@code node}. */
    public static Map<String, Long> rebound(Map<String, Long> before, String name, long node) {
        Map<String, Long> out = new TreeMap<>(before);
        out.put(name.toLowerCase(Locale.ROOT), node);
        return Map.copyOf(out);
    }
}
