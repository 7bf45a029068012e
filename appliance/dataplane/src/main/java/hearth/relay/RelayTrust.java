package hearth.relay;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom a relay's certificate convinces: the authorities of Java and of the machine, one certificate
 * alone ({@code sha256-raw:} in the relay map), or everybody ({@code InsecureForTests}). What goes
 * over the relay is sealed by WireGuard in any case.
 */
final class RelayTrust {
    /** Where Debian, Fedora and Alpine keep the authorities that the machine's owner trusts. */
    private static final List<Path> BUNDLES =
            List.of(
                    Path.of("/etc/ssl/certs/ca-certificates.crt"),
                    Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
                    Path.of("/etc/ssl/cert.pem"));

    /** Beginning of the name of the certificate that only tells the relay's key. */
    private static final String META = "CN=derpkey";

    private RelayTrust() {}

    /** {@code sha256}: of the certificate, in hex. */
    static SSLContext pinned(String sha256) throws IOException {
        return context(new Pin(sha256.toLowerCase(Locale.ROOT)));
    }

    static SSLContext none() throws IOException {
        return context(new Pin(null));
    }

    static SSLContext authorities() throws IOException {
        try {
            KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            var own = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            own.init((KeyStore) null);
            int n = 0;
            for (TrustManager m : own.getTrustManagers()) {
                for (X509Certificate c : ((X509TrustManager) m).getAcceptedIssuers()) {
                    all.setCertificateEntry("java" + n++, c);
                }
            }
            for (Path bundle : BUNDLES) {
                if (Files.isReadable(bundle)) {
                    try (InputStream in = Files.newInputStream(bundle)) {
                        var certificates = CertificateFactory.getInstance("X.509");
                        for (var c : certificates.generateCertificates(in)) {
                            all.setCertificateEntry("machine" + n++, c);
                        }
                    }
                    break;
                }
            }
            var both = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            both.init(all);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, both.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("authorities cannot be read: " + e.getMessage(), e);
        }
    }

    private static SSLContext context(TrustManager trust) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS: " + e.getMessage(), e);
        }
    }

    /**
     * One certificate, whatever its name says: the digest names it better than a name could. The
     * extended kind, so that Java adds no check of its own.
     */
    private static final class Pin extends X509ExtendedTrustManager {
        private final @Nullable String sha256;

        /** {@code sha256}: null for any. */
        Pin(@Nullable String sha256) {
            this.sha256 = sha256;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (sha256 == null) {
                return;
            }
            int seen = 0;
            for (X509Certificate c : chain) {
                if (c.getSubjectX500Principal().getName().startsWith(META)) {
                    continue;
                }
                if (++seen > 1 || !sha256.equals(digest(c))) {
                    throw new CertificateException("the certificate is not the pinned one");
                }
                c.checkValidity();
            }
            if (seen == 0) {
                throw new CertificateException("no certificate but the relay's key");
            }
        }

        private static String digest(X509Certificate c) throws CertificateException {
            try {
                byte[] sum = MessageDigest.getInstance("SHA-256").digest(c.getEncoded());
                return HexFormat.of().formatHex(sum);
            } catch (GeneralSecurityException e) {
                throw new CertificateException(e);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
