package hearth.ts2021;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WebSocketFramesTest {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private final DataWriter socket =
            new DataWriter() {
                @Override
                public void write(BufferData... buffers) {
                    writeNow(buffers);
                }

                @Override
                public void write(BufferData buffer) {
                    writeNow(buffer);
                }

                @Override
                public void writeNow(BufferData... buffers) {
                    for (BufferData b : buffers) {
                        writeNow(b);
                    }
                }

                @Override
                public void writeNow(BufferData buffer) {
                    sent.writeBytes(buffer.readBytes());
                }
            };

    private WebSocketFrames over(byte[] bytes) {
        var once = new AtomicReference<byte @Nullable []>(bytes);
        return WebSocketFrames.over(DataReader.create(() -> once.getAndSet(null)), socket);
    }

    private static byte[] masked(int head, byte[] payload) {
        ByteBuffer b = ByteBuffer.allocate(14 + payload.length);
        b.put((byte) head);
        if (payload.length < 126) {
            b.put((byte) (0x80 | payload.length));
        } else {
            b.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        byte[] mask = {1, 2, 3, 4};
        b.put(mask);
        for (int i = 0; i < payload.length; i++) {
            b.put((byte) (payload[i] ^ mask[i % 4]));
        }
        return Arrays.copyOf(b.array(), b.position());
    }

    @Test
    void acceptValueIsThatOfTheRfc() { // RFC 6455, 1.3
        assertEquals(
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                WebSocketFrames.acceptValue("dGhlIHNhbXBsZSBub25jZQ=="));
    }

    @Test
    void messagesAreOneStream() {
        var in = new ByteArrayOutputStream();
        in.writeBytes(masked(0x02, utf8("he"))); // not the last of its message
        in.writeBytes(masked(0x89, utf8("ping")));
        in.writeBytes(masked(0x80, utf8("llo")));
        in.writeBytes(masked(0x82, new byte[0]));
        in.writeBytes(masked(0x82, new byte[1000]));
        WebSocketFrames f = over(in.toByteArray());
        assertArrayEquals(utf8("he"), f.read());
        assertArrayEquals(utf8("llo"), f.read());
        assertArrayEquals(new byte[1000], f.read());
        assertNull(f.read());
        assertArrayEquals(WebSocketFrames.frame(WebSocketFrames.PONG, utf8("ping"), 4), written());
    }

    @Test
    void closeIsAnswered() {
        assertNull(over(masked(0x88, new byte[] {3, (byte) 0xe8})).read());
        assertArrayEquals(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8}, written());
    }

    @Test
    void textAndUnmaskedAreRefused() {
        assertNull(over(masked(0x81, utf8("text"))).read());
        assertArrayEquals(new byte[] {(byte) 0x88, 2, 3, (byte) 0xeb}, written()); // 1003
        sent.reset();
        assertNull(over(new byte[] {(byte) 0x82, 2, 1, 1}).read());
        assertArrayEquals(new byte[] {(byte) 0x88, 2, 3, (byte) 0xea}, written()); // 1002
    }

    @Test
    void lengthsHaveThreeForms() {
        assertEquals(2 + 125, WebSocketFrames.frame(2, new byte[125], 125).length);
        byte[] two = WebSocketFrames.frame(2, new byte[126], 126);
        assertArrayEquals(new byte[] {(byte) 0x82, 126, 0, 126}, Arrays.copyOf(two, 4));
        byte[] eight = WebSocketFrames.frame(2, new byte[65_536], 65_536);
        assertArrayEquals(
                new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}, Arrays.copyOf(eight, 10));
    }

    @Test
    void garbageEndsTheStream() {
        var random = new Random(11);
        for (int round = 0; round < 500; round++) {
            byte[] b = new byte[random.nextInt(60)];
            random.nextBytes(b);
            WebSocketFrames f = over(b);
            int reads = 0;
            while (f.read() != null) {
                if (++reads > 100) {
                    throw new AssertionError("no end after " + reads + " reads");
                }
            }
        }
    }

    private byte[] written() {
        return sent.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
