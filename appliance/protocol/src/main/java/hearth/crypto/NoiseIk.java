package hearth.crypto;

import hearth.base.WireException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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

    private static final int KEY = SecretKey.LENGTH;
    private static final int TAG = ChaChaPoly.TAG_BYTES;
    private static final int TYPE_INITIATION = 1;
    private static final int TYPE_RESPONSE = 2;
    private static final int INITIATION_HEAD = 5;
    private static final int RESPONSE_HEAD = 3;
    private static final byte[] PROTOCOL =
            "Noise_IK_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.US_ASCII);

    private byte[] hash = Blake2s.hash(PROTOCOL);
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

        private Session(
                int version,
                MachineKey peer,
                byte[] handshakeHash,
                byte[] clientToServer,
                byte[] serverToClient) {
            this.version = version;
            this.peer = peer;
            this.handshakeHash = handshakeHash;
            this.clientToServer = clientToServer;
            this.serverToClient = serverToClient;
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
        byte[][] keys = Blake2s.kdf(2, chainingKey, new byte[0]);
        Arrays.fill(chainingKey, (byte) 0);
        return new Session(version, peer, hash, keys[0], keys[1]);
    }

    private void mixHash(byte[] data) {
        hash = Blake2s.hash(hash, data);
    }

    /** Mixes a shared secret in, which is wiped, and gives the key for exactly one message. */
    private byte[] mixKey(byte[] shared) {
        byte[][] keys = Blake2s.kdf(2, chainingKey, shared);
        chainingKey = keys[0];
        Arrays.fill(shared, (byte) 0);
        return keys[1];
    }

    private byte[] seal(byte[] key, byte[] plaintext) {
        byte[] sealed = ChaChaPoly.seal(key, plaintext, hash);
        Arrays.fill(key, (byte) 0);
        mixHash(sealed);
        return sealed;
    }

    private byte[] open(byte[] key, byte[] sealed, String what) throws WireException {
        byte[] plaintext = ChaChaPoly.open(key, sealed, 0, sealed.length, hash);
        Arrays.fill(key, (byte) 0);
        if (plaintext == null) {
            throw new WireException("decrypting " + what + ": authentication failed");
        }
        mixHash(sealed);
        return plaintext;
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
}
