package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.base.Problem;
import hearth.control.CapGrant;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who gains and who loses what when one compiled policy takes the place of another: read from the
 * rules that clients receive, not from the texts. Routes that a policy approves of itself count as
 * approved under it.
 */
public final class PolicyDiff {
    /** More than this many pairs of a source and a destination are not looked at one by one. */
    private static final int MOST_PAIRS = 20_000;

    /**
     * One thing that changes.
     *
     * @param gains true for a gain, false for a loss
     * @param sources devices by name, and subnets; ascending
     * @param destination a device's name, or a prefix and the device that leads to it
     * @param traffic {@code everything}, {@code ports 22,80}, {@code tcp 443}, {@code ssh as root}
     *     ({@code , confirmed every 12h} with a check), a capability
     */
    public record Change(boolean gains, List<String> sources, String destination, String traffic) {}

    /** What a {@link Note} is about. */
    public enum Topic {
        RELAYS,
        ADDRESSES,
        ATTRIBUTES,
        ROUTES,
        TAGS
    }

    /**
     * Something that changes beside who reaches what.
     *
     * @param text {@code gets funnel}, {@code region 910 is added}
     * @param devices by name, ascending; empty for all
     */
    public record Note(Topic topic, String text, List<String> devices) {}

    /**
     * All that changes.
     *
     * @param concerned how many devices receive another filter
     * @param complete false when there was too much to list
     * @param warnings what a save does not do: W2
     */
    public record Preview(
            List<Change> changes,
            List<Note> notes,
            int concerned,
            boolean complete,
            List<Problem> warnings) {}

    private record Pair(String source, String destination) {}

    private final World world;
    private final NavigableMap<IpAddress, Device> byAddress = new TreeMap<>();
    private final TreeSet<IpPrefix> subnets = new TreeSet<>();
    private int pairs;
    private boolean complete = true;

    private PolicyDiff(World world) {
        this.world = world;
        for (Device d : world.devices()) {
            byAddress.put(d.v4(), d);
            byAddress.put(d.v6(), d);
            d.approved().stream().filter(p -> !p.isDefaultRoute()).forEach(subnets::add);
        }
    }

    /** Compares for the devices of the second policy's world. */
    public static Preview between(CompiledPolicy before, CompiledPolicy after) {
        CompiledPolicy was = approving(before);
        CompiledPolicy is = approving(after);
        List<Note> notes = SideEffects.between(before, after, after.world().devices());
        return new PolicyDiff(joined(was.world(), is.world())).run(was, is, notes);
    }

    /** The policy once it has approved what it approves of itself. */
    private static CompiledPolicy approving(CompiledPolicy policy) {
        World world = policy.world();
        List<Device> devices = new ArrayList<>();
        boolean any = false;
        for (Device d : world.devices()) {
            List<IpPrefix> more =
                    d.advertised().stream()
                            .filter(p -> !d.approved().contains(p))
                            .filter(p -> policy.autoApproves(d.id(), p))
                            .toList();
            any |= !more.isEmpty();
            devices.add(d.approving(more));
        }
        return any ? policy.recompile(world.with(devices)) : policy;
    }

    /** The second world's devices with the routes that either world has. */
    private static World joined(World before, World after) {
        Map<Long, Device> old = new HashMap<>();
        before.devices().forEach(d -> old.put(d.id(), d));
        List<Device> devices = new ArrayList<>();
        for (Device d : after.devices()) {
            Device was = old.get(d.id());
            devices.add(was == null ? d : d.approving(was.approved()));
        }
        return after.with(devices);
    }

    private Preview run(CompiledPolicy before, CompiledPolicy after, List<Note> notes) {
        List<Change> gains = new ArrayList<>();
        List<Change> losses = new ArrayList<>();
        List<Change> sshGains = new ArrayList<>();
        Map<String, Device> byText = new HashMap<>();
        world.devices().forEach(d -> byText.put(d.v4().toString(), d));
        List<Change> sshLosses = new ArrayList<>();
        int concerned = 0;
        for (Device d : world.devices()) {
            List<FilterRule> old = before.packetFilter(d.id());
            List<FilterRule> now = after.packetFilter(d.id());
            if (pairs <= MOST_PAIRS) {
                pairs += SshDiff.compare(d, byText, before, after, sshGains, sshLosses);
            }
            if (old.equals(now)) {
                continue;
            }
            concerned++;
            if (pairs > MOST_PAIRS) {
                complete = false;
                continue;
            }
            List<Box> oldBoxes = boxes(old, d);
            List<Box> nowBoxes = boxes(now, d);
            changes(true, d, Box.minus(nowBoxes, oldBoxes), gains);
            changes(false, d, Box.minus(oldBoxes, nowBoxes), losses);
            capabilities(true, d, now, old, gains);
            capabilities(false, d, old, now, losses);
        }
        List<Problem> warnings =
                losses.isEmpty()
                        ? List.of()
                        : List.of(
                                new Problem(
                                        "",
                                        0,
                                        0,
                                        "W2",
                                        "connections that are open already last until they end;"
                                                + " only new ones are refused"));
        gains.addAll(sshGains);
        gains.addAll(losses);
        gains.addAll(sshLosses);
        return new Preview(List.copyOf(gains), notes, concerned, complete, warnings);
    }

