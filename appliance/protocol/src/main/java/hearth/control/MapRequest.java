package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import hearth.crypto.DiscoKey;
import hearth.crypto.NodeKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /machine/map}: a map poll ({@code stream}), an update of the node's own facts
 * ({@code omitPeers}, answered by an empty 200), or a question for one whole map.
 *
 * @param version the client's capability version
 * @param discoKey all zero when the client has none yet
 * @param endpoints {@code ip:port} texts
 * @param readOnly nothing of this request is to be stored
 */
public record MapRequest(
        @JsonProperty("Version") int version,
        @JsonProperty("Compress") @Nullable String compress,
        @JsonProperty("KeepAlive") boolean keepAlive,
        @JsonProperty("NodeKey") NodeKey nodeKey,
        @JsonProperty("DiscoKey") @Nullable DiscoKey discoKey,
        @JsonProperty("Stream") boolean stream,
        @JsonProperty("Hostinfo") @Nullable Hostinfo hostinfo,
        @JsonProperty("Endpoints") List<String> endpoints,
        @JsonProperty("EndpointTypes") List<Integer> endpointTypes,
        @JsonProperty("ReadOnly") boolean readOnly,
        @JsonProperty("OmitPeers") boolean omitPeers) {
    public MapRequest {
        endpoints = Lists.of(endpoints);
        endpointTypes = Lists.of(endpointTypes);
    }

    /** The disco key, or null when it is absent or zero. */
    public @Nullable DiscoKey knownDiscoKey() {
        return discoKey == null || discoKey.isZero() ? null : discoKey;
    }

    /** Whether the node's own facts in this request count. */
    public boolean updates() {
        return !stream && !readOnly;
    }
}
