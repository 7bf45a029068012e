package hearth.tailnet;

import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.control.DisplayMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a client is given to show its person, and how that is told: as messages by id, where the
 * client knows them, else as lines of text. Never both: the one hides the other.
 */
final class MapMessages {
    private static final int FIRST_WITH_MESSAGES = 117; // 1.86
    private static final int MOST_ROUTES = 8; // that are named
    private static final String ROUTES_WAIT = "routes-wait";

    private MapMessages() {}

    /** By id; empty when there is nothing that a person should do. */
    static Map<String, DisplayMessage> of(Node n, String pageBase) {
        List<IpPrefix> waiting = Routes.waiting(n);
        if (waiting.isEmpty() || !n.authorized() || n.expired()) {
            return Map.of();
        }
        var action =
                new DisplayMessage.Action(
                        pageBase + "/admin/machines/" + n.id() + "#routes", "See its routes");
        return Map.of(
                ROUTES_WAIT,
                new DisplayMessage(
                        "Routes wait for approval",
                        "This device offers "
                                + listed(waiting)
                                + ". Other devices can use that once an administrator approves it.",
                        DisplayMessage.LOW,
                        false,
                        action));
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
