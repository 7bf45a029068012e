package hearth.engine;

import org.jspecify.annotations.Nullable;

/**
 * Where the datagrams for one peer go: a UDP address, a relay, or both while the address is not
 * trusted. Immutable, made only when the path changes, so that reading one costs nothing.
 */
public record Path(@Nullable UdpAddress udp, @Nullable DerpRoute relay) {}
