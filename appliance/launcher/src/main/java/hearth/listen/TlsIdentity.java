package hearth.listen;

import hearth.base.IpAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A certificate chain, leaf first, with the leaf's private key. Immutable. */
public final class TlsIdentity {
    private static final int SAN_DNS = 2; // RFC 5280, 4.2.1.6
    private static final int SAN_IP = 7;

    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final Set<String> names;

    TlsIdentity(List<X509Certificate> chain, PrivateKey key) throws CertificateParsingException {
        if (chain.isEmpty()) {
            throw new CertificateParsingException("no certificate");
        }
        this.chain = List.copyOf(chain);
        this.key = key;
        this.names = Set.copyOf(names(chain.getFirst()));
    }

    private static Set<String> names(X509Certificate leaf) throws CertificateParsingException {
        var out = new HashSet<String>();
        Collection<List<?>> all = leaf.getSubjectAlternativeNames();
        for (List<?> san : all == null ? List.<List<?>>of() : all) {
            String text = String.valueOf(san.get(1));
            switch ((Integer) san.get(0)) {
                case SAN_DNS -> out.add(text.toLowerCase(Locale.ROOT));
                case SAN_IP -> {
                    IpAddress ip = IpAddress.tryParse(text);
                    out.add(ip == null ? text : ip.toString());
                }
                default -> {} // mail and others name no server
            }
        }
        return out;
    }

    X509Certificate leaf() {
        return chain.getFirst();
    }

    List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }

    /** DNS names (lower case) and addresses that the leaf is for. */
    public Set<String> names() {
        return names;
    }

    /** Whether nobody but the appliance vouches for the leaf, so that clients need its pin. */
    public boolean selfSigned() {
        return leaf().getIssuerX500Principal().equals(leaf().getSubjectX500Principal());
    }

    public Instant expires() {
        return leaf().getNotAfter().toInstant();
    }

    /** What a DERP map's CertName says of this leaf: {@code sha256-raw:} and 64 hex digits. */
    public String pin() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(leaf().getEncoded());
            return "sha256-raw:" + HexFormat.of().formatHex(hash);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256 of a certificate", e);
        }
    }
}
