package hearth.crypto;

import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * The handshake of ts2021: Noise_IK_25519_ChaChaPoly_BLAKE2s with a prologue that names the
 * client's capability version (Noise specification rev. 34; tailscale/tailscale
 * control/controlbase/handshake.go).
 *
 * <pre>
 * initiation, 101 bytes   version u16be | 1 | 96 u16be | ephemeral 32 | static 48 | tag 16
 * response, 51 bytes      2 | 48 u16be | ephemeral 32 | tag 16
 * </pre>
 *
 * One object serves one handshake of one side. Confined to one thread.
 */
public final class NoiseIk {
    public static final int INITIATION_BYTES = 101;
    public static final int RESPONSE_BYTES = 51;

    private static final int KEY = 32;
    private static final int TAG = 16;
    private static final int TYPE_INITIATION = 1;
    private static final int TYPE_RESPONSE = 2;
    private static final int INITIATION_HEAD = 5;
    private static final int RESPONSE_HEAD = 3;
    private static final byte[] PROTOCOL =
            "Noise_IK_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.US_ASCII);

    private byte[] hash = blake2s(PROTOCOL);
    private byte[] chainingKey = hash;

    private NoiseIk(int version, byte[] serverStatic) {
        mixHash(("Tailscale Control Protocol v" + version).getBytes(StandardCharsets.US_ASCII));
        mixHash(serverStatic);
    }

    /** What a finished handshake leaves. The keys are the caller's to wipe by {@link #close}. */
    public static final class Session implements AutoCloseable {
        private final int version;
        private final MachineKey peer;
        private final byte[] handshakeHash;
        private final byte[] clientToServer;
        private final byte[] serverToClient;

        private Session(int version, MachineKey peer, byte[] handshakeHash, byte[] keys) {
            this.version = version;
            this.peer = peer;
            this.handshakeHash = handshakeHash;
            this.clientToServer = Arrays.copyOfRange(keys, 0, KEY);
            this.serverToClient = Arrays.copyOfRange(keys, KEY, 2 * KEY);
        }

        /** The client's capability version, of the initiation. */
        public int version() {
            return version;
        }

        /** The other side's static key: on the server, the machine. */
        public MachineKey peer() {
            return peer;
        }

        public byte[] handshakeHash() {
            return handshakeHash.clone();
        }

        public byte[] clientToServer() {
            return clientToServer.clone();
        }

        public byte[] serverToClient() {
            return serverToClient.clone();
        }

        @Override
        public void close() {
            Arrays.fill(clientToServer, (byte) 0);
            Arrays.fill(serverToClient, (byte) 0);
        }

        @Override
        public String toString() {
            return "Session[v" + version + " " + peer.shortText() + "]";
        }
    }

    /** A server's answer: the 51 bytes to send and the session. */
    public record Answer(ByteBuffer response, Session session) {}

    /**
     * The server's whole part.
     *
     * @param initiation exactly {@link #INITIATION_BYTES}, position-relative
     * @param ephemeral fresh for this handshake; wiped here
     * @throws WireException when it is not an initiation, or was not made for this server's key
     */
    public static Answer respond(SecretKey server, SecretKey ephemeral, ByteBuffer initiation)
            throws WireException {
        if (initiation.remaining() != INITIATION_BYTES) {
            throw new WireException(
                    "initiation of "
                            + initiation.remaining()
                            + " bytes, expected "
                            + INITIATION_BYTES);
        }
        ByteBuffer in = initiation.slice();
        int version = in.getShort() & 0xffff;
        int type = in.get() & 0xff;
        int length = in.getShort() & 0xffff;
        if (type != TYPE_INITIATION || length != INITIATION_BYTES - INITIATION_HEAD) {
            throw new WireException("initiation: type " + type + ", length " + length);
        }
        byte[] clientEphemeral = take(in, KEY);
        byte[] sealedStatic = take(in, KEY + TAG);
        byte[] tag = take(in, TAG);

        NoiseIk noise = new NoiseIk(version, server.publicBytes());
        noise.mixHash(clientEphemeral);
        byte[] clientStatic =
                noise.open(
                        noise.mixKey(agree(server, clientEphemeral)), sealedStatic, "machine key");
        noise.open(noise.mixKey(agree(server, clientStatic)), tag, "initiation tag");

        try (ephemeral) {
            byte[] own = ephemeral.publicBytes();
            noise.mixHash(own);
            Arrays.fill(noise.mixKey(agree(ephemeral, clientEphemeral)), (byte) 0);
            byte[] sealed = noise.seal(noise.mixKey(agree(ephemeral, clientStatic)), new byte[0]);
            ByteBuffer response = ByteBuffer.allocate(RESPONSE_BYTES);
            response.put((byte) TYPE_RESPONSE).putShort((short) (RESPONSE_BYTES - RESPONSE_HEAD));
            response.put(own).put(sealed).flip();
            return new Answer(response, noise.split(version, new MachineKey(clientStatic)));
        }
    }

    /** A client's half-done handshake, until the response is there. */
    public static final class Initiator implements AutoCloseable {
        private final NoiseIk noise;
        private final int version;
        private final SecretKey machine;
        private final SecretKey ephemeral;
        private final byte[] serverStatic;
        private final byte[] initiation;

