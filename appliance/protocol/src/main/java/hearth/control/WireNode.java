package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import hearth.base.IpPrefix;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A node in a map (tailcfg.Node), the recipient itself or a peer.
 *
 * @param name full name with the trailing dot
 * @param keyExpiry null: never
 * @param expired peers only: its key has ended
 * @param addresses the IPv4 /32, then the IPv6 /128
 * @param allowedIps addresses and routes; always sent, clients below 112 want it
 * @param derp {@code 127.3.3.40:N}, for clients below 111; null when unknown
 * @param hostinfo never null: a peer without it makes {@code tailscale status} panic
 * @param cap capability version; 0 for a node that speaks plain WireGuard
 * @param online null: unknown; clients hide exit nodes that are not online
 */
public record WireNode(
        @JsonProperty("ID") long id,
        @JsonProperty("StableID") String stableId,
        @JsonProperty("Name") String name,
        @JsonProperty("User") long user,
        @JsonProperty("Key") NodeKey key,
        @JsonProperty("KeyExpiry") @Nullable Instant keyExpiry,
        @JsonProperty("Expired") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean expired,
        @JsonProperty("Machine") @Nullable MachineKey machine,
        @JsonProperty("DiscoKey") @Nullable DiscoKey discoKey,
        @JsonProperty("Addresses") List<IpPrefix> addresses,
        @JsonProperty("AllowedIPs") List<IpPrefix> allowedIps,
        @JsonProperty("Endpoints") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<String> endpoints,
        @JsonProperty("HomeDERP") @JsonInclude(JsonInclude.Include.NON_DEFAULT) int homeDerp,
        @JsonProperty("DERP") @Nullable String derp,
        @JsonProperty("Hostinfo") JsonNode hostinfo,
        @JsonProperty("Created") Instant created,
        @JsonProperty("Cap") @JsonInclude(JsonInclude.Include.NON_DEFAULT) int cap,
        @JsonProperty("Tags") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> tags,
        @JsonProperty("PrimaryRoutes") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<IpPrefix> primaryRoutes,
        @JsonProperty("LastSeen") @Nullable Instant lastSeen,
        @JsonProperty("Online") @Nullable Boolean online,
        @JsonProperty("MachineAuthorized") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean machineAuthorized,
        @JsonProperty("CapMap") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                Map<String, List<JsonNode>> capMap) {
    /** The text of {@code DERP} for home region {@code region}, null for 0. */
    public static @Nullable String derpText(int region) {
        return region == 0 ? null : "127.3.3.40:" + region;
    }
}
