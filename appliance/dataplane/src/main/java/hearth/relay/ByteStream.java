package hearth.relay;

import java.io.IOException;

/**
 * A connection as the relay sees it, whatever carries it: TLS, plain TCP or WebSocket. One thread
 * reads, one writes.
 */
public interface ByteStream {
    /** Blocks until there is something; gives the number of bytes read, -1 at the end. */
    int read(byte[] into) throws IOException;

    /** Blocks until the first {@code length} bytes are written. */
    void write(byte[] from, int length) throws IOException;

    /** The other end, for status and logs. */
    String remote();

    /** Closes at once; a blocked read or write fails. Any thread, does not block. */
    void close();
}
