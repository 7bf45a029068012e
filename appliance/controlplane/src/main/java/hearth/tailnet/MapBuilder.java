package hearth.tailnet;

import static hearth.tailnet.HashTrie.same;

import hearth.base.IpPrefix;
import hearth.control.ControlJson;
import hearth.control.DERPMap;
import hearth.control.DNSConfig;
import hearth.control.DisplayMessage;
import hearth.control.FilterRule;
import hearth.control.NetMap;
import hearth.control.UserProfile;
import hearth.control.WireNode;
import hearth.crypto.NodeKey;
import hearth.policy.PeerView;
import hearth.policy.RelaySection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a snapshot means for one recipient, part by part. Parts that are the same for all are
 * rendered once. Safe for all threads.
 */
final class MapBuilder {
    /** Past for every clock, and later than what clients take for "no time". */
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    private static final int FIRST_WITH_PINS = 116; // 1.84
    private static final long TOMBSTONE_ID = (1L << 52) + 404; // no node's id ever
    private static final String CAP = "https://tailscale.com/cap/";

    final MapPeers peers = new MapPeers();
    private final Supplier<DERPMap> derpMap;
    private final Supplier<String> pageBase;
    private volatile @Nullable Rendered<DnsOf> dns;
    private volatile @Nullable Told derp;
    private volatile @Nullable Rendered<List<FilterRule>> filter;

    /** A relay map, the same for older clients, and what they were made of. */
    private record Told(
            DERPMap own,
            @Nullable RelaySection policy,
            int ownRegion,
            Rendered<DERPMap> map,
            Rendered<DERPMap> unpinned) {}

    private record DnsOf(DnsSettings settings, String domain) {}

    /** A value and its JSON. */
    static final class Rendered<T> {
        final T value;
        final byte[] json;

        Rendered(T value, Object wire) {
            this.value = value;
            this.json = ControlJson.write(wire);
        }
    }

    /** {@code pageBase}: where people's pages are, without a slash at the end. */
    MapBuilder(Supplier<DERPMap> derpMap, Supplier<String> pageBase) {
        this.derpMap = derpMap;
        this.pageBase = pageBase;
    }

    /** What the recipient is to show its person. */
    Map<String, DisplayMessage> messages(Snapshot s, Node n) {
        return MapMessages.of(n, s, visible(s, n), pageBase);
    }

    /** The peers a node is told about, by ascending id; nobody while it may not take part. */
    static List<PeerView> visible(Snapshot s, Node node) {
        return takesPart(s, node) ? s.compiled().peers(node.id()) : List.of();
    }

    /** What may enter a node. */
    static List<FilterRule> filter(Snapshot s, Node node) {
        return takesPart(s, node) ? s.compiled().packetFilter(node.id()) : List.of();
    }

    private static boolean takesPart(Snapshot s, Node node) {
        return node.authorized() && !node.expired() && !s.userOf(node).suspended();
    }

    /**
     * The relays for a client of capability version {@code capver}. Clients before 1.84 take a pin
     * for a name that the certificate must be for, and refuse one that they would trust without.
     */
    Rendered<DERPMap> derpMap(Snapshot s, int capver) {
        Told t = told(s);
        return capver >= FIRST_WITH_PINS ? t.map : t.unpinned;
    }

    private Told told(Snapshot s) {
        DERPMap own = derpMap.get();
        RelaySection policy = s.compiled().relays();
        Told t = derp;
        if (t == null || !t.own.equals(own) || !Objects.equals(t.policy, policy)) {
            Relays all = Relays.of(own, policy);
            DERPMap unpinned = all.map().withoutPins();
            t =
                    new Told(
                            own,
                            policy,
                            all.own(),
                            new Rendered<>(all.map(), all.map()),
                            new Rendered<>(unpinned, unpinned));
            derp = t;
        }
        return t;
    }

    Rendered<List<FilterRule>> rendered(List<FilterRule> rules) {
        Rendered<List<FilterRule>> r = filter;
        if (r == null || !same(r.value, rules)) {
            r = new Rendered<>(rules, rules);
            filter = r;
        }
        return r;
    }

    /** The same object for as long as nothing of it changes. */
    byte[] dns(Snapshot s) {
        Rendered<DnsOf> r = dns;
        if (r == null || !same(r.value.settings, s.dns()) || !r.value.domain.equals(s.domain())) {
            var of = new DnsOf(s.dns(), s.domain());
            if (r != null && r.value.equals(of)) {
                return r.json;
            }
            r = new Rendered<>(of, dns(of.settings, of.domain));
            dns = r;
        }
        return r.json;
    }

    /**
     * One switch decides: nameservers either replace the device's own (Resolvers), or stand in
     * where a platform cannot split names (FallbackResolvers).
     */
    static DNSConfig dns(DnsSettings settings, String domain) {
        List<DNSConfig.Resolver> servers = resolvers(settings.nameservers());
        Map<String, List<DNSConfig.Resolver>> routes = new LinkedHashMap<>();
        settings.splitDomains().forEach((suffix, to) -> routes.put(suffix, resolvers(to)));
        List<String> search = new ArrayList<>();
        if (settings.magicDns()) {
            search.add(domain);
        }
        search.addAll(settings.searchDomains());
        return new DNSConfig(
                settings.overrideLocal() ? servers : List.of(),
                routes,
                settings.overrideLocal() ? List.of() : servers,
                search,
                settings.magicDns(),
                List.of(),
                List.of("." + domain));
    }

