package hearth.listen;

import hearth.base.IpAddress;
import hearth.crypto.NodeKey;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes the certificates that the appliance signs itself. */
final class CertificateMaker {
    /** The organisation in a leaf of ours: such a leaf may be made anew. */
    static final String ORGANISATION = "Hearth self-signed";

    private static final Duration LEAF_LIFE = Duration.ofDays(825); // the most that Apple accepts
    private static final Duration CLOCK_SKEW = Duration.ofDays(1);
    private static final Duration META_HALF_LIFE = Duration.ofDays(30);
    private static final String META_PREFIX = "derpkey";
    private static final int DERP_VERSION = 2;
    private static final int SERIAL_BITS = 127;

    private CertificateMaker() {}

    /** A leaf (EC P-256) for DNS names and addresses. */
    static TlsIdentity selfSigned(Collection<String> names, Instant now, SecureRandom random)
            throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        var subject =
                new X500Name(
                        new RDN[] {
                            rdn(BCStyle.O, ORGANISATION),
                            // a second leaf must not look like the first one's issuer
                            rdn(
                                    BCStyle.CN,
                                    "hearth " + HexFormat.of().toHexDigits(random.nextInt()))
                        });
        GeneralName[] sans =
                names.stream()
                        .map(
                                n ->
                                        new GeneralName(
                                                IpAddress.tryParse(n) == null
                                                        ? GeneralName.dNSName
                                                        : GeneralName.iPAddress,
                                                n))
                        .toArray(GeneralName[]::new);
        try {
            var builder =
                    builder(
                            subject,
                            new BigInteger(SERIAL_BITS, random),
                            now.minus(CLOCK_SKEW),
                            now.plus(LEAF_LIFE),
                            pair);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(sans));
            return new TlsIdentity(
                    List.of(sign(builder, "SHA256withECDSA", pair)), pair.getPrivate());
        } catch (IOException e) {
            throw new GeneralSecurityException("certificate extension", e);
        }
    }

    /**
     * The certificate that tells a client the relay's key before the upgrade, last in the chain:
     * Ed25519, serial number the protocol version, common name a word and 64 hex digits (longer
     * than X.520 allows, hence the string given ready-made). Windows wants both dates, macOS the
     * basic constraints.
     */
    static X509Certificate meta(NodeKey derpKey, Instant now) throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String name = META_PREFIX + HexFormat.of().formatHex(derpKey.bytes());
        var subject = new X500Name(new RDN[] {rdn(BCStyle.CN, name)});
        try {
            var builder =
                    builder(
                            subject,
                            BigInteger.valueOf(DERP_VERSION),
                            now.minus(META_HALF_LIFE),
                            now.plus(META_HALF_LIFE),
                            pair);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            return sign(builder, "Ed25519", pair);
        } catch (IOException e) {
            throw new GeneralSecurityException("certificate extension", e);
        }
    }

    private static RDN rdn(ASN1ObjectIdentifier type, String text) {
        return new RDN(type, new DERPrintableString(text));
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Name subject, BigInteger serial, Instant from, Instant to, KeyPair pair) {
        return new JcaX509v3CertificateBuilder(
                subject, serial, date(from), date(to), subject, pair.getPublic());
    }

    @SuppressWarnings("JavaUtilDate") // BouncyCastle's builder takes nothing else
    private static Date date(Instant at) {
        return Date.from(at);
    }

    private static X509Certificate sign(
            JcaX509v3CertificateBuilder builder, String algorithm, KeyPair pair)
            throws GeneralSecurityException {
        try {
            var signer = new JcaContentSignerBuilder(algorithm).build(pair.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("sign with " + algorithm, e);
        }
    }
}
