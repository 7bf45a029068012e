package hearth.app;

import static hearth.app.RunningAppliance.ascii;
import static hearth.app.RunningAppliance.mapRequest;
import static hearth.app.RunningAppliance.register;

import hearth.crypto.NoiseIk;
import hearth.crypto.SecretKey;
import hearth.ts2021.ControlCaller;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** What no honest client sends to {@code /ts2021}, and what comes back. */
final class ControlGarbage {
    private static final int HALF_SECOND_MILLIS = 500;
    private static final int LONGEST_MILLIS = 30_000;
    private static final int DAY_SECONDS = 86_400;
    private static final int HTTP_OK = 200;
    private static final int REFUSALS = 25; // more than one machine may have at once
    private static final int BODIES = 64; // that one machine may have on their way
    private static final int STREAMS = 300; // more than are open at once
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int CONTINUATION = 9;
    private static final int FLOOD = 2000; // frames, twice what a minute may have
    private static final int MIB = 1 << 20;
    private static final int END_HEADERS = 0x4;
    private static final int FRAME_BYTES = 16_384;

    /** Sends one kind; gives what the sender gets, in the words of the page. */
    @FunctionalInterface
    interface Sender {
        String send() throws Exception;
    }

    private final RunningAppliance box;

    /** A device that is in. */
    final SecretKey member;

    final SecretKey memberMachine;

    ControlGarbage(RunningAppliance box) throws Exception {
        this.box = box;
        this.member = SecretKey.generate(box.random);
        this.memberMachine = SecretKey.generate(box.random);
        try (var caller = box.caller(memberMachine)) {
            register(caller, member, key(false, DAY_SECONDS));
            caller.post("/machine/map", update(member));
        }
    }

    private static byte[] update(SecretKey node) {
        return ascii(
                "{\"Version\":113,\"NodeKey\":\""
                        + node.nodeKey()
                        + "\",\"DiscoKey\":\""
                        + node.discoKey()
                        + "\",\"OmitPeers\":true,\"Hostinfo\":{\"Hostname\":\"member\"}}");
    }

    private String key(boolean reusable, int seconds) throws IOException {
        return box.authKey(reusable, seconds).path("key").asString();
    }

    /** All kinds by id. */
    Map<String, Sender> senders() {
        Map<String, Sender> all = new TreeMap<>();
        all.put("control-no-handshake", () -> plain(upgradeWithoutHandshake()));
        all.put("control-random-handshake", () -> plain(upgrade(randomInitiation())));
        all.put("control-foreign-handshake", () -> plain(upgrade(foreignInitiation())));
        all.put("control-replayed-handshake", () -> plain(upgrade(usedInitiation())));
        all.put("control-flipped-record", () -> raw(record(4, 64, 64)));
        all.put("control-long-record", () -> raw(record(4, 0xffff, 100)));
        all.put("control-record-type", () -> raw(record(9, 64, 64)));
        all.put("control-half-record", () -> raw(record(4, 64, 10)));
        all.put("control-long-frame", () -> frames(c -> frameHead(c, 0xffffff)));
        all.put("control-many-streams", () -> frames(ControlGarbage::manyStreams));
        all.put("control-long-head", () -> frames(ControlGarbage::longHead));
        all.put("control-endless-head", () -> frames(ControlGarbage::endlessHead));
        all.put("control-resets", () -> frames(ControlGarbage::resets));
        all.put("control-settings", () -> frames(c -> many(c, SETTINGS, new byte[0])));
        all.put("control-pings", () -> frames(c -> many(c, PING, new byte[8])));
        all.put("control-priorities", () -> frames(c -> many(c, PRIORITY, new byte[5])));
        all.put("control-no-window", this::withoutWindow);
        all.put("control-long-body", this::longBody);
        all.put("control-half-head", () -> frames(c -> c.frame(HEADERS, 0, 1, new byte[10])));
        all.put("control-half-body", () -> frames(ControlGarbage::halfBody));
        all.put("control-bad-json", () -> post("/machine/map", ascii("{\"Version\":")));
        all.put("control-random-body", () -> post("/machine/register", random(3000)));
        all.put("control-deep-json", () -> post("/machine/map", ascii("[".repeat(10_000))));
        all.put("control-wide-json", () -> post("/machine/register", wide()));
        all.put("control-many-bodies", this::manyBodies);
        all.put("control-no-path", () -> post("/machine/none", ascii("{}")));
        all.put("control-foreign-map", () -> post("/machine/map", mapRequest(member, false)));
        all.put("control-foreign-stream", () -> post("/machine/map", mapRequest(member, true)));
        all.put("control-foreign-register", () -> refused(member, key(true, DAY_SECONDS)));
        all.put("control-unknown-auth-key", () -> refused(fresh(), "hskey-auth-none"));
        all.put("control-expired-auth-key", () -> refused(fresh(), expiredKey()));
        all.put("control-used-auth-key", () -> refused(fresh(), usedKey()));
        all.put("control-revoked-auth-key", () -> refused(fresh(), revokedKey()));
        all.put("control-many-refusals", this::manyRefusals);
        return all;
    }

