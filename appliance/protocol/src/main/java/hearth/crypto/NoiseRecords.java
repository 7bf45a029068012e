package hearth.crypto;

import hearth.base.WireException;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One direction of a ts2021 connection after the handshake (tailscale/tailscale
 * control/controlbase/conn.go). A record is {@code 4 | length u16be | ciphertext}, at most 4096
 * bytes in all; the nonce is 4 zero bytes and a big-endian counter, unlike the Noise specification.
 * Confined to one thread, or to the holder of its owner's lock.
 */
public final class NoiseRecords {
    public static final int HEAD_BYTES = 3;
    public static final int MAX_RECORD_BYTES = 4096;
    public static final int TAG_BYTES = 16;
    public static final int MAX_PLAINTEXT_BYTES = MAX_RECORD_BYTES - HEAD_BYTES - TAG_BYTES;
    public static final int TYPE_ERROR = 3;
    public static final int TYPE_RECORD = 4;

    private final SecretKeySpec key;
    private final Cipher cipher;
    private final int mode;
    private final byte[] nonce = new byte[12];
    private long counter;

    private NoiseRecords(byte[] key, int mode) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        this.mode = mode;
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 of the JDK", e);
        }
    }

    public static NoiseRecords sealing(byte[] key) {
        return new NoiseRecords(key, Cipher.ENCRYPT_MODE);
    }

    public static NoiseRecords opening(byte[] key) {
        return new NoiseRecords(key, Cipher.DECRYPT_MODE);
    }

    /** Bytes on the wire for {@code plaintextBytes}, cut into records. */
    public static int sealedBytes(int plaintextBytes) {
        int records = (plaintextBytes + MAX_PLAINTEXT_BYTES - 1) / MAX_PLAINTEXT_BYTES;
        return plaintextBytes + records * (HEAD_BYTES + TAG_BYTES);
    }

    /**
     * Seals {@code length} bytes as one or more records.
     *
     * @param out takes {@link #sealedBytes} from {@code outOffset}
     * @return the bytes written
     */
    public int seal(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int from = offset;
        int left = length;
        int to = outOffset;
        while (left > 0) {
            int piece = Math.min(left, MAX_PLAINTEXT_BYTES);
            int sealed = piece + TAG_BYTES;
            out[to] = TYPE_RECORD;
            out[to + 1] = (byte) (sealed >>> 8);
            out[to + 2] = (byte) sealed;
            try {
                begin();
                cipher.doFinal(in, from, piece, out, to + HEAD_BYTES);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("sealing record " + (counter - 1), e);
            }
            to += HEAD_BYTES + sealed;
            from += piece;
            left -= piece;
        }
        return to - outOffset;
    }

    /**
     * Opens the ciphertext of one record, without its head.
     *
     * @return the plaintext; may be empty, which is no end
     * @throws WireException forged or out of order: the connection is over
     */
    public byte[] open(byte[] ciphertext) throws WireException {
        if (ciphertext.length < TAG_BYTES) {
            throw WireException.tooShort("record", TAG_BYTES, ciphertext.length);
        }
        try {
            begin();
            return cipher.doFinal(ciphertext);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("record of " + ciphertext.length + " bytes", e);
        } catch (GeneralSecurityException e) {
            throw new WireException("record " + (counter - 1) + ": authentication failed");
        }
    }

    private void begin() throws GeneralSecurityException {
        if (counter == -1L) {
            throw new IllegalStateException("record counter used up");
        }
        for (int i = 0; i < 8; i++) {
            nonce[4 + i] = (byte) (counter >>> (56 - 8 * i));
        }
        counter++;
        cipher.init(mode, key, new IvParameterSpec(nonce));
    }
}
