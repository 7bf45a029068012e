package hearth.tailnet;

import hearth.control.ControlJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client as strict as the newest official one: it keeps what frames tell it, and fails where that
 * one would quietly drop the rest of a frame or of a map.
 */
final class MapClient {
    @Nullable JsonNode self;
    @Nullable JsonNode derpMap;
    @Nullable JsonNode dns;
    @Nullable JsonNode filter;
    @Nullable JsonNode ssh;
    final Map<String, JsonNode> messages = new TreeMap<>();
    JsonNode health = ControlJson.MAPPER.createArrayNode();
    final TreeMap<Long, ObjectNode> peers = new TreeMap<>();
    final Map<Long, JsonNode> users = new TreeMap<>();
    JsonNode last = ControlJson.MAPPER.createObjectNode();
    int frames;

    void apply(String frame) {
        JsonNode f = ControlJson.MAPPER.readTree(frame);
        last = f;
        if (frames++ == 0) {
            expect(f.has("Node"), "the first frame lacks Node");
            expect(f.has("DERPMap"), "the first frame lacks DERPMap");
            expect(f.has("PacketFilters"), "the first frame lacks a filter");
        }
        self = f.has("Node") ? f.get("Node") : self;
        derpMap = f.has("DERPMap") ? f.get("DERPMap") : derpMap;
        dns = f.has("DNSConfig") ? f.get("DNSConfig") : dns;
        ssh = f.has("SSHPolicy") ? f.get("SSHPolicy") : ssh;
        filter = f.has("PacketFilters") ? f.get("PacketFilters").get("base") : filter;
        expect(!f.has("Health") || !f.has("DisplayMessages"), "two kinds of messages");
        health = f.has("Health") ? f.get("Health") : health;
        messages(f.path("DisplayMessages"));
        for (JsonNode u : f.path("UserProfiles")) {
            users.put(u.get("ID").asLong(), u);
        }
        if (f.path("Peers").size() > 0) {
            peers.clear();
            upsert(f.get("Peers"));
            expect(!f.has("PeersChanged"), "Peers and PeersChanged in one frame");
        }
        for (JsonNode id : f.path("PeersRemoved")) {
            expect(peers.remove(id.asLong()) != null, "removal of unknown peer " + id);
        }
        upsert(f.path("PeersChanged"));
        f.path("PeersChangedPatch").forEach(this::patch);
        expect(users.containsKey(id(self, "User")), "no profile of the own user");
        for (ObjectNode p : peers.values()) {
            expect(users.containsKey(id(p, "User")), "no profile of user " + id(p, "User"));
        }
    }

    private void messages(JsonNode patch) {
        if (patch.path("*").isNull()) {
            messages.clear();
        }
        for (Map.Entry<String, JsonNode> m : patch.properties()) {
            if (!m.getValue().isNull()) {
                messages.put(m.getKey(), m.getValue());
            } else if (!m.getKey().equals("*")) {
                expect(messages.remove(m.getKey()) != null, "no message " + m.getKey());
            }
        }
    }

    /** What its person reads: messages by id hide plain lines. */
    List<String> shown() {
        List<String> out = new ArrayList<>();
        if (messages.isEmpty()) {
            health.forEach(line -> out.add(line.asString()));
        }
        for (JsonNode m : messages.values()) {
            out.add(m.get("Title").asString() + ": " + m.get("Text").asString());
        }
        return out;
    }

    /** The peer it holds; fails when it holds none. */
    ObjectNode peer(long id) {
        ObjectNode p = peers.get(id);
        if (p == null) {
            throw new AssertionError("no peer " + id);
        }
        return p;
    }

    private void upsert(JsonNode list) {
        long before = 0;
        var stableIds = new TreeSet<String>();
        for (JsonNode p : list) {
            long id = id(p, "ID");
            expect(id > before, "peers are not in the order of their ids");
            expect(id != id(self, "ID"), "the recipient among its own peers");
            expect(stableIds.add(p.get("StableID").asString()), "a StableID twice");
            expect(p.has("Hostinfo"), "a peer without Hostinfo");
            expect(p.get("Name").asString().endsWith("."), "a name without its dot");
            expect(p.has("Online"), "a peer without Online");
            before = id;
            peers.put(id, (ObjectNode) p.deepCopy());
        }
    }

    private void patch(JsonNode change) {
        long id = id(change, "NodeID");
        expect(id != id(self, "ID"), "a patch of the recipient itself");
        expect(peers.containsKey(id), "a patch of unknown peer " + id);
        ObjectNode p = peer(id);
        expect(
                !(change.has("DiscoKey") && change.has("Online")),
                "DiscoKey and Online in one patch: it may be dropped");
        List<String> known =
                new ArrayList<>(List.of("Endpoints", "DiscoKey", "Online", "LastSeen", "Cap"));
        for (String field : known) {
            if (change.has(field)) {
                p.set(field, change.get(field));
            }
        }
        if (change.has("DERPRegion")) {
            p.set("HomeDERP", change.get("DERPRegion"));
            p.put("DERP", "127.3.3.40:" + change.get("DERPRegion").asInt());
        }
        if (p.path("Endpoints").isEmpty()) {
            p.remove("Endpoints");
        }
    }

    private static long id(@Nullable JsonNode node, String field) {
        return node == null ? 0 : node.get(field).asLong();
    }

    private static void expect(boolean claim, String otherwise) {
        if (!claim) {
            throw new AssertionError(otherwise);
        }
    }
}