    /** The flows that a filter lets into a device. */
    private static List<Box> boxes(List<FilterRule> filter, Device d) {
        IpSet reach = reach(d);
        List<Box> out = new ArrayList<>();
        for (FilterRule r : filter) {
            IpSet sources = set(r.srcIPs());
            ProtocolSet protocols =
                    r.ipProto().isEmpty() ? ProtocolSet.USUAL : ProtocolSet.of(r.ipProto());
            Map<PortSet, List<String>> byPorts = new LinkedHashMap<>();
            for (NetPortRange t : r.dstPorts()) {
                byPorts.computeIfAbsent(PortSet.of(List.of(t.ports())), _ -> new ArrayList<>())
                        .add(t.ip());
            }
            byPorts.forEach(
                    (ports, to) ->
                            out.addAll(
                                    Box.of(sources, set(to).intersect(reach), protocols, ports)));
        }
        return out;
    }

    private static IpSet reach(Device d) {
        List<IpRange> out = new ArrayList<>();
        out.add(new IpRange(d.v4(), d.v4()));
        out.add(new IpRange(d.v6(), d.v6()));
        d.approved().stream().filter(d.advertised()::contains).forEach(p -> out.add(p.range()));
        return IpSet.of(out);
    }

    private static IpSet set(List<String> wire) {
        List<IpRange> out = new ArrayList<>();
        for (String w : wire) {
            IpRange r = Ranges.parse(w);
            if (w.equals("*")) {
                return IpSet.ALL;
            }
            if (r != null) {
                out.add(r);
            }
        }
        return IpSet.of(out);
    }

    private void changes(boolean gains, Device at, List<Box> boxes, List<Change> out) {
        Map<Pair, Map<Integer, PortSet>> traffic = new LinkedHashMap<>();
        for (Box b : boxes) {
            for (String to : destinations(at, b.destinations())) {
                for (String from : sources(at, b.sources())) {
                    if (to.equals(from + " via " + at.name())) {
                        continue; // what stays behind its router
                    }
                    Map<Integer, PortSet> open =
                            traffic.computeIfAbsent(new Pair(from, to), _ -> new TreeMap<>());
                    for (int protocol : b.protocols().numbers()) {
                        open.merge(protocol, b.ports(), PortSet::union);
                    }
                }
            }
        }
        pairs += traffic.size();
        Map<Pair, TreeSet<String>> grouped = new LinkedHashMap<>(); // traffic, destination
        traffic.forEach(
                (pair, open) ->
                        grouped.computeIfAbsent(
                                        new Pair(Words.traffic(open), pair.destination),
                                        _ -> new TreeSet<>())
                                .add(pair.source));
        grouped.forEach(
                (k, from) ->
                        out.add(new Change(gains, List.copyOf(from), k.destination, k.source)));
    }

    private List<String> sources(Device at, IpSet set) {
        TreeSet<String> out = new TreeSet<>();
        for (IpRange r : set.ranges()) {
            for (Device d : byAddress.subMap(r.first(), true, r.last(), true).values()) {
                if (d.id() != at.id()) {
                    out.add(d.name());
                }
            }
        }
        for (IpPrefix p : subnets) {
            if (Ranges.overlaps(set, p)) {
                out.add(p.toString());
            }
        }
        return List.copyOf(out);
    }

    private static List<String> destinations(Device at, IpSet set) {
        List<String> out = new ArrayList<>();
        if (set.contains(at.v4()) || set.contains(at.v6())) {
            out.add(at.name());
        }
        boolean internet = false;
        for (IpPrefix p : at.approved()) {
            if (p.isDefaultRoute()) {
                internet |= set.overlaps(IpSet.of(p).intersect(Ranges.INTERNET));
            } else if (Ranges.overlaps(set, p)) {
                out.add(p + " via " + at.name());
            }
        }
        if (internet) {
            out.add("internet via " + at.name());
        }
        return out;
    }

    private void capabilities(
            boolean gains,
            Device at,
            List<FilterRule> with,
            List<FilterRule> without,
            List<Change> out) {
        Map<String, IpSet> had = capabilities(without);
        capabilities(with)
                .forEach(
                        (name, sources) -> {
                            IpSet known = had.get(name);
                            List<String> from =
                                    sources(at, known == null ? sources : sources.minus(known));
                            if (!from.isEmpty()) {
                                out.add(new Change(gains, from, at.name(), name));
                            }
                        });
    }

    private static Map<String, IpSet> capabilities(List<FilterRule> filter) {
        Map<String, IpSet> out = new TreeMap<>();
        for (FilterRule r : filter) {
            for (CapGrant g : r.capGrant()) {
                for (String name : names(g)) {
                    out.merge(name, set(r.srcIPs()), IpSet::union);
                }
            }
        }
        return out;
    }

    private static List<String> names(CapGrant g) {
        List<String> out = new ArrayList<>(g.caps());
        Map<String, ? extends @Nullable Object> map = g.capMap();
        out.addAll(map.keySet());
        return out;
    }
}
