package hearth.policy;

import hearth.base.IpPrefix;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What one node is told about another.
 *
 * @param id the other node
 * @param allowedIps its addresses and the routes that the viewer may use through it
 * @param primaryRoutes those of its routes that go through it and no other router
 * @param capMap attributes of the peer that the viewer's client reads
 */
public record PeerView(
        long id,
        List<IpPrefix> allowedIps,
        List<IpPrefix> primaryRoutes,
        Map<String, List<JsonNode>> capMap) {}
