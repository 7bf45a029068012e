package hearth.engine;

import hearth.base.IpPrefix;
import hearth.control.DERPRegion;
import hearth.crypto.SecretKey;
import hearth.derp.PacketSink;
import hearth.derp.RelayLink;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What makes a local node.
 *
 * @param key its WireGuard key
 * @param disco its disco key, kept over restarts so that peers need not begin anew
 * @param relay joins the node to the relay in this process; null for no relay
 * @param region that relay's region until a map says another
 * @param foreign makes a link to a region that is not ours, which connects when it is used
 * @param reports told its endpoints, disco key and home at every change, on the control thread
 * @param offers told the private networks of this machine at every change
 */
public record MemberSettings(
        SecretKey key,
        SecretKey disco,
        @Nullable Function<PacketSink, RelayLink> relay,
        int region,
        BiFunction<DERPRegion, PacketSink, RelayLink> foreign,
        Consumer<NodeReport> reports,
        Consumer<List<IpPrefix>> offers) {}
