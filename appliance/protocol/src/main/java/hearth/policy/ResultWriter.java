package hearth.policy;

import hearth.base.IpSet;
import hearth.control.FilterRule;
import hearth.control.SSHPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes results of nodes, keeping what did not change. Confined to one thread. */
final class ResultWriter {
    private final PartState[] states;
    private final Map<String, List<PartState>> self;
    private final SshCompiler ssh;
    private final PeerWriter peers;
    private final @Nullable MutualAccess mutual;
    private final @Nullable Denials denials;

    ResultWriter(
            Roster roster,
            PartState[] states,
            Map<String, List<PartState>> self,
            SshCompiler ssh,
            @Nullable MutualAccess mutual,
            @Nullable Denials denials) {
        this.denials = denials;
        this.states = states;
        this.self = self;
        this.ssh = ssh;
        this.peers = new PeerWriter(roster);
        this.mutual = mutual;
    }

    NodeResult write(
            NodeState n,
            int[] asSource,
            int[] asDestination,
            @Nullable NodeResult old,
            boolean filterToo,
            boolean peersToo) {
        List<PartState> own = self.getOrDefault(Compiled.login(n), List.of());
        List<FilterRule> filter =
                filterToo || old == null ? filter(n, asDestination, own) : old.filter;
        List<PeerView> views =
                peersToo || old == null ? peers(n, asSource, asDestination, own, old) : old.peers;
        SSHPolicy sshPolicy = ssh.policy(n);
        if (old == null) {
            return new NodeResult(asSource, asDestination, filter, views, sshPolicy);
        }
        return new NodeResult(
                asSource,
                asDestination,
                filter.equals(old.filter) ? old.filter : filter,
                mutual == null && views.equals(old.peers) ? old.peers : views,
                sshPolicy != null && sshPolicy.equals(old.ssh) ? old.ssh : sshPolicy);
    }

    private List<FilterRule> filter(NodeState n, int[] asDestination, List<PartState> own) {
        FilterWriter out = new FilterWriter(n);
        int next = 0;
        for (int order : asDestination) {
            while (next < own.size() && own.get(next).part().order() < order) {
                add(own.get(next++), n, out);
            }
            add(states[order], n, out);
        }
        while (next < own.size()) {
            add(own.get(next++), n, out);
        }
        return out.filter();
    }

    private void add(PartState s, NodeState n, FilterWriter out) {
        Cut cut = cut(s, n);
        if (cut != null) {
            out.add(s, cut);
        } else if (!s.part().isDeny()) {
            out.add(s);
        }
    }

    private @Nullable Cut cut(PartState s, NodeState destination) {
        return denials == null || s.part().isDeny() ? null : denials.cut(s, destination);
    }

    /** The destinations of {@code s} that {@code n} may still reach. */
    private List<Entry> destinations(PartState s, NodeState n) {
        if (denials == null) {
            return s.to();
        }
        if (s.part().isDeny()) {
            return List.of();
        }
        List<@Nullable Cut> cuts = denials.cuts(s);
        if (cuts.isEmpty()) {
            return s.to();
        }
        List<Entry> out = new ArrayList<>(cuts.size());
        for (int i = 0; i < cuts.size(); i++) {
            Entry e = s.to().get(i);
            Cut cut = cuts.get(i);
            Entry left = cut == null ? e : cut.seenBy(n, e);
            if (left != null) {
                out.add(left);
            }
        }
        return out;
    }

    /** The sources of {@code s} that may still reach {@code n}. */
    private List<Entry> sources(PartState s, NodeState n) {
        Cut cut = cut(s, n);
        if (s.part().isDeny()) {
            return List.of();
        }
        if (cut == null) {
            return s.from();
        }
        List<Entry> out = new ArrayList<>();
        IpSet from = cut.from();
        for (Entry e : s.from()) {
            Entry left = Cut.seen(e, from);
            if (left != null) {
                out.add(left);
            }
        }
        return out;
    }

    private List<PeerView> peers(
            NodeState n,
            int[] asSource,
            int[] asDestination,
            List<PartState> own,
            @Nullable NodeResult old) {
        if (mutual != null) {
            return mutual.peers(n, old == null ? null : old.peers);
        }
        peers.start();
        for (int order : asSource) {
            PartState s = states[order];
            if (s.part().kind() == Part.Kind.VIA) {
                peers.addVia(destinations(s, n));
            } else {
                peers.add(destinations(s, n));
            }
        }
        for (int order : asDestination) {
            if (!states[order].sources().isEmpty()) {
                peers.add(sources(states[order], n));
            }
        }
        for (PartState s : own) {
            if (s.from().stream().anyMatch(e -> e.node() == n)) {
                peers.add(destinations(s, n));
            }
            if (s.to().stream().anyMatch(e -> e.node() == n)) {
                peers.add(sources(s, n));
            }
        }
        return peers.peers(n);
    }
}
