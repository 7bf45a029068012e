package hearth.policy;

import hearth.control.FilterRule;
import hearth.control.SSHPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one node is sent, and the parts it stands in, by their order. */
final class NodeResult {
    static final NodeResult NONE =
            new NodeResult(new int[0], new int[0], List.of(), List.of(), null);

    final int[] asSource;
    final int[] asDestination;
    final List<FilterRule> filter;
    final List<PeerView> peers;
    final @Nullable SSHPolicy ssh;

    NodeResult(
            int[] asSource,
            int[] asDestination,
            List<FilterRule> filter,
            List<PeerView> peers,
            @Nullable SSHPolicy ssh) {
        this.asSource = asSource;
        this.asDestination = asDestination;
        this.filter = filter;
        this.peers = peers;
        this.ssh = ssh;
    }
}
