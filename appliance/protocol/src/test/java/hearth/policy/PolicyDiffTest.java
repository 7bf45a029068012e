package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a preview tells beside ports: SSH, routes, attributes, addresses, relays. */
final class PolicyDiffTest {
    private static final World WORLD =
            new World(
                    "ana@x.org",
                    List.of(
                            new Member("ana@x.org", Member.Role.OWNER),
                            new Member("leo@x.org", Member.Role.MEMBER)),
                    List.of(
                            device(1, "nas", null, List.of("tag:nas")),
                            device(2, "pc", "ana@x.org", List.of()),
                            device(3, "tablet", "leo@x.org", List.of()),
                            device(4, "cabin", "ana@x.org", List.of(), "10.9.0.0/24")),
                    "home.arpa",
                    Map.of("nas", 1L, "cabin", 4L));

    private static Device device(
            long id, String name, @Nullable String user, List<String> tags, String... offers) {
        return new Device(
                id,
                name,
                user,
                tags,
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::" + id),
                List.of(offers).stream().map(IpPrefix::parse).toList(),
                List.of());
    }

    private static CompiledPolicy compiled(String section) throws InvalidPolicy {
        return Policy.parse(
                        "{\"tagOwners\": {\"tag:nas\": [], \"tag:tape\": []}, \"acls\": ["
                                + "{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"10.0.0.0/8:443\"]}],"
                                + section
                                + "}",
                        Policy.Dialect.HEARTH)
                .compile(WORLD);
    }

    private static String ssh(String action, String src, String users) {
        return "\"ssh\": [{\"action\": \"%s\", \"src\": [\"%s\"], \"dst\": [\"tag:nas\"], \"users\": [%s]}]"
                .formatted(action, src, users);
    }

    private static List<String> told(String before, String after) throws InvalidPolicy {
        PolicyDiff.Preview p = PolicyDiff.between(compiled(before), compiled(after));
        List<String> changes =
                p.changes().stream()
                        .map(
                                c ->
                                        (c.gains() ? "+" : "-")
                                                + String.join(",", c.sources())
                                                + ">"
                                                + c.destination()
                                                + " "
                                                + c.traffic())
                        .toList();
        List<String> notes =
                p.notes().stream()
                        .map(n -> n.topic() + " " + n.text() + " " + String.join(",", n.devices()))
                        .map(String::strip)
                        .toList();
        return Stream.concat(changes.stream(), notes.stream()).toList();
    }

    @Test
    void whoMayLogInAsWhom() throws InvalidPolicy {
        String member = ssh("accept", "autogroup:member", "\"root\", \"git\"");
        assertEquals(List.of("+cabin,pc,tablet>nas ssh as git, root"), told("", member));
        assertEquals(List.of("-cabin,pc,tablet>nas ssh as git, root"), told(member, ""));
        assertEquals(
                List.of("-tablet>nas ssh as git, root"),
                told(member, ssh("accept", "ana@x.org", "\"root\", \"git\"")));
        assertEquals(
                List.of("+cabin,pc>nas ssh as any account but root", "-tablet>nas ssh as git"),
                told(
                        ssh("accept", "autogroup:member", "\"git\""),
                        ssh("accept", "ana@x.org", "\"autogroup:nonroot\"")));
        assertEquals(
                List.of("+cabin,pc>nas ssh as any account"),
                told("", ssh("accept", "ana@x.org", "\"autogroup:nonroot\", \"root\"")));
        assertEquals(List.of(), told(member, member));
    }

    @Test
    void aCheckIsNotAnAccept() throws InvalidPolicy {
        String accept = ssh("accept", "ana@x.org", "\"root\"");
        String check = ssh("check", "ana@x.org", "\"root\"");
        assertEquals(
                List.of(
                        "+cabin,pc>nas ssh as root, confirmed every 12h",
                        "-cabin,pc>nas ssh as root"),
                told(accept, check));
        assertEquals(
                List.of(
                        "+cabin,pc>nas ssh as root, confirmed every 20m",
                        "-cabin,pc>nas ssh as root, confirmed every 12h"),
                told(check, check.replace("\"users\"", "\"checkPeriod\": \"20m\", \"users\"")));
        assertEquals(
                List.of("-cabin,pc>nas ssh as root"),
                told(
                        ssh("accept", "autogroup:member", "\"root\""),
                        "\"ssh\": [{\"action\": \"deny\", \"src\": [\"ana@x.org\"], \"dst\": [\"tag:nas\"],"
                                + " \"users\": [\"root\"]}, {\"action\": \"accept\", \"src\":"
                                + " [\"autogroup:member\"], \"dst\": [\"tag:nas\"], \"users\": [\"root\"]}]"));
    }

