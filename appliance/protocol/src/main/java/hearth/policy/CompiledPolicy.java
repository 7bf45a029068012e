package hearth.policy;

import hearth.base.IpPrefix;
import hearth.control.FilterRule;
import hearth.control.SSHPolicy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a policy means for every node of one {@link World}. Immutable. What {@link #recompile} does
 * not change for a node is the identical object afterwards, so {@code ==} tells whom to send
 * something.
 */
public interface CompiledPolicy {
    /** What may enter the node; empty when nothing may. */
    List<FilterRule> packetFilter(long node);

    /** The nodes that this one is told about, by ascending id, never itself. */
    List<PeerView> peers(long node);

    /** The node's own allowed IPs: its addresses and the approved routes. */
    List<IpPrefix> allowedIps(long node);

    /** Who may open an SSH session on the node; null when no rule concerns it. */
    @Nullable SSHPolicy ssh(long node);

    /** Attributes that the policy gives the node; without arguments an empty list. */
    Map<String, List<JsonNode>> capMap(long node);

    /** Whether the policy approves {@code route}, offered by {@code node}, without a person. */
    boolean autoApproves(long node, IpPrefix route);

    /** Whether {@code login} may give {@code tag} to a device. */
    boolean mayOwnTag(String login, String tag);

    /** The same policy for another world. */
    CompiledPolicy recompile(World next);
}
