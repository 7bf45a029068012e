package hearth.tailnet;

import hearth.policy.World;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A device name of a policy and the device that it means, whatever that is called now.
 *
 * @param name the label as the policy says it, in lower case
 * @param node the device that it is bound to; null when it is pending or the device is gone
 * @param bearer another device that bears the name now, without having its access
 */
public record DeviceName(String name, State state, @Nullable Node node, @Nullable Node bearer) {
    /** What there is to a name. */
    public enum State {
        /** It means the device of this name. */
        BOUND,
        /** It means a device that was renamed since. */
        RENAMED,
        /** Its device waits for an administrator: until then it matches nothing. */
        WAITING,
        /** Its device was removed: it matches nothing until it is bound anew (W8). */
        GONE,
        /** No device yet: the first of that name that an administrator lets in takes it (W9). */
        PENDING;

        /** In lower case, as programs read it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The names of the policy in force. */
    public static List<DeviceName> of(Snapshot s) {
        return of(s, s.compiled().deviceNames(), s.compiled().world());
    }

    /**
     * The names of any policy.
     *
     * @param names labels that a policy names
     * @param world with the bindings that count, e.g. those after a save
     */
    public static List<DeviceName> of(Snapshot s, Collection<String> names, World world) {
        List<DeviceName> out = new ArrayList<>();
        for (String name : names) {
            Long id = world.bindings().get(name);
            Node node = id == null ? null : s.node(id);
            Node bearer = s.nodeByName(name);
            boolean own = bearer != null && node != null && bearer.id() == node.id();
            State state;
            if (node != null) {
                state = !node.authorized() ? State.WAITING : own ? State.BOUND : State.RENAMED;
            } else {
                state = id == null ? State.PENDING : State.GONE;
            }
            out.add(new DeviceName(name, state, node, own ? null : bearer));
        }
        return List.copyOf(out);
    }
}
