package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the switches of a policy mean for single devices. */
final class SwitchesTest {
    private static Device device(int id, String system) {
        return new Device(
                id,
                "d" + id,
                "amy@a.org",
                List.of(),
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::a:" + id),
                List.of(),
                List.of(),
                true,
                system.isEmpty() ? Map.of() : Map.of("node:os", system));
    }

    private static CompiledPolicy compile(String policy) throws InvalidPolicy {
        World world =
                new World(
                        "amy@a.org",
                        List.of(new Member("amy@a.org", Member.Role.OWNER)),
                        List.of(device(1, "macos"), device(2, "linux"), device(3, "")));
        return Policy.parse(policy, Policy.Dialect.TAILSCALE).compile(world);
    }

    @Test
    void theRouteOfTheMacIsForMacsOnly() throws InvalidPolicy {
        CompiledPolicy always = compile("{\"OneCGNATRoute\": \"mac-always\"}");
        assertEquals(Set.of("one-cgnat?v=true"), always.capMap(1).keySet());
        assertEquals(Set.of(), always.capMap(2).keySet());
        assertEquals(Set.of(), always.capMap(3).keySet());
        CompiledPolicy never = compile("{\"OneCGNATRoute\": \"mac-never\"}");
        assertEquals(Set.of("one-cgnat?v=false"), never.capMap(1).keySet());
    }

    @Test
    void whoComesHasNoAddressThatAPoolCouldBeFor() throws InvalidPolicy {
        CompiledPolicy pools =
                compile(
                        """
                        {"hosts": {"all": "100.64.0.0/10"}, "nodeAttrs": [
                          {"target": ["100.64.0.0/10", "all"], "ipPool": ["100.81.0.0/16"]},
                          {"target": ["*"], "ipPool": ["100.82.0.0/16"]},
                          {"target": ["amy@a.org"], "ipPool": ["100.83.0.0/16"]}]}
                        """);
        assertEquals(
                "[100.82.0.0/16, 100.83.0.0/16]", pools.ipPools(device(0, "linux")).toString());
    }
}
