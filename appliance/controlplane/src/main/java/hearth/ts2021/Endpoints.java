package hearth.ts2021;

import hearth.base.IpAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Endpoints as clients write them: {@code 192.0.2.1:41641}, {@code [2001:db8::1]:41641}. */
final class Endpoints {
    private static final int MAX = 64; // a client with more addresses is told about in part

    private Endpoints() {}

    /** The endpoints in order, each once; what is none is left out. */
    static List<InetSocketAddress> parse(List<String> texts) {
        return texts.stream()
                .map(Endpoints::parse)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .distinct()
                .limit(MAX)
                .toList();
    }

    private static @Nullable InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.length() - colon > 6) {
            return null;
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        IpAddress address = IpAddress.tryParse(host);
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return address == null || port < 1 || port > 65_535
                    ? null
                    : new InetSocketAddress(address.toInetAddress(), port);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
