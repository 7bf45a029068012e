package hearth.tailnet;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which of the routes that a node offers are in force. The two /0 go together: an exit node. */
final class Routes {
    private Routes() {}

    static Node approve(Draft d, Actor actor, long id, Collection<IpPrefix> prefixes)
            throws Refused {
        Access.need(actor, Role.Right.ROUTES);
        Node n = Access.node(d, id);
        Set<IpPrefix> next = new LinkedHashSet<>(n.approved());
        next.addAll(whole(prefixes));
        return set(d, actor, n, next);
    }

    static Node unapprove(Draft d, Actor actor, long id, Collection<IpPrefix> prefixes)
            throws Refused {
        Access.need(actor, Role.Right.ROUTES);
        Node n = Access.node(d, id);
        Set<IpPrefix> next = new LinkedHashSet<>(n.approved());
        next.removeAll(whole(prefixes));
        return set(d, actor, n, next);
    }

    /** The approved routes are exactly these, as the API sets them. */
    static Node replace(Draft d, Actor actor, long id, Collection<IpPrefix> prefixes)
            throws Refused {
        Access.need(actor, Role.Right.ROUTES);
        return set(d, actor, Access.node(d, id), whole(prefixes));
    }

    /** The routes that are offered and could be approved, but are not. */
    static List<IpPrefix> waiting(Node n) {
        return n.advertised().stream()
                .filter(p -> !n.approved().contains(p) && !inTailnet(p))
                .toList();
    }

    private static boolean inTailnet(IpPrefix p) {
        return !p.isDefaultRoute() && (Addresses.V4.overlaps(p) || Addresses.V6.overlaps(p));
    }

    /** The routes that the policy approves for {@code n} and that are not approved yet. */
    static List<IpPrefix> autoApproved(Snapshot s, Node n) {
        List<IpPrefix> out = new ArrayList<>();
        for (IpPrefix p : n.advertised()) {
            if (!n.approved().contains(p) && s.compiled().autoApproves(n.id(), p)) {
                out.add(p);
            }
        }
        return out;
    }

    static Node autoApprove(Draft d, Node n, List<IpPrefix> routes) {
        Set<IpPrefix> next = new LinkedHashSet<>(n.approved());
        next.addAll(routes);
        return put(d, Actor.SYSTEM, n, next);
    }

    private static Node set(Draft d, Actor actor, Node n, Set<IpPrefix> next) throws Refused {
        for (IpPrefix p : next) {
            if (inTailnet(p)) {
                throw Refused.invalid("route " + p + ": it lies in the tailnet itself");
            }
        }
        return put(d, actor, n, next);
    }

    private static Node put(Draft d, Actor actor, Node n, Set<IpPrefix> next) {
        List<IpPrefix> sorted = next.stream().sorted().toList();
        if (sorted.equals(n.approved())) {
            return n;
        }
        Node.Edit e = n.edit();
        e.approved = sorted;
        Node changed = e.done();
        d.put(changed);
        d.audit(
                Audit.node(d, actor, "UPDATE", n)
                        .change(
                                actor.source().equals("system")
                                        ? "AUTO_APPROVED_ROUTES"
                                        : "ALLOWED_IPS",
                                n.approved().toString(),
                                sorted.toString()));
        return changed;
    }

    private static Set<IpPrefix> whole(Collection<IpPrefix> prefixes) {
        Set<IpPrefix> out = new LinkedHashSet<>();
        for (IpPrefix p : prefixes) {
            out.add(p.masked());
            if (p.isDefaultRoute()) {
                out.add(IpPrefix.ALL_V4);
                out.add(IpPrefix.ALL_V6);
            }
        }
        return out;
    }
}
