package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Ports at a destination.
 *
 * @param ip an address, prefix, range {@code a-b} or {@code *}
 */
public record NetPortRange(@JsonProperty("IP") String ip, @JsonProperty("Ports") PortRange ports) {}
