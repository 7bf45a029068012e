package hearth.disco;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** The 12 bytes that pair a pong with its ping; unpredictable, so that no pong can be invented. */
public record TxId(long high, int low) {
    static final int LENGTH = 12;

    static TxId random(RandomGenerator random) {
        return new TxId(random.nextLong(), random.nextInt());
    }

    static TxId readFrom(ByteBuffer in) {
        return new TxId(in.getLong(), in.getInt());
    }

    void writeTo(ByteBuffer out) {
        out.putLong(high).putInt(low);
    }
}