    private SecretKey fresh() {
        return SecretKey.generate(box.random);
    }

    private byte[] random(int length) {
        byte[] b = new byte[length];
        box.random.nextBytes(b);
        return b;
    }

    // ---- the upgrade

    private static byte[] upgradeWithoutHandshake() {
        String head =
                """
                POST /ts2021 HTTP/1.1
                Host: x
                Upgrade: tailscale-control-protocol
                Connection: upgrade
                Content-Length: 0

                """;
        return ascii(head.replace("\n", "\r\n"));
    }

    private byte[] upgrade(byte[] initiation) {
        return ControlCaller.upgrade(box.http, initiation);
    }

    private byte[] randomInitiation() {
        byte[] b = random(NoiseIk.INITIATION_BYTES);
        System.arraycopy(new byte[] {0, 113, 1, 0, 96}, 0, b, 0, 5);
        return b;
    }

    private byte[] foreignInitiation() throws Exception {
        try (var noise = new NoiseIk.Initiator(113, fresh(), fresh(), fresh().machineKey())) {
            return noise.initiation();
        }
    }

    private byte[] usedInitiation() throws Exception {
        try (var caller = box.caller(fresh())) {
            return caller.initiation();
        }
    }

    private String plain(byte[] request) throws IOException {
        try (Socket s = box.connect()) {
            s.getOutputStream().write(request);
            var in = new DataInputStream(s.getInputStream());
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.readUnsignedByte());
            }
            String status = head.substring(9, 12);
            if (!status.equals("101")) {
                return status;
            }
            byte[] first = in.readNBytes(3);
            if (first[0] == 3) {
                in.readAllBytes();
                return "refused";
            }
            return end(s);
        }
    }

    // ---- records

    private byte[] record(int type, int announced, int bytes) {
        return ByteBuffer.allocate(3 + bytes)
                .put((byte) type)
                .putShort((short) announced)
                .put(random(bytes))
                .array();
    }

    private String raw(byte[] wire) throws Exception {
        try (var caller = box.caller(fresh())) {
            caller.socket().getOutputStream().write(wire);
            return end(caller.socket());
        }
    }

    /** Whether the connection ends at once or later; what comes before is the server's own. */
    private static String end(Socket s) throws IOException {
        long begun = System.nanoTime();
        s.setSoTimeout(LONGEST_MILLIS);
        try {
            s.getInputStream().readAllBytes();
        } catch (SocketException e) {
            // reset: closed with bytes unread
        }
        return (System.nanoTime() - begun) / 1_000_000 < 10L * HALF_SECOND_MILLIS
                ? "closed"
                : "cut";
    }

    // ---- frames

    private interface Frames {
        void send(ControlCaller caller) throws Exception;
    }

    private String frames(Frames frames) throws Exception {
        try (var caller = box.caller(fresh())) {
            try {
                frames.send(caller);
            } catch (SocketException e) {
                return "closed"; // while we were still sending
            }
            return end(caller.socket());
        }
    }

    private static void frameHead(ControlCaller c, int length) throws Exception {
        int stream = c.open("/machine/map");
        byte[] head =
                ByteBuffer.allocate(9).putInt(length << 8).put((byte) 0).putInt(stream).array();
        c.send(head);
        for (int i = 0; i < 100; i++) {
            c.send(new byte[4000]);
        }
    }

    private static void manyStreams(ControlCaller c) throws Exception {
        for (int i = 0; i < STREAMS; i++) {
            c.open("/machine/map");
        }
    }

    private static void longHead(ControlCaller c) throws Exception {
        // literal fields that are never indexed, x: x…
        byte[] field = ascii("\0\1x\144" + "x".repeat(100));
        ByteBuffer block = ByteBuffer.allocate(FRAME_BYTES / field.length * field.length);
        while (block.hasRemaining()) {
            block.put(field);
        }
        c.frame(HEADERS, 0, 1, block.array());
        for (int i = 0; i < 64; i++) {
            c.frame(CONTINUATION, i == 63 ? END_HEADERS : 0, 1, block.array());
        }
    }

    private static void endlessHead(ControlCaller c) throws Exception {
        c.frame(HEADERS, 0, 1, new byte[0]);
        for (int i = 0; i < FLOOD; i++) {
            c.frame(CONTINUATION, 0, 1, new byte[0]);
        }
    }

    private static void resets(ControlCaller c) throws Exception {
        for (int i = 0; i < FLOOD; i++) {
            int stream = c.open("/machine/map");
            c.frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }
    }

    private static void many(ControlCaller c, int type, byte[] payload) throws Exception {
        int stream = type == PRIORITY ? 1 : 0;
        for (int i = 0; i < FLOOD; i++) {
            c.frame(type, 0, stream, payload);
        }
    }

    /** More than the 64 KiB that the server takes unasked. */
    private String withoutWindow() throws Exception {
        try (var caller = box.caller(fresh())) {
            int stream = caller.open("/machine/map");
            for (int i = 0; i < 2 * MIB / FRAME_BYTES; i++) {
                caller.frame(DATA, 0, stream, new byte[FRAME_BYTES]);
            }
            return String.valueOf(caller.answer(stream).status());
        }
    }

    /** Three on one connection: what of one was not read must not be missing for the next. */
    private String longBody() throws Exception {
        try (var caller = box.caller(fresh())) {
            byte[] body = ascii("{\"Hostinfo\":\"" + "x".repeat(2 * MIB));
            int status = caller.post("/machine/register", body).status();
            boolean same =
                    caller.post("/machine/map", body).status() == status
                            && caller.post("/machine/map", ascii("{")).status() == status;
            return same ? String.valueOf(status) : "not again";
        }
    }

    private static void halfBody(ControlCaller c) throws Exception {
        int stream = c.open("/machine/map");
        c.frame(DATA, 0, stream, ascii("{\"Version\":113,"));
    }

    /** More bodies on their way than one machine may have; which one is too many is open. */
    private String manyBodies() throws Exception {
        try (var caller = box.caller(fresh())) {
            for (int i = 0; i <= BODIES; i++) {
                int stream = caller.open("/machine/register");
                caller.frame(DATA, 0, stream, ascii("{"));
            }
            return String.valueOf(caller.firstAnswer().status());
        }
    }

    // ---- requests

    private static byte[] wide() {
        return ascii("{\"Version\":113,\"Hostinfo\":{\"a\":[" + "[],".repeat(300_000) + "1]}}");
    }

    private String post(String path, byte[] body) throws Exception {
        try (var caller = box.caller(fresh())) {
            return String.valueOf(caller.post(path, body).status());
        } catch (EOFException e) {
            return "closed";
        }
    }

    private String refused(SecretKey node, String authKey) throws Exception {
        try (var caller = box.caller(fresh())) {
            var answer = register(caller, node, authKey);
            var json = JsonMapper.shared().readTree(answer.body());
            boolean said = !json.path("Error").asString("").isEmpty();
            return said && !json.path("MachineAuthorized").asBoolean() ? "error" : "let in";
        }
    }

    private String expiredKey() throws Exception {
        String key = key(true, 1);
        Thread.sleep(3 * HALF_SECOND_MILLIS);
        return key;
    }

    private String usedKey() throws Exception {
        String key = key(false, DAY_SECONDS);
        try (var caller = box.caller(fresh())) {
            register(caller, fresh(), key);
        }
        return key;
    }

    private String revokedKey() throws Exception {
        var key = box.authKey(true, DAY_SECONDS);
        box.revoke(key.path("id").asString());
        return key.path("key").asString();
    }

    private String manyRefusals() throws Exception {
        int status = HTTP_OK;
        try (var caller = box.caller(fresh())) {
            for (int i = 0; i < REFUSALS && status == HTTP_OK; i++) {
                status = register(caller, fresh(), "hskey-auth-none").status();
            }
        }
        return String.valueOf(status);
    }
}
