package hearth.crypto;

import hearth.base.Memory;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The fallback backend: the JDK's cipher over byte arrays. Costs two copies and about 2 kB of
 * garbage a packet, and a wrong tag costs an exception with its trace.
 */
public final class JdkAead implements Aead {
    public static final Backend BACKEND =
            new Backend() {
                @Override
                public String name() {
                    return "jdk";
                }

                @Override
                public Aead withKey(byte[] key) {
                    return new JdkAead(key);
                }
            };

    private static final int NONCE_BYTES = 12;

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private byte[] input = new byte[2048];
    private byte[] output = new byte[2048];

    private JdkAead(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks ChaCha20-Poly1305", e);
        }
    }

    @Override
    public void seal(long address, int length, long counter) {
        reserve(length + TAG_BYTES);
        Memory.copyOut(address, input, 0, length);
        try {
            init(Cipher.ENCRYPT_MODE, counter);
            int written = cipher.doFinal(input, 0, length, output, 0);
            Memory.copyIn(output, 0, address, written);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("seal of " + length + " bytes", e);
        }
    }

    @Override
    public boolean open(long source, int length, long destination, long counter) {
        reserve(length + TAG_BYTES);
        Memory.copyOut(source, input, 0, length + TAG_BYTES);
        try {
            init(Cipher.DECRYPT_MODE, counter);
            int written = cipher.doFinal(input, 0, length + TAG_BYTES, output, 0);
            Memory.copyIn(output, 0, destination, written);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("open of " + length + " bytes", e);
        }
    }

    private void init(int mode, long counter) throws GeneralSecurityException {
        for (int i = 0; i < 8; i++) {
            nonce[4 + i] = (byte) (counter >>> (8 * i));
        }
        cipher.init(mode, key, new IvParameterSpec(nonce));
    }

    private void reserve(int bytes) {
        if (input.length < bytes) {
            input = new byte[bytes];
            output = new byte[bytes];
        }
    }

    @Override
    public void close() {
        // the JDK offers no way to wipe its copy of the key
    }
}
