package hearth.console;

import hearth.base.IpPrefix;
import hearth.console.view.Machines.Route;
import hearth.tailnet.Node;
import java.util.ArrayList;
import java.util.List;

/** Routes as people think of them: subnets one by one, the two default routes as one exit. */
final class RouteFacts {
    /** The form field's value for both default routes. */
    static final String EXIT = "exit";

    private RouteFacts() {}

    /** Offered routes first, then those that were approved and are not offered any more. */
    static List<Route> of(Node node) {
        List<Route> out = new ArrayList<>();
        boolean exitOffered = node.advertised().stream().anyMatch(IpPrefix::isDefaultRoute);
        boolean exitApproved = node.approved().stream().anyMatch(IpPrefix::isDefaultRoute);
        for (IpPrefix p : node.advertised()) {
            if (!p.isDefaultRoute()) {
                boolean approved = node.approved().contains(p);
                out.add(new Route(p.toString(), p.toString(), true, approved, false));
            }
        }
        for (IpPrefix p : node.approved()) {
            if (!p.isDefaultRoute() && !node.advertised().contains(p)) {
                out.add(new Route(p.toString(), p.toString(), false, true, false));
            }
        }
        if (exitOffered || exitApproved) {
            out.add(new Route(EXIT, "Exit to the Internet", exitOffered, exitApproved, true));
        }
        return out;
    }

    /** Whether a subnet is offered that nobody approved; an exit alone asks for nothing. */
    static boolean waiting(Node node) {
        return node.advertised().stream()
                .anyMatch(p -> !p.isDefaultRoute() && !node.approved().contains(p));
    }

    /** The prefixes that a form's value stands for; empty when it is neither. */
    static List<IpPrefix> prefixes(String value) {
        if (value.equals(EXIT)) {
            return List.of(IpPrefix.ALL_V4, IpPrefix.ALL_V6);
        }
        IpPrefix p = IpPrefix.tryParse(value);
        return p == null ? List.of() : List.of(p);
    }
}
