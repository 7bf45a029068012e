package hearth.policy;

import hearth.base.IpAddress;
import hearth.control.PortRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides one flow at a time as the text reads: the first acl that it matches, then any grant. The
 * slow twin of the compiled filters, for tests and explanations.
 */
final class FirstMatch {
    /** A new connection; {@code port} is 0 for a protocol without ports. */
    record Flow(IpAddress source, IpAddress destination, int protocol, int port) {}

    private static final List<Integer> USUAL_PROTOCOLS = List.of(1, 6, 17, 58);

    private final List<PartState> acls = new ArrayList<>();
    private final List<PartState> grants = new ArrayList<>();
    private final Map<PartState, String> ownerOf = new HashMap<>();
    private final Map<IpAddress, NodeState> byAddress = new HashMap<>();

    FirstMatch(Roster roster, Collection<PartState> plain, Map<String, List<PartState>> self) {
        for (NodeState n : roster.all) {
            byAddress.put(n.device.v4(), n);
            byAddress.put(n.device.v6(), n);
        }
        List<PartState> all = new ArrayList<>(plain);
        self.forEach(
                (login, states) -> {
                    states.forEach(s -> ownerOf.put(s, login));
                    all.addAll(states);
                });
        all.sort(Comparator.comparingInt(s -> s.part().order()));
        for (PartState s : all) {
            (s.part().rule().isGrant() ? grants : acls).add(s);
        }
    }

    /** In the order in which they are asked. */
    List<PartState> states() {
        List<PartState> out = new ArrayList<>(acls);
        out.addAll(grants);
        return out;
    }

    @Nullable NodeState node(IpAddress a) {
        return byAddress.get(a);
    }

    /** The part that decides; null when none matches, which refuses. */
    @Nullable Part decide(Flow f) {
        for (PartState s : acls) {
            if (matches(s, f)) {
                return s.part();
            }
        }
        for (PartState s : grants) {
            if (matches(s, f)) {
                return s.part();
            }
        }
        return null;
    }

    boolean allows(Flow f) {
        Part p = decide(f);
        return p != null && !p.isDeny();
    }

    private boolean matches(PartState s, Flow f) {
        return isSource(s, f.source)
                && (s.part().kind() != Part.Kind.SELF || isOwn(s, f))
                && opens(s, f.destination, f.protocol, f.port);
    }

    boolean isSource(PartState s, IpAddress a) {
        return s.sources().contains(a);
    }

    boolean isOwn(PartState s, Flow f) {
        NodeState from = byAddress.get(f.source);
        NodeState to = byAddress.get(f.destination);
        return from != null
                && to != null
                && Compiled.login(from).equals(ownerOf.get(s))
                && Compiled.login(to).equals(ownerOf.get(s));
    }

    private boolean opens(PartState s, IpAddress to, int protocol, int port) {
        for (Rule.Opening o : s.part().openings()) {
            for (Rule.Target t : o.targets()) {
                if (takes(o, protocol) && opensPort(t, protocol, port) && means(t.to(), to)) {
                    return true;
                }
            }
        }
        return false;
    }

    static boolean takes(Rule.Opening o, int protocol) {
        List<Integer> open = o.protocols().isEmpty() ? USUAL_PROTOCOLS : o.protocols();
        return open.contains(protocol);
    }

    static boolean opensPort(Rule.Target t, int protocol, int port) {
        return Ports.hasPorts(protocol)
                ? t.ports().stream().anyMatch(p -> p.contains(port))
                : t.ports().contains(PortRange.ALL);
    }

    /** Whether {@code s} as a destination means the address; of a device's own for self. */
    boolean means(Selector s, IpAddress a) {
        return switch (s) {
            case Selector.Everyone _ -> true;
            case Selector.Addresses addresses -> addresses.set().contains(a);
            case Selector.Auto(AutoGroup g) when g == AutoGroup.INTERNET ->
                    Ranges.INTERNET.contains(a);
            case Selector.Auto(AutoGroup g) when g == AutoGroup.SELF -> true;
            case Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ -> {
                NodeState n = byAddress.get(a);
                yield n != null && n.identities.contains(s);
            }
        };
    }
}
