package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What changed of a peer that the recipient holds; null fields did not change. A patch for a node
 * that the recipient does not hold, or for itself, makes clients since 1.100 drop the rest of the
 * frame.
 *
 * @param derpRegion 0: unchanged
 * @param endpoints the whole new list; empty means none
 */
public record PeerChange(
        @JsonProperty("NodeID") long nodeId,
        @JsonProperty("DERPRegion") @JsonInclude(JsonInclude.Include.NON_DEFAULT) int derpRegion,
        @JsonProperty("Cap") @JsonInclude(JsonInclude.Include.NON_DEFAULT) int cap,
        @JsonProperty("Endpoints") @Nullable List<String> endpoints,
        @JsonProperty("Key") @Nullable NodeKey key,
        @JsonProperty("DiscoKey") @Nullable DiscoKey discoKey,
        @JsonProperty("Online") @Nullable Boolean online,
        @JsonProperty("LastSeen") @Nullable Instant lastSeen,
        @JsonProperty("KeyExpiry") @Nullable Instant keyExpiry) {}
