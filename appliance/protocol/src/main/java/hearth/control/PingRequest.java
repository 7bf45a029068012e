package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Asks a client to ping, or to answer a request of ours (types {@code c2n}). May ride on any frame.
 *
 * @param url where the answer goes; a client ignores the same one asked twice in a row
 * @param types comma-separated: {@code disco}, {@code TSMP}, {@code ICMP}, {@code peerapi}, {@code
 *     c2n}; empty: a HEAD of the address
 * @param payload base64 of an HTTP/1 request, for c2n
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record PingRequest(
        @JsonProperty("URL") String url,
        @JsonProperty("URLIsNoise") boolean urlIsNoise,
        @JsonProperty("Log") boolean log,
        @JsonProperty("Types") @Nullable String types,
        @JsonProperty("IP") @Nullable String ip,
        @JsonProperty("Payload") @Nullable String payload) {}
