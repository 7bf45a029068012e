package hearth.control;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Ports from {@code first} to {@code last}, both meant; 0 to 65535. */
public record PortRange(@JsonProperty("First") int first, @JsonProperty("Last") int last) {
    public static final PortRange ALL = new PortRange(0, 65535);

    public static PortRange of(int port) {
        return new PortRange(port, port);
    }

    public boolean contains(int port) {
        return port >= first && port <= last;
    }
}
