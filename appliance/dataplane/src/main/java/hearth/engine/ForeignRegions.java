package hearth.engine;

import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import hearth.derp.PacketSink;
import hearth.derp.RelayLink;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One local node's links to the relays of the map that are not our own. A link costs nothing until
 * something is sent by it. Confined to one thread; the links themselves are thread-safe.
 */
final class ForeignRegions implements AutoCloseable {
    private static final int HTTPS = 443;

    private final BiFunction<DERPRegion, PacketSink, RelayLink> dial;
    private final RelayInlet.Receiver node;
    private final @Nullable RelayLink own;
    private final Map<Integer, Link> links = new HashMap<>();

    private record Link(DERPRegion region, ForeignDerpRoute way) {}

    /**
     * No links yet.
     *
     * @param dial makes a link that connects when it is used
     * @param own the node's place at our own relay, if it has one
     */
    ForeignRegions(
            BiFunction<DERPRegion, PacketSink, RelayLink> dial,
            RelayInlet.Receiver node,
            @Nullable RelayLink own) {
        this.dial = dial;
        this.node = node;
        this.own = own;
    }

    /** The regions of {@code map} that are other relays than ours; pure. */
    static Map<Integer, DERPRegion> others(DERPMap map, int ownRegion) {
        Set<String> ours = new HashSet<>();
        DERPRegion home = map.regions().get(ownRegion);
        if (home != null) {
            home.nodes().forEach(n -> ours.add(place(n)));
        }
        Map<Integer, DERPRegion> out = new TreeMap<>();
        map.regions()
                .forEach(
                        (id, r) -> {
                            boolean same =
                                    id == ownRegion
                                            || r.nodes().stream()
                                                    .anyMatch(n -> ours.contains(place(n)));
                            if (!same && r.nodes().stream().anyMatch(n -> !n.stunOnly())) {
                                out.put(id, r);
                            }
                        });
        return out;
    }

    private static String place(DERPNode n) {
        return n.hostName() + " " + (n.derpPort() == 0 ? HTTPS : n.derpPort());
    }

    /** Takes a map over: what has changed in it gets a new link, what has gone is closed. */
    Map<Integer, DerpRoute> apply(DERPMap map, int ownRegion) {
        Map<Integer, DERPRegion> wanted = others(map, ownRegion);
        links.values()
                .removeIf(
                        link -> {
                            boolean stays = link.region.equals(wanted.get(link.region.regionId()));
                            if (!stays) {
                                link.way.foreign().close();
                            }
                            return !stays;
                        });
        wanted.forEach((id, r) -> links.computeIfAbsent(id, _ -> link(r)));
        Map<Integer, DerpRoute> out = new HashMap<>();
        links.forEach((id, link) -> out.put(id, link.way));
        return out;
    }

    private Link link(DERPRegion r) {
        var inlet = new RelayInlet(node);
        var way = new ForeignDerpRoute(r.regionId(), dial.apply(r, inlet), own);
        inlet.comesBy(way);
        return new Link(r, way);
    }

    @Override
    public void close() {
        links.values().forEach(link -> link.way.foreign().close());
        links.clear();
    }
}