    @Test
    void whatIsRecordedIsToldAndWhatCannotBeIsRefused() throws InvalidPolicy {
        String accept = ssh("accept", "ana@x.org", "\"root\"");
        String check = ssh("check", "ana@x.org", "\"root\"");
        String there = "\"recorder\": [\"tag:nas\"], \"enforceRecorder\": true, \"users\"";
        assertEquals(
                List.of("+cabin,pc>nas ssh as root, recorded", "-cabin,pc>nas ssh as root"),
                told(accept, accept.replace("\"users\"", there)));
        assertEquals(
                List.of("+cabin,pc>nas ssh as root, confirmed every 12h, recorded"),
                told("", check.replace("\"users\"", there)));
        assertEquals(
                List.of("-cabin,pc>nas ssh as root"),
                told(accept, accept.replace("\"users\"", there.replace("nas", "tape"))));
    }

    @Test
    void aRouteThatIsApprovedAtOnceIsReachedAtOnce() throws InvalidPolicy {
        assertEquals(
                List.of(
                        "+nas,pc,tablet>10.9.0.0/24 via cabin ports 443",
                        "ROUTES 10.9.0.0/24 is approved at once cabin"),
                told("", "\"autoApprovers\": {\"routes\": {\"10.0.0.0/8\": [\"cabin\"]}}"));
    }

    @Test
    void attributesAddressesAndRelays() throws InvalidPolicy {
        String attribute =
                "\"nodeAttrs\": [{\"target\": [\"tag:nas\"], \"attr\": [\"drive:share\"]}]";
        assertEquals(List.of("ATTRIBUTES gets drive:share nas"), told("", attribute));
        assertEquals(List.of("ATTRIBUTES loses drive:share nas"), told(attribute, ""));
        String pool =
                "\"nodeAttrs\": [{\"target\": [\"autogroup:member\"], \"ipPool\": [\"100.80.0.0/16\"]}]";
        assertEquals(
                List.of("ADDRESSES an address from 100.80.0.0/16 if it joined now cabin,pc,tablet"),
                told("", pool));
        assertEquals(
                List.of(
                        "ADDRESSES an address of no pool if it joined now, no longer from"
                                + " 100.80.0.0/16 cabin,pc,tablet"),
                told(pool, ""));
        String relay =
                "\"derpMap\": {\"OmitDefaultRegions\": true, \"Regions\": {\"910\": {\"RegionID\": 910,"
                        + " \"RegionCode\": \"fra\", \"RegionName\": \"Frankfurt\", \"Nodes\": [{\"Name\": \"1\","
                        + " \"RegionID\": 910, \"HostName\": \"derp.x.org\"}]}, \"901\": null}}";
        assertEquals(
                List.of(
                        "RELAYS our own region 901 is taken out",
                        "RELAYS our own relay is nobody's home",
                        "RELAYS region 910 \"Frankfurt\" is added"),
                told("", relay));
        assertEquals(
                List.of(
                        "RELAYS our own region 901 is back",
                        "RELAYS our own relay is a home again",
                        "RELAYS region 910 \"Frankfurt\" is taken out"),
                told(relay, ""));
        assertEquals(
                List.of("RELAYS region 910 \"Frankfurt\" is changed"),
                told(relay, relay.replace("derp.x.org", "derp2.x.org")));
        assertEquals(
                List.of("RELAYS the score of region 900 is 2.0"),
                told("", "\"derpMap\": {\"HomeParams\": {\"RegionScore\": {\"900\": 2}}}"));
    }

    private static CompiledPolicy owned(String tagOwners) throws InvalidPolicy {
        return Policy.parse("{\"tagOwners\": {" + tagOwners + "}}", Policy.Dialect.HEARTH)
                .compile(WORLD);
    }

    private static List<String> owners(String before, String after) throws InvalidPolicy {
        return PolicyDiff.between(owned(before), owned(after)).notes().stream()
                .map(n -> n.topic() + " " + n.text())
                .toList();
    }

    @Test
    void whoMayGiveATag() throws InvalidPolicy {
        String closed = "\"tag:nas\": [], \"tag:ci\": []";
        String open = "\"tag:nas\": [\"tag:ci\", \"leo@x.org\"], \"tag:ci\": []";
        assertEquals(
                List.of("TAGS tag:nas may be given by leo@x.org, tag:ci"), owners(closed, open));
        assertEquals(
                List.of("TAGS tag:nas may no longer be given by leo@x.org, tag:ci"),
                owners(open, closed));
        assertEquals(List.of(), owners(open, open));
        assertEquals(
                List.of("TAGS tag:ci may no longer be given by ana@x.org"),
                owners(closed, "\"tag:nas\": []"));
    }
}
