package hearth.console;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * The static files, all in memory, compressed once. Their address holds a hash of all of them, so
 * browsers may keep them for ever.
 */
final class Assets {
    private static final String OWN = "/hearth/console/assets/";
    private static final String HTMX =
            "/META-INF/resources/webjars/htmx.org/2.0.10/dist/htmx.min.js";

    private static final class Asset {
        final String type;
        final byte[] plain;
        final byte[] gzip;

        Asset(String type, byte[] plain, byte[] gzip) {
            this.type = type;
            this.plain = plain;
            this.gzip = gzip;
        }
    }

    private final Map<String, Asset> files = new TreeMap<>();
    private final String hash;

    Assets() {
        add("htmx.js", "text/javascript; charset=utf-8", HTMX);
        add("hearth.js", "text/javascript; charset=utf-8", OWN + "hearth.js");
        add("hearth.css", "text/css; charset=utf-8", OWN + "hearth.css");
        add("icons.svg", "image/svg+xml", OWN + "icons.svg");
        add("mark.svg", "image/svg+xml", OWN + "mark.svg");
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.values().forEach(a -> digest.update(a.plain));
            hash = HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK lacks SHA-256", e);
        }
    }

    /** The folder of the files as browsers see it. */
    String base() {
        return "/assets/" + hash;
    }

    void send(Call call) {
        Asset asset = files.get(call.segment("file"));
        if (asset == null || !call.segment("hash").equals(hash)) {
            call.res.status(Status.NOT_FOUND_404).send();
            return;
        }
        call.res.header(HeaderNames.CONTENT_TYPE, asset.type);
        call.res.header(HeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");
        call.res.header(HeaderNames.VARY, "Accept-Encoding");
        if (call.header(HeaderNames.ACCEPT_ENCODING).contains("gzip")) {
            call.res.header(HeaderNames.CONTENT_ENCODING, "gzip");
            call.res.send(asset.gzip);
        } else {
            call.res.send(asset.plain);
        }
    }

    private void add(String name, String type, String resource) {
        try (InputStream in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("not in the program: " + resource);
            }
            byte[] plain = in.readAllBytes();
            var packed = new ByteArrayOutputStream();
            try (var gzip = new Best(packed)) {
                gzip.write(plain);
            }
            files.put(name, new Asset(type, plain, packed.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    private static final class Best extends GZIPOutputStream {
        Best(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
