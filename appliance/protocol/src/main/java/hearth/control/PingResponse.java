package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a client found when we asked it to ping.
 *
 * @param endpoint {@code ip:port} of a direct path, empty otherwise
 * @param derpRegionId not 0: by this relay
 */
public record PingResponse(
        @JsonProperty("Type") @Nullable String type,
        @JsonProperty("IP") @Nullable String ip,
        @JsonProperty("NodeIP") @Nullable String nodeIp,
        @JsonProperty("NodeName") @Nullable String nodeName,
        @JsonProperty("Err") @Nullable String err,
        @JsonProperty("LatencySeconds") double latencySeconds,
        @JsonProperty("Endpoint") @Nullable String endpoint,
        @JsonProperty("DERPRegionID") int derpRegionId,
        @JsonProperty("DERPRegionCode") @Nullable String derpRegionCode,
        @JsonProperty("IsLocalIP") boolean isLocalIp) {}
