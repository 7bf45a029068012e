package hearth.policy;

import hearth.base.IpPrefix;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import hearth.control.SSHPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The default policy compiled: all nodes see each other and may do everything. */
final class AllowAll implements CompiledPolicy {
    private static final List<String> TAILNET =
            List.of(
                    "100.64.0.0-100.115.91.255",
                    "100.115.94.0-100.127.255.255",
                    "fd7a:115c:a1e0::/48");

    private final Map<Long, List<IpPrefix>> allowed = new HashMap<>();
    private final Map<Long, List<PeerView>> peers = new HashMap<>();
    private final List<FilterRule> filter;

    private AllowAll(World world) {
        var sources = new TreeSet<>(TAILNET);
        var primary = new HashMap<IpPrefix, Long>();
        List<Device> devices =
                world.devices().stream().sorted(Comparator.comparingLong(Device::id)).toList();
        List<PeerView> views = new ArrayList<>();
        for (Device d : devices) {
            List<IpPrefix> ips = new ArrayList<>(List.of(IpPrefix.of(d.v4()), IpPrefix.of(d.v6())));
            List<IpPrefix> main = new ArrayList<>();
            for (IpPrefix route : d.approved()) {
                if (!d.advertised().contains(route)) {
                    continue;
                }
                if (route.isDefaultRoute()) {
                    ips.add(route);
                    continue;
                }
                sources.add(route.toString());
                if (d.online() && primary.putIfAbsent(route, d.id()) == null) {
                    ips.add(route);
                    main.add(route);
                }
            }
            allowed.put(d.id(), List.copyOf(ips));
            views.add(new PeerView(d.id(), List.copyOf(ips), List.copyOf(main), Map.of()));
        }
        for (Device d : devices) {
            peers.put(d.id(), views.stream().filter(v -> v.id() != d.id()).toList());
        }
        filter =
                List.of(
                        new FilterRule(
                                List.copyOf(sources),
                                List.of(new NetPortRange("*", PortRange.ALL)),
                                List.of(),
                                List.of()));
    }

    static CompiledPolicy of(World world) {
        return new AllowAll(world);
    }

    @Override
    public List<FilterRule> packetFilter(long node) {
        return filter;
    }

    @Override
    public List<PeerView> peers(long node) {
        return peers.getOrDefault(node, List.of());
    }

    @Override
    public List<IpPrefix> allowedIps(long node) {
        return allowed.getOrDefault(node, List.of());
    }

    @Override
    public @Nullable SSHPolicy ssh(long node) {
        return null;
    }

    @Override
    public Map<String, List<JsonNode>> capMap(long node) {
        return Map.of();
    }

    @Override
    public boolean autoApproves(long node, IpPrefix route) {
        return false;
    }

    @Override
    public boolean mayOwnTag(String login, String tag) {
        return false;
    }

    @Override
    public CompiledPolicy recompile(World next) {
        return new AllowAll(next);
    }
}
