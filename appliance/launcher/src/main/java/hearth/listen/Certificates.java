package hearth.listen;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import hearth.crypto.NodeKey;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that TLS shows, with the relay's meta certificate last in the chain. It comes
 * from the files a person named, which are read again when they change, or is made here and kept in
 * the state directory. The next handshake uses what is current. Thread-safe.
 *
 * <p>Clients that pin a certificate learn a new pin from the relay map: {@link #prepare} the new
 * certificate, publish its pin, then {@link #activate} it.
 */
public final class Certificates {
    private static final System.Logger LOG = System.getLogger(Certificates.class.getName());
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);
    private static final Duration META_RENEW_BEFORE = Duration.ofDays(20);

    /**
     * A chain with its key and the meta certificate that goes with it.
     *
     * @param alias names it to JSSE, which asks for chain and key one after the other
     * @param before the one shown until then, which a handshake under way may still ask for
     */
    private record Shown(
            String alias, TlsIdentity identity, X509Certificate meta, @Nullable Shown before) {}

    private final TlsFiles files;
    private final boolean ours;
    private final NodeKey derpKey;
    private final InstantSource clock;
    private final SecureRandom random;
    private final LongAdder handshakes = new LongAdder();
    private final SSLContext context;
    private volatile Shown shown;

    @GuardedBy("this") private TlsFiles.@Nullable Stamp stamp;

    private Certificates(
            TlsFiles files, boolean ours, NodeKey derpKey, InstantSource clock, SecureRandom random)
            throws IOException, GeneralSecurityException {
        this.files = files;
        this.ours = ours;
        this.derpKey = derpKey;
        this.clock = clock;
        this.random = random;
        this.stamp = files.stamp();
        TlsIdentity first = files.read();
        this.shown = new Shown("1", first, CertificateMaker.meta(derpKey, clock.instant()), null);
        this.context = SSLContext.getInstance("TLS");
        this.context.init(new KeyManager[] {new Keys()}, null, random);
    }

    /**
     * The appliance's own certificate in {@code dir} (cert.pem, key.pem), made when it is missing,
     * near its end or not for all of {@code names}. Files that a person put there are left alone.
     *
     * @param names DNS names and addresses
     * @param derpKey the relay's, told by the meta certificate
     */
    public static Certificates ownedIn(
            Path dir,
            Collection<String> names,
            NodeKey derpKey,
            InstantSource clock,
            SecureRandom random)
            throws IOException, GeneralSecurityException {
        var files = new TlsFiles(dir.resolve("cert.pem"), dir.resolve("key.pem"));
        if (!files.exist() || isStale(files, names, clock.instant())) {
            files.write(CertificateMaker.selfSigned(names, clock.instant(), random));
        }
        boolean ours = isOurs(files.read());
        return new Certificates(files, ours, derpKey, clock, random);
    }

    private static boolean isStale(TlsFiles files, Collection<String> names, Instant now)
            throws IOException {
        try {
            return isStale(files.read(), names, now);
        } catch (GeneralSecurityException e) {
            LOG.log(Level.WARNING, "certificate made anew cause=\"{0}\"", e.getMessage());
            return true;
        }
    }

    private static boolean isStale(TlsIdentity identity, Collection<String> names, Instant now) {
        return isOurs(identity)
                && (now.isAfter(identity.expires().minus(RENEW_BEFORE))
                        || !identity.names().containsAll(names));
    }

    private static boolean isOurs(TlsIdentity identity) {
        return identity.selfSigned()
                && identity.leaf()
                        .getSubjectX500Principal()
                        .getName()
                        .contains(CertificateMaker.ORGANISATION);
    }

    /** The certificate in the files that a person named; an exception says what is wrong. */
    public static Certificates given(
            Path cert, Path key, NodeKey derpKey, InstantSource clock, SecureRandom random)
            throws IOException, GeneralSecurityException {
        return new Certificates(new TlsFiles(cert, key), false, derpKey, clock, random);
    }

    /** What the next handshake shows. */
    public TlsIdentity current() {
        return shown.identity();
    }

    /**
     * What the relay map must say as CertName so that clients accept the certificate; null when it
     * is vouched for by an authority.
     */
    public @Nullable String pin() {
        TlsIdentity identity = current();
        return identity.selfSigned() ? identity.pin() : null;
    }

    /** The names that the certificate is for. */
    public Set<String> names() {
        return current().names();
    }

    /** For a listener; its handshakes follow later changes. */
    public SSLContext context() {
        return context;
    }

    /** Handshakes that came as far as to choose a certificate. */
    public long handshakes() {
        return handshakes.sum();
    }

    /**
     * A new certificate when the current one, if made here, is near its end or not for all of
     * {@code names}; null when it is good. It is shown only after {@link #activate}.
     */
    public @Nullable TlsIdentity prepare(Collection<String> names) throws GeneralSecurityException {
        Instant now = clock.instant();
        return ours && isStale(current(), names, now)
                ? CertificateMaker.selfSigned(names, now, random)
                : null;
    }

    /** Keeps and shows what {@link #prepare} made. */
    public synchronized void activate(TlsIdentity next)
            throws IOException, GeneralSecurityException {
        files.write(next);
        stamp = files.stamp();
        show(next);
    }

    /**
     * Reads the files again when they have changed, and makes the meta certificate anew in time. A
     * pair that cannot be read leaves the one shown in force. To be called every few seconds.
     *
     * @return whether another leaf is shown now
     */
    public synchronized boolean refresh() {
        try {
            Instant metaEnd = shown.meta().getNotAfter().toInstant();
            if (clock.instant().isAfter(metaEnd.minus(META_RENEW_BEFORE))) {
                show(current());
            }
            TlsFiles.Stamp now = files.stamp();
            if (now.equals(stamp)) {
                return false;
            }
            stamp = now;
            TlsIdentity read = files.read();
            if (read.leaf().equals(current().leaf())) {
                return false;
            }
            show(read);
            LOG.log(Level.INFO, "certificate read again expires={0}", read.expires());
            return true;
        } catch (IOException | GeneralSecurityException e) {
            LOG.log(Level.WARNING, "certificate not read again cause=\"{0}\"", e.getMessage());
            return false;
        }
    }

    private synchronized void show(TlsIdentity identity) throws GeneralSecurityException {
        Shown last = new Shown(shown.alias(), shown.identity(), shown.meta(), null);
        String alias = String.valueOf(Integer.parseInt(last.alias()) + 1);
        shown = new Shown(alias, identity, CertificateMaker.meta(derpKey, clock.instant()), last);
    }

    /** Gives JSSE the current chain and key. */
    private final class Keys extends X509ExtendedKeyManager {
        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            Shown now = shown;
            String have = now.identity().key().getAlgorithm();
            boolean fits =
                    have.equals(keyType)
                            || (have.equals("RSA") && keyType.equals("RSASSA-PSS"))
                            || (have.equals("EdDSA") && keyType.startsWith("Ed"));
            if (fits) {
                handshakes.increment();
            }
            return fits ? now.alias() : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return chooseEngineServerAlias(keyType, issuers, null);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            Shown now = named(alias);
            List<X509Certificate> chain = new ArrayList<>(now.identity().chain());
            chain.add(now.meta());
            return chain.toArray(new X509Certificate[0]);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return named(alias).identity().key();
        }

        private Shown named(String alias) {
            Shown now = shown;
            Shown before = now.before();
            return before != null && before.alias().equals(alias) ? before : now;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {shown.alias()};
        }

        @Override
        public String @Nullable [] getClientAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
