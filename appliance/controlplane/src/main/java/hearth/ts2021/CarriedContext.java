package hearth.ts2021;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** A connection that is carried inside another one: its bytes are its own, the rest is the same. */
final class CarriedContext implements ConnectionContext {
    private final ConnectionContext outer;
    private final DataReader reader;
    private final DataWriter writer;
    private final Router router;
    private final String id;

    CarriedContext(
            ConnectionContext outer,
            DataReader reader,
            DataWriter writer,
            Router router,
            String id) {
        this.outer = outer;
        this.reader = reader;
        this.writer = writer;
        this.router = router;
        this.id = id;
    }

    @Override
    public ListenerContext listenerContext() {
        return outer.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return outer.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public Router router() {
        return router;
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return outer.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return outer.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return outer.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return outer.localPeer();
    }

    @Override
    public boolean isSecure() {
        return true;
    }

    @Override
    public String socketId() {
        return outer.socketId();
    }

    /** What a request of this connection reports as its socket id. */
    @Override
    public String childSocketId() {
        return id;
    }
}
