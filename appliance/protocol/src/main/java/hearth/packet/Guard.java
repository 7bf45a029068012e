package hearth.packet;

import org.jspecify.annotations.Nullable;

/**
 * Judges the packets of one local node, behind decryption and the check of the inner source:
 * inbound ones by the packet filter and the flows opened from here, outbound ones so that a flow
 * whose rule is gone ends in both directions.
 *
 * <p>Stricter than the official clients, which let every TCP packet without SYN pass: here such a
 * packet must belong to a flow that was opened from this side or be allowed by a rule. An entry
 * that a new filter no longer allows carries nothing more, from the first packet after {@link
 * #apply}.
 *
 * <p>{@link #inbound} is called by the receiving thread, {@link #outbound} by the sending one,
 * {@link #apply} by any.
 */
public final class Guard {
    private final Flows flows;
    private volatile Armed armed;

    private record Armed(PacketFilter filter, int generation) {}

    /** Refuses everything inbound until a filter is applied. */
    public Guard(Flows flows) {
        this.flows = flows;
        this.armed = new Armed(PacketFilter.DENY_ALL, flows.nextGeneration());
    }

    /** Every flow is judged anew by {@code filter}, at its next packet. */
    public void apply(PacketFilter filter) {
        armed = new Armed(filter, flows.nextGeneration());
    }

    /** A packet from a peer: null to let it pass, else why not. */
    public @Nullable DropReason inbound(PacketHeader p, long nowNanos) {
        if (p.hasMulticastDestination()) {
            return DropReason.MULTICAST;
        }
        if (p.hasLinkLocalDestination()) {
            return DropReason.LINK_LOCAL;
        }
        Armed now = armed;
        if (!now.filter.isLocalDestination(p)) {
            return DropReason.NOT_LOCAL;
        }
        if (p.laterFragment) {
            return null; // harmless without its first fragment, which was judged
        }
        return switch (p.protocol) {
            case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.SCTP -> inboundFlow(p, now, nowNanos);
            case IpProtocol.TSMP -> null;
            case IpProtocol.ICMP_V4, IpProtocol.ICMP_V6 ->
                    p.isIcmpAnswer() || now.filter.allows(p) ? null : DropReason.NOT_ALLOWED;
            default -> now.filter.allows(p) ? null : DropReason.NOT_ALLOWED;
        };
    }

    private @Nullable DropReason inboundFlow(PacketHeader p, Armed now, long nowNanos) {
        int slot = flows.byPeers.find(p, nowNanos);
        if (slot >= 0 && flows.byPeers.generation(slot) == now.generation) {
            flows.byPeers.touch(slot, nowNanos);
            return null;
        }
        if (now.filter.allows(p)) {
            if (slot >= 0) { // in place, so that the sending thread never misses the entry
                flows.byPeers.setGeneration(slot, now.generation);
                flows.byPeers.touch(slot, nowNanos);
            } else {
                flows.byPeers.insert(p, now.generation, nowNanos);
            }
            return null;
        }
        int opened = flows.byUs.findReverse(p, nowNanos);
        if (opened >= 0) {
            flows.byUs.touch(opened, nowNanos);
            return null;
        }
        return slot >= 0 ? DropReason.PERMISSION_LOST : DropReason.NOT_ALLOWED;
    }

    /** A packet towards a peer: null to let it pass, else why not. */
    public @Nullable DropReason outbound(PacketHeader p, long nowNanos) {
        if (p.hasMulticastDestination()) {
            return DropReason.MULTICAST;
        }
        if (p.hasLinkLocalDestination()) {
            return DropReason.LINK_LOCAL;
        }
        boolean isFlow =
                p.protocol == IpProtocol.TCP
                        || p.protocol == IpProtocol.UDP
                        || p.protocol == IpProtocol.SCTP;
        return isFlow && !p.laterFragment ? outboundFlow(p, nowNanos) : null;
    }

    private @Nullable DropReason outboundFlow(PacketHeader p, long nowNanos) {
        boolean opening = p.protocol == IpProtocol.TCP && p.isTcpOpening();
        if (!opening) {
            int answered = flows.byPeers.findReverse(p, nowNanos);
            if (answered >= 0) {
                return answer(p, answered, nowNanos);
            }
        }
        int slot = flows.byUs.find(p, nowNanos);
        if (slot >= 0) {
            flows.byUs.touch(slot, nowNanos);
        } else if (p.protocol != IpProtocol.TCP || opening || flows.mayPickUp(nowNanos)) {
            flows.byUs.insert(p, 0, nowNanos);
        }
        return null;
    }

    private @Nullable DropReason answer(PacketHeader p, int slot, long nowNanos) {
        Armed now = armed;
        if (flows.byPeers.generation(slot) != now.generation) {
            if (!now.filter.allowsReverse(p)) {
                // not refreshed: the entry ends idle, and this side may then open the flow itself
                return DropReason.PERMISSION_LOST;
            }
            flows.byPeers.setGeneration(slot, now.generation);
        }
        flows.byPeers.touch(slot, nowNanos);
        return null;
    }
}
