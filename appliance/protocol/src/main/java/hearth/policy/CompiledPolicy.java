package hearth.policy;

import hearth.base.IpPrefix;
import hearth.base.Problem;
import hearth.control.FilterRule;
import hearth.control.SSHPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /**
     * The node's own allowed IPs: its addresses and the approved routes. A node with {@code
     * disable-ipv4} has its IPv6 address only.
     */
    List<IpPrefix> allowedIps(long node);

    /** Who may open an SSH session on the node; null when no rule concerns it. */
    @Nullable SSHPolicy ssh(long node);

    /**
     * How long an SSH check of {@code source} at {@code destination} holds, zero when every session
     * is checked; null when no check rule lets {@code localUser} in.
     */
    @Nullable Duration sshCheckPeriod(long source, long destination, String localUser);

    /**
     * Whether the rule that would let {@code localUser} in wants the session recorded and no device
     * is there that could.
     */
    boolean sshUnrecorded(long source, long destination, String localUser);

    /**
     * The IPv4 networks that the address of a device is chosen from when it joins, in their order;
     * empty when any will do.
     *
     * @param device to come, with any address
     */
    List<IpPrefix> ipPools(Device device);

    /** Attributes that the policy gives the node; without arguments an empty list. */
    Map<String, List<JsonNode>> capMap(long node);

    /** What the policy says about relays; null when it says nothing. */
    @Nullable RelaySection relays();

    /** Whether the policy approves {@code route}, offered by {@code node}, without a person. */
    boolean autoApproves(long node, IpPrefix route);

    /** The same for a device that is not of the world yet. */
    boolean autoApproves(Device device, IpPrefix route);

    /**
     * Whether {@code owner}, a login or a tag, may give {@code tag} to a device; never a tag that
     * the policy does not define, but for a tag itself.
     */
    boolean mayOwnTag(String owner, String tag);

    /** The tags that the policy defines. */
    Set<String> tags();

    /**
     * What speaks against putting this policy in force in this world: its own tests that fail,
     * users that are ambiguous, foreign domains. The first one's text is the service's answer.
     */
    List<Problem> objections();

    /** The labels of the devices that the policy names, to be bound ({@link DeviceBindings}). */
    Set<String> deviceNames();

    /** The world that this was compiled for. */
    World world();

    /** The same policy for another world. */
    CompiledPolicy recompile(World next);
}
