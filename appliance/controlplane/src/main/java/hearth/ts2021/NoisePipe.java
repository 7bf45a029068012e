package hearth.ts2021;

import hearth.base.WireException;
import hearth.crypto.NoiseRecords;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one ts2021 connection: records on the outside, HTTP/2 frames on the inside. One
 * thread reads; any may write. Records must leave in the order of their counters, so the write lock
 * is held over the write itself; {@link #writeStartedNanos} lets a watchdog see one that hangs.
 */
final class NoisePipe implements DataWriter {
    private static final System.Logger LOG = System.getLogger(NoisePipe.class.getName());

    /** Resets, settings, pings and the like that a client may send in a minute. */
    private static final int MAX_IDLE_FRAMES = 1000;

    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final DataReader rawReader;
    private final DataWriter rawWriter;
    private final NoiseRecords opening;
    private final NoiseRecords sealing;
    private final FrameGuard guard;
    private final ControlCounters counters;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile long writeStartedNanos; // 0: nothing is being written
    private volatile long probedNanos; // 0: no probe is unanswered
    private long minuteNanos = System.nanoTime(); // when the count began, by the reading thread
    private long idleFramesBefore;
    private volatile long waitingNanos = System.nanoTime() | 1; // 0: nothing is due

    NoisePipe(
            DataReader rawReader,
            DataWriter rawWriter,
            NoiseRecords opening,
            NoiseRecords sealing,
            FrameGuard guard,
            ControlCounters counters) {
        this.counters = counters;
        this.rawReader = rawReader;
        this.rawWriter = rawWriter;
        this.opening = opening;
        this.sealing = sealing;
        this.guard = guard;
    }

    /** When the write that is going on began, by System.nanoTime; 0 when there is none. */
    long writeStartedNanos() {
        return writeStartedNanos;
    }

    /** When a probe was sent after which nothing came, by System.nanoTime; 0 when there is none. */
    long unansweredProbeNanos() {
        return probedNanos;
    }

    /**
     * Since when the client owes us its first record, or the rest of what it has begun, by
     * System.nanoTime; 0 when it owes nothing.
     */
    long waitingNanos() {
        return waitingNanos;
    }

    /** Frames of the next records, at least one byte; null when the connection is over. */
    byte @Nullable [] read() {
        try {
            while (true) {
                byte[] plaintext = readRecord();
                probedNanos = 0;
                long before = guard.frames();
                byte[] frames = guard.inbound(plaintext);
                if (floods(System.nanoTime())) {
                    counters.count(ControlCounter.PROTOCOL_ERRORS);
                    LOG.log(Level.DEBUG, "noise connection ended cause=\"too many frames\"");
                    return null;
                }
                if (!guard.midway()) {
                    waitingNanos = 0;
                } else if (waitingNanos == 0 || guard.frames() != before) {
                    waitingNanos = System.nanoTime() | 1;
                }
                if (frames.length > 0) {
                    return frames;
                }
            }
        } catch (DataReader.InsufficientDataAvailableException e) {
            return null;
        } catch (WireException e) {
            counters.count(ControlCounter.BAD_RECORDS);
            LOG.log(Level.DEBUG, "noise connection ended cause=\"{0}\"", e.getMessage());
            return null;
        }
    }

    private boolean floods(long now) {
        if (now - minuteNanos > MINUTE_NANOS) {
            minuteNanos = now;
            idleFramesBefore = guard.idleFrames();
        }
        return guard.idleFrames() - idleFramesBefore > MAX_IDLE_FRAMES;
    }

    private byte[] readRecord() throws WireException {
        int type = rawReader.read() & 0xff;
        if (waitingNanos == 0) {
            waitingNanos = System.nanoTime() | 1;
        }
        int length = (rawReader.read() & 0xff) << 8;
        length |= rawReader.read() & 0xff;
        if (type != NoiseRecords.TYPE_RECORD) {
            throw new WireException("record of type " + type + ", expected 4");
        }
        if (length > NoiseRecords.MAX_RECORD_BYTES - NoiseRecords.HEAD_BYTES) {
            throw new WireException("record of " + length + " bytes, at most 4093 expected");
        }
        return opening.open(rawReader.readBytes(length));
    }

    /** Asks the client for a sign of life; any record is an answer. */
    void probe() {
        writing.lock();
        try {
            if (guard.betweenFrames()) {
                if (probedNanos == 0) { // before the write: the answer may be read before its end
                    probedNanos = System.nanoTime() | 1;
                }
                sealAndWrite(FrameGuard.PROBE, FrameGuard.PROBE.length);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Writes {@code plaintext} before any HTTP/2 frame, after the unencrypted {@code head}. */
    void begin(byte[] head, byte[] plaintext) {
        writing.lock();
        try {
            byte[] wire = new byte[head.length + NoiseRecords.sealedBytes(plaintext.length)];
            System.arraycopy(head, 0, wire, 0, head.length);
            sealing.seal(plaintext, 0, plaintext.length, wire, head.length);
            rawWriter.writeNow(BufferData.create(wire));
        } finally {
            writing.unlock();
        }
    }

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
        int total = 0;
        for (BufferData b : buffers) {
            total += b.available();
        }
        byte[] plaintext = new byte[total];
        int at = 0;
        for (BufferData b : buffers) {
            at += drain(b, plaintext, at);
        }
        write(plaintext, at);
    }

    @Override
    public void writeNow(BufferData buffer) {
        byte[] plaintext = new byte[buffer.available()];
        write(plaintext, drain(buffer, plaintext, 0));
    }

    private static int drain(BufferData from, byte[] to, int offset) {
        int at = offset;
        while (at < to.length && !from.consumed()) {
            int n = from.read(to, at, to.length - at);
            if (n <= 0) {
                break;
            }
            at += n;
        }
        return at - offset;
    }

    private void write(byte[] plaintext, int length) {
        if (length == 0) {
            return;
        }
        writing.lock();
        try {
            guard.outbound(plaintext, length);
            sealAndWrite(plaintext, length);
        } finally {
            writing.unlock();
        }
    }

    private void sealAndWrite(byte[] plaintext, int length) {
        byte[] wire = new byte[NoiseRecords.sealedBytes(length)];
        sealing.seal(plaintext, 0, length, wire, 0);
        writeStartedNanos = System.nanoTime() | 1;
        try {
            rawWriter.writeNow(BufferData.create(wire));
        } finally {
            writeStartedNanos = 0;
        }
    }
}
