package hearth.tailnet;

import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.control.DisplayMessage;
import hearth.policy.PeerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client is given to show its person, and how that is told: as messages by id, where the
 * client knows them, else as lines of text. Never both: the one hides the other.
 */
final class MapMessages {
    private static final int FIRST_WITH_MESSAGES = 117; // 1.86
    private static final int MOST_ROUTES = 8; // that are named
    private static final String ROUTES_WAIT = "routes-wait";
    private static final String EXIT_GONE = "exit-node-gone";
    private static final String SUSPENDED = "account-suspended";
    private static final DisplayMessage EXIT_IS_GONE =
            new DisplayMessage(
                    "Exit node is not available",
                    "The exit node that this device uses is not offered to it any more: its traffic"
                            + " to the Internet is blocked until another one is chosen, or none.",
                    DisplayMessage.HIGH,
                    true,
                    null);

    private MapMessages() {}

    /**
     * By id; empty when there is nothing that a person should do.
     *
     * @param peers whom the node is told about
     */
    static Map<String, DisplayMessage> of(
            Node n, Snapshot s, List<PeerView> peers, Supplier<String> pageBase) {
        List<IpPrefix> waiting = Routes.waiting(n);
        String exit = n.hostinfo().text("ExitNodeID");
        User owner = s.userOf(n);
        boolean nothing = waiting.isEmpty() && exit.isEmpty() && !owner.suspended();
        if (nothing || !n.authorized() || n.expired()) {
            return Map.of();
        }
        if (owner.suspended()) {
            return Map.of(SUSPENDED, suspended(owner));
        }
        Map<String, DisplayMessage> all = new TreeMap<>();
        if (!waiting.isEmpty()) {
            all.put(ROUTES_WAIT, routesWait(n, waiting, pageBase.get()));
        }
        if (exit.startsWith(Node.STABLE_ID_PREFIX) && !offersExit(exit, s, peers)) {
            all.put(EXIT_GONE, EXIT_IS_GONE);
        }
        return all;
    }

    private static DisplayMessage suspended(User owner) {
        return new DisplayMessage(
                "Account is suspended",
                owner.login()
                        + " is suspended: this device reaches nothing until an administrator lets"
                        + " the account in again.",
                DisplayMessage.HIGH,
                true,
                null);
    }

    private static DisplayMessage routesWait(Node n, List<IpPrefix> waiting, String pageBase) {
        return new DisplayMessage(
                "Routes wait for approval",
                "This device offers "
                        + listed(waiting)
                        + ". Other devices can use that once an administrator approves it.",
                DisplayMessage.LOW,
                false,
                new DisplayMessage.Action(
                        pageBase + "/admin/machines/" + n.id() + "#routes", "See its routes"));
    }

    /** Whether the peer is there and takes all traffic; clients block theirs when it does not. */
    private static boolean offersExit(String stableId, Snapshot s, List<PeerView> peers) {
        for (PeerView p : peers) {
            if (p.allowedIps().contains(IpPrefix.ALL_V4)
                    || p.allowedIps().contains(IpPrefix.ALL_V6)) {
                Node n = s.node(p.id());
                if (n != null && n.stableId().equals(stableId)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String listed(List<IpPrefix> routes) {
        List<String> items = new ArrayList<>();
        boolean exit = false;
        for (IpPrefix p : routes) {
            if (p.isDefaultRoute()) {
                exit = true;
            } else {
                items.add(p.toString());
            }
        }
        if (items.size() > MOST_ROUTES) {
            int more = items.size() - MOST_ROUTES + 1;
            items.subList(MOST_ROUTES - 1, items.size()).clear();
            items.add(more + " more routes");
        }
        if (exit) {
            items.add("to be an exit node");
        }
        String last = items.removeLast();
        return items.isEmpty() ? last : String.join(", ", items) + " and " + last;
    }

    /** Whether a client of this capability version takes messages by id. */
    static boolean byId(int capver) {
        return capver >= FIRST_WITH_MESSAGES;
    }

    /** DisplayMessages that turn {@code was} into {@code is}: null takes a message back. */
    static byte[] patch(Map<String, DisplayMessage> was, Map<String, DisplayMessage> is) {
        Map<String, @Nullable DisplayMessage> patch = new TreeMap<>();
        was.keySet().forEach(id -> patch.put(id, null));
        is.forEach(patch::put);
        was.forEach((id, m) -> patch.remove(id, m)); // as it was
        return ControlJson.write(patch);
    }

    /** All of Health for clients that know lines only; empty when there is nothing any more. */
    static byte[] lines(Map<String, DisplayMessage> is) {
        List<String> lines = new ArrayList<>();
        new TreeMap<>(is).values().forEach(m -> lines.add(m.title() + ": " + m.text()));
        return ControlJson.write(lines);
    }
}
