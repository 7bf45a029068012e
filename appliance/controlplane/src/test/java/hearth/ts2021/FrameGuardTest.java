package hearth.ts2021;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameGuardTest {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = new byte[0];
    private static final int END = 0x1;

    private final List<Integer> resets = new ArrayList<>();
    private final FrameGuard guard = new FrameGuard(resets::add);

    FrameGuardTest() {
        assertArrayEquals(PREFACE, guard.inbound(PREFACE));
    }

    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        ByteBuffer b = ByteBuffer.allocate(9 + payload.length);
        b.put((byte) (payload.length >>> 16)).putShort((short) payload.length);
        b.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        return b.array();
    }

    private static byte[] reset(int stream) {
        return frame(3, 0, stream, new byte[4]);
    }

    private static byte[] window(int stream) {
        return frame(8, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) 9);
    }

    private void passes(byte[] frame) {
        assertArrayEquals(frame, guard.inbound(frame));
    }

    private void dropped(byte[] frame) {
        assertArrayEquals(NOTHING, guard.inbound(frame));
    }

    private void serverWrites(byte[] frame) {
        guard.outbound(frame, frame.length);
    }

    @Test
    void lateResetOfAFinishedStreamIsDropped() {
        passes(frame(1, END, 1));
        serverWrites(frame(1, 0, 1, (byte) 1));
        serverWrites(frame(0, END, 1));
        passes(frame(1, END, 3));
        dropped(reset(1));
        dropped(window(1));
        passes(window(3));
        passes(window(0));
        assertEquals(List.of(), resets);
        assertEquals(1, guard.openStreams());
    }

    @Test
    void resetOfAnAnsweredRequestEndsOnlyItsHandler() {
        passes(frame(1, 0, 1));
        passes(frame(0, END, 1, (byte) 7));
        dropped(reset(1));
        assertEquals(List.of(1), resets);
        serverWrites(frame(0, END, 1));
        assertEquals(0, guard.openStreams());
    }

    @Test
    void resetOfAnUnfinishedRequestReachesTheServer() {
        passes(frame(1, 0, 1));
        passes(reset(1));
        assertEquals(List.of(1), resets);
        dropped(window(1));
    }

    @Test
    void resetOfAStreamThatNeverWasIsTheServersToJudge() {
        passes(reset(5));
        passes(reset(0));
    }

    @Test
    void serverResetFinishesAStream() {
        passes(frame(1, END, 1));
        serverWrites(reset(1));
        dropped(reset(1));
    }

    @Test
    void trailersEndARequest() {
        passes(frame(1, 0, 1));
        passes(frame(1, END, 1));
        dropped(reset(1));
        assertEquals(List.of(1), resets);
    }

    @Test
    void unknownSettingsAreCutOut() {
        byte[] known = {0, 4, 0, 64, 0, 0};
        byte[] unknown = {0, 9, 0, 0, 0, 1};
        byte[] random = {0x5a, 0x5a, 1, 2, 3, 4};
        byte[] in = frame(4, 0, 0, concat(unknown, known, random));
        assertArrayEquals(frame(4, 0, 0, known), guard.inbound(in));
        passes(frame(4, END, 0)); // the acknowledgement
    }

    @Test
    void answerToAProbeIsOurs() {
        byte[] answer = FrameGuard.PROBE.clone();
        answer[4] = 1;
        dropped(answer);
        passes(frame(6, 0, 0, new byte[8]));
        passes(frame(6, 1, 0, new byte[8]));
    }

    @Test
    void framesThatBringNothingOnAreCounted() {
        passes(frame(1, 0, 1)); // a head, and its body
        passes(frame(0, 0, 1, (byte) 1));
        passes(frame(0, END, 1));
        passes(window(0));
        assertEquals(0, guard.idleFrames());
        passes(frame(0, 0, 1)); // empty
        dropped(reset(1));
        passes(frame(4, 0, 0));
        passes(frame(6, 0, 0, new byte[8]));
        passes(frame(2, 0, 1, new byte[5]));
        passes(frame(9, 0, 1));
        passes(frame(0x77, 0, 0));
        assertEquals(7, guard.idleFrames());
    }

    @Test
    void probeOnlyBetweenFrames() {
        assertTrue(guard.betweenFrames());
        byte[] data = frame(0, END, 1, (byte) 1, (byte) 2);
        guard.outbound(data, 4);
        assertEquals(false, guard.betweenFrames());
        byte[] rest = Arrays.copyOfRange(data, 4, data.length);
        guard.outbound(rest, rest.length);
        assertTrue(guard.betweenFrames());
    }

    /** However the bytes are cut, the same frames come out. */
    @Test
    void cutsDoNotMatter() {
        byte[] all =
                concat(
                        PREFACE,
                        frame(4, 0, 0, new byte[] {0, 9, 0, 0, 0, 1, 0, 4, 0, 64, 0, 0}),
                        frame(1, END, 1, new byte[300]),
                        window(0),
                        frame(1, 0, 3, new byte[40]),
                        frame(0, END, 3, new byte[5000]),
                        reset(3),
                        frame(6, 0, 0, new byte[8]),
                        frame(0x77, 0x55, 9, new byte[20]));
        byte[] whole = new FrameGuard(resets::add).inbound(all);
        var random = new Random(5);
        for (int round = 0; round < 200; round++) {
            var g = new FrameGuard(resets::add);
            var out = new ByteArrayOutputStream();
            for (int at = 0; at < all.length; ) {
                int n = Math.min(all.length - at, 1 + random.nextInt(round % 2 == 0 ? 7 : 900));
                out.writeBytes(g.inbound(Arrays.copyOfRange(all, at, at + n)));
                at += n;
            }
            assertArrayEquals(whole, out.toByteArray());
        }
    }

    /** Garbage passes through or is dropped, and nothing is raised. */
    @Test
    void garbageRaisesNothing() {
        var random = new Random(8);
        for (int round = 0; round < 300; round++) {
            var g = new FrameGuard(resets::add);
            g.inbound(PREFACE);
            byte[] b = new byte[random.nextInt(400)];
            random.nextBytes(b);
            for (int i = 0; i + 4 < b.length; i += 20) { // plausible heads
                b[i] = 0;
                b[i + 1] = 0;
                b[i + 3] = (byte) random.nextInt(10);
            }
            g.inbound(b);
            g.outbound(b, b.length);
        }
    }

    private static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] p : parts) {
            out.writeBytes(p);
        }
        return out.toByteArray();
    }
}
