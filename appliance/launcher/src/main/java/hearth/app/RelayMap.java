package hearth.app;

import hearth.control.DERPMap;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import java.net.URI;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The relay map that clients get: this appliance alone, as region 900. */
final class RelayMap implements Supplier<DERPMap> {
    static final int REGION = 900;
    static final String CODE = "hearth";

    /**
     * Where the relay is.
     *
     * @param host name or address that clients connect to
     * @param pin CertName for a self-signed certificate, null when an authority vouches for it
     * @param secondStunPort a second place to ask, so that a symmetric NAT shows
     */
    record Place(
            String host,
            int httpsPort,
            int stunPort,
            int secondStunPort,
            boolean port80,
            @Nullable String pin) {}

    private final Supplier<Place> place;

    RelayMap(Supplier<Place> place) {
        this.place = place;
    }

    static String hostOf(URI url) {
        String host = String.valueOf(url.getHost());
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public DERPMap get() {
        Place p = place.get();
        var relay =
                new DERPNode(
                        "900a",
                        REGION,
                        p.host(),
                        p.pin(),
                        null,
                        null,
                        p.stunPort(),
                        false,
                        p.httpsPort(),
                        p.port80());
        var second =
                new DERPNode(
                        "900s",
                        REGION,
                        p.host(),
                        null,
                        null,
                        null,
                        p.secondStunPort(),
                        true,
                        0,
                        false);
        return DERPMap.of(new DERPRegion(REGION, CODE, "Hearth", false, List.of(relay, second)));
    }
}
