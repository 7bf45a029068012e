package hearth.tailnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.Hostinfo;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What clients show their people because the map says so. */
final class MapMessagesTest extends WatchedTailnet {
    @Test
    void routesThatWaitAreShownByIdUntilTheyDoNotWait() throws Refused {
        offers(me, 117, "192.168.7.0/24", "0.0.0.0/0", "::/0");
        open(me.id());
        assertFalse(client.last.has("Health"));
        JsonNode m = client.last.at("/DisplayMessages/routes-wait");
        assertEquals("Routes wait for approval", m.get("Title").asString());
        assertEquals(
                "This device offers 192.168.7.0/24 and to be an exit node. Other devices can use"
                        + " that once an administrator approves it.",
                m.get("Text").asString());
        assertEquals("low", m.get("Severity").asString());
        assertEquals(
                "https://hearth.example/admin/machines/" + me.id() + "#routes",
                m.at("/PrimaryAction/URL").asString());
        assertEquals("", delta());
        tailnet.approveRoutes(Clients.OWNER, me.id(), List.of(IpPrefix.ALL_V4));
        assertEquals(List.of("Node", "DisplayMessages"), fields(delta()));
        assertTrue(client.shown().toString().contains("192.168.7.0/24. Other"));
        tailnet.approveRoutes(Clients.OWNER, me.id(), List.of(IpPrefix.parse("192.168.7.0/24")));
        String last = delta();
        assertTrue(last.contains("\"DisplayMessages\":{\"routes-wait\":null}"), last);
        assertEquals(List.of(), client.shown());
        offers(me, 117, "192.168.7.0/24", "192.168.8.0/24");
        assertEquals(List.of("Node", "DisplayMessages"), fields(delta()));
        offers(me, 117, "192.168.7.0/24");
        assertEquals(List.of("DisplayMessages"), fields(delta()));
        assertEquals(List.of(), client.shown());
    }

    @Test
    void routesThatWaitAreALineForClientsBeforeMessages() throws Refused {
        offers(me, 116, "192.168.7.0/24");
        open(me.id());
        assertFalse(client.last.has("DisplayMessages"));
        assertEquals(
                List.of(
                        "Routes wait for approval: This device offers 192.168.7.0/24. Other devices"
                                + " can use that once an administrator approves it."),
                texts(client.last.get("Health")));
        tailnet.approveRoutes(Clients.OWNER, me.id(), List.of(IpPrefix.parse("192.168.7.0/24")));
        String frame = delta();
        assertTrue(frame.contains("\"Health\":[]"), frame);
        assertEquals(List.of(), client.shown());
    }

    @Test
    void aDeviceThatTakesNoPartOrOffersNothingToApproveIsShownNothing() throws Refused {
        offers(me, 142, "192.168.7.0/24");
        open(me.id());
        assertFalse(client.shown().isEmpty());
        tailnet.authorizeNode(Clients.OWNER, me.id(), false);
        delta();
        assertEquals(List.of(), client.shown());
        tailnet.authorizeNode(Clients.OWNER, me.id(), true);
        offers(me, 142, "100.64.9.0/24"); // of the tailnet itself: never approved
        delta();
        assertEquals(List.of(), client.shown());
    }

    @Test
    void manyRoutesThatWaitAreNotAllNamed() throws Refused {
        String[] many = new String[12];
        Arrays.setAll(many, i -> "192.168." + i + ".0/24");
        offers(me, 142, many);
        open(me.id());
        String text = client.shown().toString();
        assertTrue(text.contains("192.168.6.0/24 and 5 more routes. "), text);
        assertFalse(text.contains("192.168.7.0/24"), text);
    }

    @Test
    void anExitNodeThatIsUsedAndNotOfferedAnyMoreIsShown() throws Refused {
        tailnet.updateNode(
                new NodeUpdate(other.id(), null, null, 0, offering("0.0.0.0/0", "::/0"), 0));
        tailnet.approveRoutes(Clients.OWNER, other.id(), List.of(IpPrefix.ALL_V4));
        uses(other.stableId());
        open(me.id());
        assertFalse(client.last.has("DisplayMessages"));
        tailnet.unapproveRoutes(Clients.OWNER, other.id(), List.of(IpPrefix.ALL_V4));
        delta();
        JsonNode m = client.last.at("/DisplayMessages/exit-node-gone");
        assertEquals("high", m.get("Severity").asString());
        assertTrue(m.get("ImpactsConnectivity").asBoolean());
        tailnet.approveRoutes(Clients.OWNER, other.id(), List.of(IpPrefix.ALL_V4));
        delta();
        assertEquals(List.of(), client.shown());
        tailnet.removeNode(Clients.OWNER, other.id());
        delta();
        assertFalse(client.shown().isEmpty());
        uses("");
        assertEquals(List.of("DisplayMessages"), fields(delta()));
        assertEquals(List.of(), client.shown());
        uses("auto:any");
        assertEquals("", delta());
    }

    private void uses(String exitNode) throws Refused {
        var json = Clients.host("box1").json();
        json.put("ExitNodeID", exitNode);
        tailnet.updateNode(new NodeUpdate(me.id(), null, null, 0, Hostinfo.of(json), 142));
    }
}
