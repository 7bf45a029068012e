package hearth.ts2021;

import hearth.base.Refused;
import hearth.base.WireException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Room for request bodies: who sends them need not be known, so their number is bounded. Official
 * clients send 2 to 5 KiB; longer ones come one by one. Safe for all threads.
 */
final class BodyRoom {
    static final int MAX_BYTES = 1 << 20;
    static final int SHORT_BYTES = 16 << 10;

    private static final int SHARE = 8; // of the heap for short bodies
    private static final int LONG_AT_ONCE = 8;
    private static final long WAIT_SECONDS = 5;

    private final Semaphore all;
    private final Semaphore longOnes = new Semaphore(LONG_AT_ONCE);

    /** {@code heapBytes}: what all of the program may use. */
    BodyRoom(long heapBytes) {
        all = new Semaphore((int) Math.min(1 << 20, heapBytes / SHARE / SHORT_BYTES));
    }

    /** A place for one body, until it has been made sense of. */
    Place enter() throws Refused {
        if (!all.tryAcquire()) {
            throw full("requests");
        }
        return new Place();
    }

    static Refused full(String what) {
        return new Refused(
                Refused.Code.UNAVAILABLE, "too many " + what + " at once, wait a moment");
    }

    /** One body's place. Confined to one thread. */
    final class Place implements AutoCloseable {
        private boolean takesLong;

        private Place() {}

        /** The whole body. */
        byte[] read(InputStream in)
                throws IOException, WireException, Refused, InterruptedException {
            byte[] begin = in.readNBytes(SHORT_BYTES);
            if (begin.length < SHORT_BYTES) {
                return begin;
            }
            if (!longOnes.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw full("long requests");
            }
            takesLong = true;
            var whole = new ByteArrayOutputStream(2 * SHORT_BYTES);
            whole.write(begin);
            whole.write(in.readNBytes(MAX_BYTES + 1 - SHORT_BYTES));
            if (whole.size() > MAX_BYTES) {
                throw new WireException("body of more than " + MAX_BYTES + " bytes");
            }
            return whole.toByteArray();
        }

        @Override
        public void close() {
            all.release();
            if (takesLong) {
                longOnes.release();
            }
        }
    }
}
