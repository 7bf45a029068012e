package hearth.app;

import hearth.crypto.Blake2s;
import hearth.crypto.JdkAead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.wireguard.Gatekeeper;
import hearth.wireguard.Output;
import hearth.wireguard.Peer;
import hearth.wireguard.SessionTable;
import hearth.wireguard.WireGuard;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What no peer sends to the WireGuard port, and what comes back. */
final class WireGuardGarbage implements AutoCloseable {
    private static final int SILENCE_MILLIS = 300;
    private static final int INITIATION_BYTES = 148;
    private static final int MAC1_AT = 116;
    private static final int STATIC_AT = 40;
    private static final int COOKIE_REPLY = 3;
    private static final int COOKIE_REPLY_BYTES = 64;
    private static final int FLOOD = 20_000;

    private final RunningAppliance box;
    private final NodeKey server;
    private final SecretKey member;
    private final DatagramSocket socket;

    WireGuardGarbage(RunningAppliance box, NodeKey server, SecretKey member) throws IOException {
        this.box = box;
        this.server = server;
        this.member = member;
        this.socket = new DatagramSocket(0, RunningAppliance.LOOPBACK);
        socket.setSoTimeout(SILENCE_MILLIS);
    }

    Map<String, ControlGarbage.Sender> senders() {
        Map<String, ControlGarbage.Sender> all = new TreeMap<>();
        all.put("wg-random", () -> sent(random(100)));
        all.put("wg-long", () -> sent(random(60_000)));
        all.put("wg-short-initiation", () -> sent(typed(1, 100)));
        all.put("wg-wrong-mac", () -> sent(typed(1, INITIATION_BYTES)));
        all.put("wg-wrong-handshake", () -> sent(signed(flipped(initiation(member)))));
        all.put("wg-stranger", () -> sent(initiation(SecretKey.generate(box.random))));
        all.put("wg-replayed-handshake", this::replayed);
        all.put("wg-response", () -> sent(typed(2, 92)));
        all.put("wg-cookie-reply", () -> sent(typed(COOKIE_REPLY, COOKIE_REPLY_BYTES)));
        all.put("wg-transport", () -> sent(typed(4, 128)));
        all.put("wg-flood", this::flood);
        return all;
    }

    private byte[] random(int length) {
        byte[] b = new byte[length];
        box.random.nextBytes(b);
        b[0] = (byte) 0xee; // no message type
        return b;
    }

    private byte[] typed(int type, int length) {
        byte[] b = random(length);
        Arrays.fill(b, 0, 4, (byte) 0);
        b[0] = (byte) type;
        return b;
    }

    private byte[] initiation(SecretKey own) {
        var wireguard =
                new WireGuard(
                        own,
                        new SessionTable(),
                        new Gatekeeper(),
                        JdkAead.BACKEND,
                        box.random,
                        InstantSource.system());
        Peer p = wireguard.addPeer(server, this, System.nanoTime());
        wireguard.initiate(p, System.nanoTime());
        for (Output o = wireguard.nextOutput(); o != null; o = wireguard.nextOutput()) {
            if (o instanceof Output.Send h) {
                return h.datagram();
            }
        }
        throw new IllegalStateException("no initiation");
    }

    private static byte[] flipped(byte[] initiation) {
        byte[] b = initiation.clone();
        b[STATIC_AT] ^= 1;
        return b;
    }

    /** With a MAC1 that is right, so that somebody looks at the rest. */
    private byte[] signed(byte[] initiation) {
        byte[] key = Blake2s.hash("mac1----".getBytes(StandardCharsets.US_ASCII), server.bytes());
        byte[] mac = Blake2s.mac(key, initiation, 0, MAC1_AT);
        System.arraycopy(mac, 0, initiation, MAC1_AT, mac.length);
        return initiation;
    }

    /** A member's initiation is taken, and answered by the path to it; then it comes again. */
    private String replayed() throws Exception {
        byte[] initiation = initiation(member);
        for (int i = 0; answered(initiation) == 0; i++) {
            if (i == 50) {
                return "the member got no answer";
            }
            initiation = initiation(member); // its map may not be there yet
        }
        return sent(initiation);
    }

    private long answered(byte[] initiation) throws IOException {
        sent(initiation);
        return box.metrics().getOrDefault("hearth_node_handshake_response_sent", 0L);
    }

    private String flood() throws IOException {
        byte[] initiation = signed(flipped(initiation(member)));
        for (int i = 0; i < FLOOD; i++) {
            send(initiation);
        }
        String got = sent(initiation);
        return got.equals("answer " + COOKIE_REPLY) ? "cookie" : got;
    }

    void send(byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length, box.wireguard));
    }

    /** Sends and tells what comes back: nothing, or a message of a type. */
    private String sent(byte[] datagram) throws IOException {
        send(datagram);
        var in = new DatagramPacket(new byte[2048], 2048);
        try {
            socket.receive(in);
            return "answer " + in.getData()[0];
        } catch (SocketTimeoutException e) {
            return "silence";
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
