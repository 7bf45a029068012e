package hearth.app;

import hearth.listen.Certificates;
import hearth.listen.TlsIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes our own certificate anew when the machine's addresses have changed or its end is near:
 * first the relay map tells clients the new pin, then the new certificate is shown.
 */
final class CertificateRenewal implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CertificateRenewal.class.getName());
    private static final Duration CHECK = Duration.ofSeconds(15);
    private static final Duration HEAD_START = Duration.ofSeconds(10); // for maps to reach clients

    private final Certificates certificates;
    private final Supplier<? extends Collection<String>> names;
    private volatile @Nullable Thread thread;
    private volatile @Nullable String nextPin;

    /** {@code names}: the names and addresses of the machine now. */
    CertificateRenewal(Certificates certificates, Supplier<? extends Collection<String>> names) {
        this.certificates = certificates;
        this.names = names;
    }

    /** {@code relayMapChanged}: has the relay map, which asks {@link #pin}, sent to all clients. */
    void start(Runnable relayMapChanged) {
        thread = Thread.ofVirtual().name("certificate-renewal").start(() -> run(relayMapChanged));
    }

    /** What the relay map says as CertName: the pin of the certificate to come, if there is one. */
    @Nullable String pin() {
        String next = nextPin;
        return next == null ? certificates.pin() : next;
    }

    private void run(Runnable relayMapChanged) {
        try {
            while (true) {
                Thread.sleep(CHECK);
                renew(relayMapChanged);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void renew(Runnable relayMapChanged) throws InterruptedException {
        try {
            TlsIdentity next = certificates.prepare(names.get());
            if (next == null) {
                return;
            }
            nextPin = next.pin();
            relayMapChanged.run();
            Thread.sleep(HEAD_START);
            certificates.activate(next);
            LOG.log(System.Logger.Level.INFO, "certificate made anew names={0}", next.names());
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "certificate not made anew, tried again soon", e);
        } finally {
            nextPin = null;
        }
    }

    @Override
    public void close() {
        Thread t = thread;
        if (t != null) {
            t.interrupt();
        }
    }
}
