package hearth.app;

import hearth.api.Health;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the appliance is doing: its disk, and what its own node lacks. */
final class BoxHealth implements Health {
    private final Tailnet tailnet;
    private final OwnNode node;

    BoxHealth(Tailnet tailnet, OwnNode node) {
        this.tailnet = tailnet;
        this.node = node;
    }

    @Override
    public List<String> texts() {
        String trouble = tailnet.storeTrouble();
        if (trouble == null) {
            return node.texts();
        }
        List<String> all = new ArrayList<>();
        all.add("changes cannot be stored: " + trouble);
        all.addAll(node.texts());
        return all;
    }

    @Override
    public boolean tun() {
        return node.hasTun();
    }

    /** How storing goes. */
    Map<String, Long> storeMetrics() {
        return Map.of(
                "failed", tailnet.notStored(), "failing", tailnet.storeTrouble() == null ? 0L : 1L);
    }
}
