package hearth.tailnet;

import com.github.luben.zstd.ZstdCompressCtx;
import java.util.HexFormat;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Frames of a map stream: a little-endian length, then a zstd frame that needs nothing before it
 * (tailscale/tailscale control/controlclient/direct.go). Buffers and compressors are few and used
 * again, so a thousand streams that begin at once wait for each other instead of filling the heap.
 */
final class MapFrames {
    private static final int LENGTH_BYTES = 4;
    private static final int LEVEL = 1;

    /**
     * {@code {"KeepAlive":true}} as a single raw zstd block: clients compare it byte by byte, so it
     * is always the same.
     */
    private static final byte[] KEEP_ALIVE =
            HexFormat.of()
                    .parseHex(
                            "1e000000"
                                    + "28b52ffda0120000009100007b224b656570416c697665223a747275657d");

    private final BlockingQueue<Bench> benches;

    MapFrames(int atOnce) {
        benches = new ArrayBlockingQueue<>(atOnce);
        for (int i = 0; i < atOnce; i++) {
            var bench = new Bench();
            bench.json.put("{}");
            bench.frame(); // the first call unpacks and loads the native library
            benches.add(bench);
        }
    }

    static byte[] keepAlive() {
        return KEEP_ALIVE.clone();
    }

    /** A place to build a frame; to be given back. */
    Bench take() throws InterruptedException {
        Bench b = benches.take();
        b.json.clear();
        return b;
    }

    /** A JSON buffer with a compressor. Confined to the thread that took it. */
    final class Bench implements AutoCloseable {
        final MapBuffer json = new MapBuffer();
        private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(LEVEL);
        private byte[] out = new byte[16 << 10];

        private Bench() {}

        /** The JSON as a frame with its length in front. */
        byte[] frame() {
            int bound =
                    LENGTH_BYTES + (int) com.github.luben.zstd.Zstd.compressBound(json.length());
            if (out.length < bound) {
                out = new byte[bound];
            }
            int n =
                    zstd.compressByteArray(
                            out,
                            LENGTH_BYTES,
                            out.length - LENGTH_BYTES,
                            json.array(),
                            0,
                            json.length());
            for (int i = 0; i < LENGTH_BYTES; i++) {
                out[i] = (byte) (n >>> (8 * i));
            }
            return java.util.Arrays.copyOf(out, LENGTH_BYTES + n);
        }

        @Override
        public void close() {
            if (!benches.offer(this)) {
                throw new IllegalStateException("a bench was given back twice");
            }
        }
    }
}
