package hearth.listen;

import hearth.os.StateFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A certificate chain and its key as PEM files, both written with mode 0600. */
final class TlsFiles {
    private static final int PEM_LINE = 64;

    private final Path cert;
    private final Path key;

    TlsFiles(Path cert, Path key) {
        this.cert = cert;
        this.key = key;
    }

    /** What the files look like from outside; differs after a change. */
    record Stamp(FileTime certTime, long certBytes, FileTime keyTime, long keyBytes) {}

    boolean exist() {
        return Files.exists(cert) && Files.exists(key);
    }

    Stamp stamp() throws IOException {
        return new Stamp(
                Files.getLastModifiedTime(cert),
                Files.size(cert),
                Files.getLastModifiedTime(key),
                Files.size(key));
    }

    /** Reads both; an exception says which file is wrong and why. */
    TlsIdentity read() throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = new ArrayList<>();
        try (var in = Files.newInputStream(cert)) {
            for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                chain.add((X509Certificate) c);
            }
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(cert + ": " + e.getMessage(), e);
        }
        if (chain.isEmpty()) {
            throw new GeneralSecurityException(cert + ": no certificate in it");
        }
        PrivateKey secret = readKey();
        if (!belongTogether(chain.getFirst().getPublicKey(), secret)) {
            throw new GeneralSecurityException(key + " is not the key of " + cert);
        }
        return new TlsIdentity(chain, secret);
    }

    private PrivateKey readKey() throws IOException, GeneralSecurityException {
        String text = Files.readString(key, StandardCharsets.US_ASCII);
        var converter = new JcaPEMKeyConverter();
        try (var parser = new PEMParser(new StringReader(text))) {
            for (Object o = parser.readObject(); o != null; o = parser.readObject()) {
                if (o instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
                if (o instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
            }
        }
        throw new GeneralSecurityException(
                key + ": no unencrypted private key in it, expected PEM of PKCS#8, EC or RSA");
    }

    private static boolean belongTogether(PublicKey open, PrivateKey secret)
            throws GeneralSecurityException {
        if (!open.getAlgorithm().equals(secret.getAlgorithm())) {
            return false;
        }
        String algorithm =
                switch (secret.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> secret.getAlgorithm();
                };
        byte[] text = "do they belong together".getBytes(StandardCharsets.US_ASCII);
        Signature s = Signature.getInstance(algorithm);
        s.initSign(secret);
        s.update(text);
        byte[] signature = s.sign();
        s.initVerify(open);
        s.update(text);
        return s.verify(signature);
    }

    /**
     * Writes both durably, the key first: a crash between leaves a pair that is seen not to fit.
     */
    void write(TlsIdentity identity) throws IOException, GeneralSecurityException {
        StateFile.replace(key, pem("PRIVATE KEY", identity.key().getEncoded()));
        StringBuilder all = new StringBuilder();
        for (X509Certificate c : identity.chain()) {
            all.append(pem("CERTIFICATE", c.getEncoded()));
        }
        StateFile.replace(cert, all.toString());
    }

    private static String pem(String what, byte[] der) {
        String body = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
    }
}
