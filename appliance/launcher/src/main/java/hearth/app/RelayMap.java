package hearth.app;

import hearth.base.IpAddress;
import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The relay map that clients get: this appliance alone, as region 900. It stands there once more
 * with its second STUN port, because a client asks no second server of a region that answers within
 * 100 ms, and sees only from two answers whether its NAT maps by destination. It is the same relay,
 * so that a client which does choose it as its home is found all the same.
 */
final class RelayMap implements Supplier<DERPMap> {
    static final int REGION = 900;
    static final int SECOND_REGION = 901;
    static final String CODE = "hearth";

    private static final double NEVER_HOME = 1000; // its latency counts so many times

    /**
     * Where the relay is.
     *
     * @param host name or address that clients connect to, an IPv6 address without brackets
     * @param ipv4 for clients that cannot or need not look the host up, null if not known
     * @param ipv6 the same
     * @param pin CertName for a self-signed certificate, null when an authority vouches for it
     * @param secondStunPort a second place to ask, so that a symmetric NAT shows
     */
    record Place(
            String host,
            @Nullable String ipv4,
            @Nullable String ipv6,
            int httpsPort,
            int stunPort,
            int secondStunPort,
            boolean port80,
            @Nullable String pin) {

        /**
         * Where {@code reach} says.
         *
         * @param everywhere the ports listen on all addresses, so that clients of a host given as
         *     an address of one family may use the other as well
         * @param pin of our own certificate, if it needs one
         */
        static Place of(Reach reach, boolean everywhere, int stunPort, @Nullable String pin) {
            String host = reach.host();
            IpAddress named = IpAddress.tryParse(host); // null: clients look the name up
            LocalAddresses.Main own = named != null && everywhere ? reach.main() : null;
            IpAddress v4 = own == null ? null : own.v4();
            IpAddress v6 = own == null ? null : own.v6();
            if (named != null && named.v4()) {
                v4 = named;
            } else if (named != null) {
                v6 = named;
            }
            return new Place(
                    host,
                    v4 == null ? null : v4.toString(),
                    v6 == null ? null : v6.toString(),
                    reach.relayPort(),
                    stunPort,
                    stunPort + 1,
                    reach.httpPort() == Reach.HTTP,
                    reach.tlsByProxy() ? null : pin);
        }
    }

    private static final String NONE = "none"; // of a family that must not be looked up

    private final Supplier<Place> place;

    RelayMap(Supplier<Place> place) {
        this.place = place;
    }

    @Override
    public DERPMap get() {
        Place p = place.get();
        return new DERPMap(
                new DERPMap.HomeParams(Map.of(SECOND_REGION, NEVER_HOME)),
                Map.of(
                        REGION, region(p, REGION, "Hearth", p.stunPort()),
                        SECOND_REGION,
                                region(
                                        p,
                                        SECOND_REGION,
                                        "Hearth, second STUN port",
                                        p.secondStunPort())),
                false);
    }

    private static DERPRegion region(Place p, int id, String name, int stunPort) {
        boolean v6Literal = p.host().indexOf(':') >= 0;
        var node =
                new DERPNode(
                        id + "a",
                        id,
                        v6Literal ? inUrl(p) : p.host(),
                        p.pin(),
                        p.ipv4() == null && v6Literal ? NONE : p.ipv4(),
                        p.ipv6(),
                        stunPort,
                        false,
                        p.httpsPort(),
                        p.port80());
        return new DERPRegion(id, CODE, name, List.of(node));
    }

    /**
     * An IPv6 address as clients put it into {@code https://HOST/derp}: with port 443 they add
     * nothing to it (derp/derphttp, urlString), with another one they add brackets themselves. The
     * brackets do not disturb their check of the certificate.
     */
    private static String inUrl(Place p) {
        return p.httpsPort() == Reach.HTTPS ? "[" + p.host() + "]" : p.host();
    }
}
