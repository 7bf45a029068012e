package hearth.policy;

import hearth.base.IpPrefix;
import hearth.policy.hujson.Positions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A policy as written: read and checked, not yet applied to a world.
 *
 * @param positions of the text
 * @param rules grants first, then acls, as the service sends them; null when the text has neither,
 *     which allows everything
 * @param groups members by {@code group:NAME}
 * @param tagOwners owners by {@code tag:NAME}
 * @param routeApprovers whose offers of a prefix or a part of it are approved
 * @param exitApprovers whose offers to be an exit node are approved
 * @param domains every domain named in {@code user:*@DOMAIN} or {@code localpart:*@DOMAIN}
 * @param devices device names, in lower case, and where each stands, in the order of reading
 * @param hosts addresses by their alias
 * @param hostPlaces where each alias stands
 * @param openTags tags that no owner is named for; only in the extended dialect
 * @param shortLogins users named without a domain, in lower case
 * @param extended whether the text says something that only the extended dialect knows
 * @param derpMap the {@code derpMap} section, null when there is none
 */
record Document(
        Policy.Dialect dialect,
        Positions positions,
        @Nullable List<Rule> rules,
        Map<String, List<Selector>> groups,
        Map<String, List<Selector>> tagOwners,
        Map<IpPrefix, List<Selector>> routeApprovers,
        List<Selector> exitApprovers,
        List<SshRule> ssh,
        List<NodeAttribute> attributes,
        Map<String, List<Posture>> postures,
        List<PolicyTest> tests,
        List<SshTest> sshTests,
        List<NamedDomain> domains,
        Map<String, List<Place>> devices,
        Map<String, Selector.Addresses> hosts,
        Map<String, Place> hostPlaces,
        List<Text> openTags,
        List<Text> shortLogins,
        boolean extended,
        boolean randomizeClientPort,
        boolean disableIpv4,
        String oneCgnatRoute,
        DerpMapReader.@Nullable Section derpMap) {

    /** The same policy with other tests and none of ssh. */
    Document withTests(List<PolicyTest> others) {
        return new Document(
                dialect,
                positions,
                rules,
                groups,
                tagOwners,
                routeApprovers,
                exitApprovers,
                ssh,
                attributes,
                postures,
                others,
                List.of(),
                domains,
                devices,
                hosts,
                hostPlaces,
                openTags,
                shortLogins,
                extended,
                randomizeClientPort,
                disableIpv4,
                oneCgnatRoute,
                derpMap);
    }

    Place hostPlace(String alias) {
        return hostPlaces.getOrDefault(alias, new Place("hosts", 0));
    }

    /** The labels of the devices named. */
    Set<String> deviceLabels(String baseDomain) {
        Set<String> out = new TreeSet<>();
        devices.keySet().forEach(name -> out.add(DeviceBindings.label(name, baseDomain)));
        return out;
    }

    /**
     * One entry of {@code nodeAttrs}.
     *
     * @param values attribute or app name to its arguments
     * @param pools address pools; the node's address is chosen from them when it joins
     */
    record NodeAttribute(
            Place place,
            List<Selector> targets,
            Map<String, List<JsonNode>> values,
            List<IpPrefix> pools) {}

    /**
     * One entry of {@code tests}.
     *
     * @param from null when the source means nothing
     * @param protocols of which one must be open; empty when the named one is unknown
     * @param attributes posture of the source; empty for the posture that its devices have
     */
    record PolicyTest(
            Place place,
            String source,
            @Nullable Selector from,
            List<Integer> protocols,
            Map<String, String> attributes,
            List<TestFlow> accept,
            List<TestFlow> deny) {}

    /**
     * A destination of a test.
     *
     * @param wrong why it cannot be tested; empty when it can
     */
    record TestFlow(Text text, @Nullable Selector to, int port, String wrong) {}

    /** One entry of {@code sshTests}; a destination that means nothing is null. */
    record SshTest(
            Place place,
            String source,
            @Nullable Selector from,
            Map<String, String> attributes,
            List<@Nullable Selector> destinations,
            List<Text> accept,
            List<Text> check,
            List<Text> deny) {}

    /** A domain and the prefix that the service's message about it has. */
    record NamedDomain(Place place, String prefix, String domain) {}
}
