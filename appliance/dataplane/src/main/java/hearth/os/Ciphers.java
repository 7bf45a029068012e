package hearth.os;

import hearth.base.Memory;
import hearth.base.Slab;
import hearth.crypto.Aead;
import hearth.crypto.JdkAead;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * Chooses the packet cipher at start: each backend that is there and computes the same as the JDK
 * is timed for a few milliseconds with packets of 1,280 and 64 bytes; the fastest wins.
 */
public final class Ciphers {
    private static final long BUDGET_NANOS = 50_000_000L;
    private static final int[] CHECKED = {0, 1, 15, 16, 63, 64, 65, 1280, 1420, 4096};
    private static final int[] TIMED = {1280, 64};

    /** A backend with what it costs: nanoseconds to seal and open one packet of each size. */
    public record Choice(Aead.Backend backend, long nanos1280, long nanos64) {}

    private Ciphers() {}

    /** All backends that work here, the fastest first. */
    public static List<Choice> measure() {
        List<Aead.Backend> usable = available();
        List<Choice> choices = new ArrayList<>();
        long each = BUDGET_NANOS / (usable.size() * (long) TIMED.length);
        for (Aead.Backend b : usable) {
            choices.add(new Choice(b, time(b, TIMED[0], each), time(b, TIMED[1], each)));
        }
        choices.sort((x, y) -> Long.compare(x.nanos1280 + x.nanos64, y.nanos1280 + y.nanos64));
        return choices;
    }

    /** The backends that are installed and agree with the JDK, which comes last. */
    public static List<Aead.Backend> available() {
        List<Aead.Backend> usable = new ArrayList<>();
        addIfUsable(usable, LibCryptoAead::load);
        addIfUsable(usable, LibGcryptAead::load);
        usable.add(JdkAead.BACKEND);
        return usable;
    }

    private static void addIfUsable(List<Aead.Backend> usable, Supplier<Aead.Backend> load) {
        try {
            Aead.Backend b = load.get();
            if (agrees(b)) {
                usable.add(b);
            }
        } catch (IllegalArgumentException | NoSuchElementException | IllegalStateException e) {
            // not installed, or too old: the others are tried
        }
    }

    /** Whether {@code b} seals as the JDK does, opens that, and refuses a wrong tag. */
    static boolean agrees(Aead.Backend b) {
        byte[] key = new byte[Aead.KEY_BYTES];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (7 * i + 1);
        }
        try (var ours = b.withKey(key);
                var theirs = JdkAead.BACKEND.withKey(key);
                var slab = new Slab(3 * 4608)) {
            long x = slab.address();
            long y = x + 4608;
            long z = y + 4608;
            long counter = 1L << 40;
            for (int length : CHECKED) {
                for (int i = 0; i < length; i++) {
                    Memory.put8(x + i, 31 * i + length);
                }
                Memory.copy(x, y, length);
                counter++;
                ours.seal(x, length, counter);
                theirs.seal(y, length, counter);
                boolean same = Memory.equal(x, y, length + Aead.TAG_BYTES);
                if (!same || !ours.open(x, length, z, counter)) {
                    return false;
                }
                Memory.put8(x + length, Memory.u8(x + length) ^ 1);
                if (ours.open(x, length, z, counter)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The best of short runs, so that what is not compiled yet does not count. */
    private static long time(Aead.Backend b, int length, long budgetNanos) {
        try (var aead = b.withKey(new byte[Aead.KEY_BYTES]);
                var slab = new Slab(2048)) {
            long end = System.nanoTime() + budgetNanos;
            long best = Long.MAX_VALUE;
            long counter = 0;
            while (System.nanoTime() - end < 0) {
                long start = System.nanoTime();
                for (int i = 0; i < 16; i++) {
                    counter++;
                    aead.seal(slab.address(), length, counter);
                    aead.open(slab.address(), length, slab.address(), counter);
                }
                best = Math.min(best, (System.nanoTime() - start) / 16);
            }
            return best;
        }
    }
}
