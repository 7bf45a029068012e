package hearth.listen;

import hearth.relay.ByteStream;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ConnectionContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection that Helidon has handed over, as the relay's byte stream: first what its HTTP parser
 * had read beyond the request, then what comes.
 */
final class HelidonStream implements ByteStream {
    private final ConnectionContext context;
    private final @Nullable SocketChannel channel;
    private final BufferedTls.@Nullable Ahead ahead;
    private final boolean carried;
    private final String remote;

    /**
     * Takes the connection over.
     *
     * @param channel closes the connection when the relay ends it
     * @param ahead what TLS has not read yet, null without TLS
     * @param carried whether the context's bytes are carried inside another protocol, not the
     *     socket's own
     */
    HelidonStream(
            ConnectionContext context,
            @Nullable SocketChannel channel,
            BufferedTls.@Nullable Ahead ahead,
            boolean carried) {
        this.context = context;
        this.channel = channel;
        this.ahead = ahead;
        this.carried = carried;
        this.remote = context.remotePeer().host() + ":" + context.remotePeer().port();
    }

    @Override
    public int read(byte[] into) throws IOException {
        DataReader reader = context.dataReader();
        try {
            int surplus = reader.available();
            if (surplus == 0 && !carried) {
                return readRecords(into);
            }
            reader.ensureAvailable();
            int n = Math.min(into.length, reader.available());
            reader.readBuffer(n).read(into, 0, n);
            return n;
        } catch (DataReader.InsufficientDataAvailableException e) {
            return -1;
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    /** One record, and those behind it that are here already: they go on together. */
    @SuppressWarnings("removal") // the only read into a buffer of ours; get() allocates 8 KiB each
    private int readRecords(byte[] into) {
        BufferData buffer = BufferData.create(into).clear();
        int n = context.serverSocket().read(buffer);
        int more = n;
        while (more > 0 && n < into.length && ahead != null && ahead.holdsRecord()) {
            more = context.serverSocket().read(buffer);
            n += Math.max(0, more);
        }
        return n;
    }

    @Override
    public void write(byte[] from, int length) throws IOException {
        try {
            context.dataWriter().writeNow(BufferData.create(from, 0, length));
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    @Override
    public String remote() {
        return remote;
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            } else {
                context.serverSocket().close();
            }
        } catch (IOException | UncheckedIOException e) {
            // closed already
        }
    }
}
