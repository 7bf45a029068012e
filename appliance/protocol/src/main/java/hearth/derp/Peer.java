package hearth.derp;

import hearth.crypto.NodeKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everyone connected with one key. The connection that sent last is the active one and receives.
 * Members come and go only inside the peer map's per-key update. Thread-safe.
 */
final class Peer {
    /** Bound of what is remembered of connections that ended while others of the key went on. */
    private static final int MAX_FORMER = 4096;

    final NodeKey key;
    private final List<Recipient> members = new ArrayList<>(1);
    private final Set<NodeKey> formerTargets = new HashSet<>();
    private volatile @Nullable Recipient active;

    Peer(NodeKey key) {
        this.key = key;
    }

    /** Who receives, null when all have gone. */
    @Nullable Recipient active() {
        return active;
    }

    /** {@code member} has sent a frame. */
    void sent(Recipient member) {
        if (active != member) {
            activate(member);
        }
    }

    private synchronized void activate(Recipient member) {
        if (members.contains(member)) {
            active = member;
        }
    }

    synchronized List<Recipient> members() {
        return List.copyOf(members);
    }

    synchronized void add(Recipient member) {
        members.add(member);
        active = member;
    }

    /** Whether {@code member} was here. */
    synchronized boolean remove(Recipient member) {
        if (!members.remove(member)) {
            return false;
        }
        for (NodeKey target : member.targets()) {
            if (formerTargets.size() < MAX_FORMER) {
                formerTargets.add(target);
            }
        }
        if (active == member || members.isEmpty()) {
            active = members.isEmpty() ? null : members.getLast();
        }
        return true;
    }

    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    /** Keys that had packets from this one; complete once it is empty. */
    synchronized Set<NodeKey> allTargets() {
        return Set.copyOf(formerTargets);
    }
}
