package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node as the policy sees it. Only nodes that may take part belong into a {@link World}: not the
 * ones that still wait for approval.
 *
 * @param name the MagicDNS label, unique in the tailnet
 * @param user login of the owner; null or ignored when the device is tagged
 * @param tags with their {@code tag:} prefix
 * @param advertised routes that the device offers, without host bits
 * @param approved routes that an administrator or an auto-approver let it offer
 * @param online whether it may be the primary router of a prefix
 * @param attributes posture attributes ({@code node:os}, {@code custom:tier}) that are known
 */
public record Device(
        long id,
        String name,
        @Nullable String user,
        List<String> tags,
        IpAddress v4,
        IpAddress v6,
        List<IpPrefix> advertised,
        List<IpPrefix> approved,
        boolean online,
        Map<String, String> attributes) {

    /** An online device of which no posture is known. */
    public Device(
            long id,
            String name,
            @Nullable String user,
            List<String> tags,
            IpAddress v4,
            IpAddress v6,
            List<IpPrefix> advertised,
            List<IpPrefix> approved) {
        this(id, name, user, tags, v4, v6, advertised, approved, true, Map.of());
    }

    /** The same with more routes approved. */
    Device approving(List<IpPrefix> more) {
        if (approved.containsAll(more)) {
            return this;
        }
        Set<IpPrefix> all = new LinkedHashSet<>(approved);
        all.addAll(more);
        return new Device(
                id, name, user, tags, v4, v6, advertised, List.copyOf(all), online, attributes);
    }

    Device withAttributes(Map<String, String> other) {
        return new Device(
                id, name, user, tags, v4, v6, advertised, approved, online, Map.copyOf(other));
    }
}