        /**
         * Makes the initiation.
         *
         * @param version the capability version, 0 to 65535
         * @param ephemeral fresh for this handshake; wiped by {@link #close}
         */
        public Initiator(
                int version, SecretKey machine, SecretKey ephemeral, MachineKey serverStatic)
                throws WireException {
            this.version = version;
            this.machine = machine;
            this.ephemeral = ephemeral;
            this.serverStatic = serverStatic.bytes();
            this.noise = new NoiseIk(version, this.serverStatic);
            ByteBuffer out = ByteBuffer.allocate(INITIATION_BYTES);
            out.putShort((short) version).put((byte) TYPE_INITIATION);
            out.putShort((short) (INITIATION_BYTES - INITIATION_HEAD));
            byte[] own = ephemeral.publicBytes();
            noise.mixHash(own);
            out.put(own);
            out.put(
                    noise.seal(
                            noise.mixKey(agree(ephemeral, this.serverStatic)),
                            machine.publicBytes()));
            out.put(noise.seal(noise.mixKey(agree(machine, this.serverStatic)), new byte[0]));
            this.initiation = out.array();
        }

        public byte[] initiation() {
            return initiation.clone();
        }

        /** Reads the server's 51 bytes. */
        public Session finish(ByteBuffer response) throws WireException {
            if (response.remaining() != RESPONSE_BYTES) {
                throw new WireException(
                        "response of "
                                + response.remaining()
                                + " bytes, expected "
                                + RESPONSE_BYTES);
            }
            ByteBuffer in = response.slice();
            int type = in.get() & 0xff;
            int length = in.getShort() & 0xffff;
            if (type != TYPE_RESPONSE || length != RESPONSE_BYTES - RESPONSE_HEAD) {
                throw new WireException("response: type " + type + ", length " + length);
            }
            byte[] serverEphemeral = take(in, KEY);
            noise.mixHash(serverEphemeral);
            Arrays.fill(noise.mixKey(agree(ephemeral, serverEphemeral)), (byte) 0);
            noise.open(
                    noise.mixKey(agree(machine, serverEphemeral)), take(in, TAG), "response tag");
            return noise.split(version, new MachineKey(serverStatic));
        }

        @Override
        public void close() {
            ephemeral.close();
        }
    }

    private Session split(int version, MachineKey peer) {
        byte[] keys = hkdf(chainingKey, new byte[0]);
        Session session = new Session(version, peer, hash, keys);
        Arrays.fill(keys, (byte) 0);
        Arrays.fill(chainingKey, (byte) 0);
        return session;
    }

    private void mixHash(byte[] data) {
        hash = blake2s(hash, data);
    }

    /** Mixes a shared secret in and gives the key for exactly one message. */
    private byte[] mixKey(byte[] shared) {
        byte[] both = hkdf(chainingKey, shared);
        chainingKey = Arrays.copyOfRange(both, 0, KEY);
        byte[] key = Arrays.copyOfRange(both, KEY, 2 * KEY);
        Arrays.fill(both, (byte) 0);
        Arrays.fill(shared, (byte) 0);
        return key;
    }

    private byte[] seal(byte[] key, byte[] plaintext) {
        try {
            byte[] sealed = aead(Cipher.ENCRYPT_MODE, key).doFinal(plaintext);
            mixHash(sealed);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 of the JDK", e);
        }
    }

    private byte[] open(byte[] key, byte[] sealed, String what) throws WireException {
        try {
            byte[] plaintext = aead(Cipher.DECRYPT_MODE, key).doFinal(sealed);
            mixHash(sealed);
            return plaintext;
        } catch (GeneralSecurityException e) {
            throw new WireException("decrypting " + what + ": authentication failed");
        }
    }

    private Cipher aead(int mode, byte[] key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
        cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(new byte[12]));
        cipher.updateAAD(hash);
        Arrays.fill(key, (byte) 0);
        return cipher;
    }

    private static byte[] agree(SecretKey own, byte[] peer) throws WireException {
        byte[] shared = new byte[KEY];
        if (!own.agree(peer, shared, 0)) {
            throw new WireException("handshake with a low-order point");
        }
        return shared;
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] b = new byte[count];
        in.get(b);
        return b;
    }

    private static byte[] blake2s(byte[]... parts) {
        var digest = new Blake2sDigest(256);
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] out = new byte[KEY];
        digest.doFinal(out, 0);
        return out;
    }

    /** HKDF of the Noise specification, 4.3, two outputs. */
    private static byte[] hkdf(byte[] salt, byte[] input) {
        byte[] temporary = hmac(salt, input);
        byte[] first = hmac(temporary, new byte[] {1});
        byte[] second = hmac(temporary, first, new byte[] {2});
        byte[] out = Arrays.copyOf(first, 2 * KEY);
        System.arraycopy(second, 0, out, KEY, KEY);
        return out;
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        var mac = new HMac(new Blake2sDigest(256));
        mac.init(new KeyParameter(key));
        for (byte[] part : parts) {
            mac.update(part, 0, part.length);
        }
        byte[] out = new byte[KEY];
        mac.doFinal(out, 0);
        return out;
    }
}
