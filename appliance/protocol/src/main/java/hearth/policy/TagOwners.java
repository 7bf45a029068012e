package hearth.policy;

import hearth.base.IpPrefix;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who may give tags, and whose routes are approved without a person. */
final class TagOwners {
    private final Document document;
    private final Identities identities;

    TagOwners(Document document, Identities identities) {
        this.document = document;
        this.identities = identities;
    }

    Set<String> tags() {
        return Collections.unmodifiableSet(document.tagOwners().keySet());
    }

    /**
     * Owners, admins and network admins may give every tag that the policy defines. {@code owner}
     * is a login or a tag.
     */
    boolean mayOwn(String owner, String tag) {
        if (owner.startsWith("tag:")) {
            return tagMayOwn(owner, tag);
        }
        List<Selector> owners = document.tagOwners().get(tag);
        if (owners == null) {
            return false;
        }
        Member.Role role = identities.role(owner);
        return role == Member.Role.OWNER
                || role == Member.Role.ADMIN
                || role == Member.Role.NETWORK_ADMIN
                || owners.stream().anyMatch(identities.ofUser(owner)::contains);
    }

    /** A tag owns itself and what is owned by a tag that it owns. */
    private boolean tagMayOwn(String owner, String tag) {
        return tagMayOwn(owner, tag, new HashSet<>());
    }

    private boolean tagMayOwn(String owner, String tag, Set<String> seen) {
        if (owner.equals(tag)) {
            return true;
        }
        if (!seen.add(tag)) {
            return false;
        }
        for (Selector s : document.tagOwners().getOrDefault(tag, List.of())) {
            if (s instanceof Selector.Tag(String name) && tagMayOwn(owner, name, seen)) {
                return true;
            }
        }
        return false;
    }

    /** Default routes by {@code exitNode} only; others by a prefix that holds them. */
    boolean approves(Set<Selector> device, IpPrefix route) {
        if (route.isDefaultRoute()) {
            return document.exitApprovers().stream().anyMatch(device::contains);
        }
        for (Map.Entry<IpPrefix, List<Selector>> e : document.routeApprovers().entrySet()) {
            if (e.getKey().contains(route) && e.getValue().stream().anyMatch(device::contains)) {
                return true;
            }
        }
        return false;
    }
}
