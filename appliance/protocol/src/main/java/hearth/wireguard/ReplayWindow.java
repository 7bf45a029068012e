package hearth.wireguard;

/**
 * The sliding window of one session's receive counters (RFC 6479): a ring of 128 words, 8128
 * counters behind the newest are told apart. Confined to the receiver thread.
 */
final class ReplayWindow {
    private static final int WORDS = 128;
    private static final int WORD_BITS = 64;

    /** Counters behind the newest that are still accepted once. */
    static final int WINDOW = (WORDS - 1) * WORD_BITS;

    private final long[] ring = new long[WORDS];
    private long last;

    /**
     * Notes {@code counter} as received; false when it was before, is too old or over the limit.
     */
    boolean accept(long counter) {
        if (Long.compareUnsigned(counter, Limits.REJECT_AFTER_MESSAGES) >= 0) {
            return false;
        }
        long block = counter >>> 6;
        if (Long.compareUnsigned(counter, last) > 0) {
            long lastBlock = last >>> 6;
            long ahead = Math.min(block - lastBlock, WORDS);
            for (long i = 1; i <= ahead; i++) {
                ring[(int) (lastBlock + i) & (WORDS - 1)] = 0;
            }
            last = counter;
        } else if (last - counter > WINDOW) {
            return false;
        }
        int word = (int) block & (WORDS - 1);
        long bit = 1L << (counter & (WORD_BITS - 1));
        if ((ring[word] & bit) != 0) {
            return false;
        }
        ring[word] |= bit;
        return true;
    }
}