    private static List<DNSConfig.Resolver> resolvers(List<String> addresses) {
        return addresses.stream().map(DNSConfig.Resolver::of).toList();
    }

    /**
     * The recipient itself.
     *
     * @param lasting leave out what the device itself tells, so that an echo of it is no change
     */
    static WireNode self(Snapshot s, Node n, boolean lasting) {
        Instant expiry = n.keyExpiry();
        List<IpPrefix> allowed = allowedIps(s, n);
        return new WireNode(
                n.id(),
                n.stableId(),
                s.fullName(n) + ".",
                n.userId(),
                n.key(),
                n.expired() && expiry == null ? LONG_AGO : expiry,
                false,
                n.machine(),
                lasting ? null : n.disco(),
                addresses(n, allowed),
                allowed,
                lasting ? List.of() : MapPeer.endpoints(n.endpoints()),
                lasting ? 0 : n.homeDerp(),
                null,
                lasting ? JsonNodeFactory.instance.objectNode() : n.hostinfo().forPeers(),
                n.created(),
                lasting ? 0 : n.capver(),
                n.tags(),
                List.of(),
                null,
                lasting ? null : true,
                n.authorized(),
                selfCaps(s, n));
    }

    /** The addresses of {@code n} that a map names: the policy may hide one from everybody. */
    static List<IpPrefix> addresses(Node n, List<IpPrefix> allowed) {
        List<IpPrefix> own = n.addresses();
        return allowed.containsAll(own) ? own : own.stream().filter(allowed::contains).toList();
    }

    private static List<IpPrefix> allowedIps(Snapshot s, Node n) {
        List<IpPrefix> ips = takesPart(s, n) ? s.compiled().allowedIps(n.id()) : List.of();
        return ips.isEmpty() ? n.addresses() : ips;
    }

    private static Map<String, List<JsonNode>> selfCaps(Snapshot s, Node n) {
        Map<String, List<JsonNode>> caps = new TreeMap<>();
        JsonNodeFactory json = JsonNodeFactory.instance;
        caps.put(CAP + "ssh", List.of());
        caps.put(CAP + "file-sharing", List.of());
        caps.put("default-auto-update", List.of(json.booleanNode(false)));
        caps.put("tailnet-display-name", List.of(json.stringNode(s.domain())));
        caps.put("cache-network-maps", List.of()); // devices start without us from the last map
        caps.put("probe-udp-lifetime", List.of());
        Role role = s.userOf(n).role();
        if (!n.isTagged() && role.isAdmin()) {
            caps.put(CAP + "is-admin", List.of());
            if (role == Role.OWNER) {
                caps.put(CAP + "is-owner", List.of());
            }
        }
        caps.putAll(s.compiled().capMap(n.id()));
        return caps;
    }

    static UserProfile profile(User u) {
        return new UserProfile(u.id(), u.login(), u.displayName(), "");
    }

    /**
     * The map for a key that is no node's (any more): a self that has expired, so that the client
     * asks for a login instead of keeping its last map for ever. It carries the relays, without
     * which a client does not come up after that login.
     */
    void tombstone(MapBuffer out, Snapshot s, NodeKey key) {
        var self =
                new WireNode(
                        TOMBSTONE_ID,
                        "removed",
                        "removed." + s.domain() + ".",
                        User.TAGGED_ID,
                        key,
                        LONG_AGO,
                        false,
                        null,
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        0,
                        null,
                        JsonNodeFactory.instance.objectNode(),
                        LONG_AGO,
                        0,
                        List.of(),
                        List.of(),
                        null,
                        null,
                        true,
                        Map.of());
        out.put("{\"Node\":").put(ControlJson.write(self));
        out.put(",\"DERPMap\":").put(derpMap(s, FIRST_WITH_PINS).json);
        out.put(",\"Domain\":").put(ControlJson.write(s.domain()));
        out.put(",\"PacketFilters\":{\"base\":[]},\"UserProfiles\":[");
        out.put(ControlJson.write(profile(User.TAGGED))).put("]}");
    }

    /** For a node in this process; null when it is gone. */
    @Nullable NetMap local(Snapshot s, long id) {
        Node n = s.node(id);
        if (n == null) {
            return null;
        }
        List<IpPrefix> allowed = allowedIps(s, n);
        Told relays = told(s);
        List<NetMap.Peer> around = new ArrayList<>();
        for (PeerView v : visible(s, n)) {
            MapPeer p = peers.of(s, v);
            if (p != null) {
                around.add(p.local());
            }
        }
        return new NetMap(
                new NetMap.Self(
                        n.id(),
                        s.fullName(n) + ".",
                        n.key(),
                        addresses(n, allowed),
                        allowed,
                        n.expired()),
                around,
                filter(s, n),
                relays.map.value,
                relays.ownRegion);
    }
}
