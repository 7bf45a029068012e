package hearth.engine;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the data plane is made of.
 *
 * @param tun the interface's name; null for none: local nodes then answer no packet
 * @param engine port, MTU and offloads
 * @param stateDir where kernel switches that were turned and the time of handshakes are remembered
 */
public record DataPlaneSettings(
        @Nullable String tun, EngineSettings engine, Path stateDir, RoutingOptions routing) {}
