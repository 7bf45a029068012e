package hearth.ts2021;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import hearth.crypto.NoiseRecords;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class NoisePipeTest {
    private static final byte[] KEY = new byte[32];
    private static final int ACK = 0x1;

    private final Queue<byte[]> fromClient = new ArrayDeque<>();
    private final NoiseRecords client = NoiseRecords.sealing(KEY);
    private boolean answersAtOnce;
    private final NoisePipe pipe =
            new NoisePipe(
                    DataReader.create(fromClient::poll),
                    new Wire(),
                    NoiseRecords.opening(KEY),
                    NoiseRecords.sealing(KEY),
                    new FrameGuard(_ -> {}),
                    new ControlCounters());

    NoisePipeTest() {
        clientSends("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertNotNull(pipe.read());
    }

    private void clientSends(byte[] frames) {
        byte[] wire = new byte[NoiseRecords.sealedBytes(frames.length)];
        client.seal(frames, 0, frames.length, wire, 0);
        fromClient.add(wire);
    }

    private void clientAnswers() {
        byte[] answer = FrameGuard.PROBE.clone();
        answer[4] = ACK;
        clientSends(answer);
        assertNull(pipe.read(), "the answer is nobody else's");
    }

    /** What is written; at a client that answers before the write returns. */
    private final class Wire implements DataWriter {
        @Override
        public void writeNow(BufferData buffer) {
            if (answersAtOnce) {
                clientAnswers();
            }
        }

        @Override
        public void writeNow(BufferData... buffers) {
            writeNow(buffers[0]);
        }

        @Override
        public void write(BufferData buffer) {
            writeNow(buffer);
        }

        @Override
        public void write(BufferData... buffers) {
            writeNow(buffers);
        }
    }

    @Test
    void aProbeWaitsForItsAnswer() {
        pipe.probe();
        assertNotEquals(0, pipe.unansweredProbeNanos());
        clientAnswers();
        assertEquals(0, pipe.unansweredProbeNanos());
    }

    @Test
    void anAnswerThatIsReadBeforeTheWriteReturnsCounts() {
        answersAtOnce = true;
        pipe.probe();
        assertEquals(0, pipe.unansweredProbeNanos());
    }
}
