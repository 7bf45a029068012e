package hearth.derp;

import hearth.base.WireException;
import hearth.crypto.NaclBox;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one DERP connection: the login and the frames, no transport. With a fast
 * start {@link #login} goes out with the upgrade request, else after the relay's ServerKey.
 * Confined to one thread.
 */
public final class DerpClient {
    private final SecretKey own;
    private final Login.Client details;
    private final RandomGenerator random;
    private final FrameReader reader = new FrameReader(DerpClient::judge);
    private @Nullable NodeKey serverKey;
    private Login.@Nullable Server server;

    public DerpClient(SecretKey own, Login.Client details, RandomGenerator random) {
        this.own = own;
        this.details = details;
        this.random = random;
    }

    /** The ClientInfo frame for the relay with {@code key}. */
    public DerpFrame login(NodeKey key) throws WireException {
        serverKey = key;
        try (NaclBox box = box(key)) {
            return new DerpFrame.ClientInfo(own.nodeKey(), Login.seal(box, details.json(), random));
        }
    }

    /** What the relay said at login, null before. */
    public Login.@Nullable Server server() {
        return server;
    }

    /** The frames that {@code in} completes; their packets are copies. */
    public List<DerpFrame> receive(byte[] in, int offset, int count) throws WireException {
        var out = new ArrayList<DerpFrame>();
        reader.feed(in, offset, count);
        while (reader.next()) {
            byte[] body = new byte[reader.length()];
            System.arraycopy(reader.bytes(), reader.offset(), body, 0, body.length);
            DerpFrame frame = DerpFrame.decode(reader.type(), ByteBuffer.wrap(body));
            NodeKey key = serverKey;
            if (frame instanceof DerpFrame.ServerInfo info && key != null) {
                try (NaclBox box = box(key)) {
                    server = Login.Server.parse(Login.open("ServerInfo", box, info.sealed()));
                }
            }
            out.add(frame);
        }
        return out;
    }

    private NaclBox box(NodeKey key) throws WireException {
        NaclBox box = NaclBox.between(own, key);
        if (box == null) {
            throw new WireException("ServerKey: a low-order point");
        }
        return box;
    }

    private static boolean judge(int type, long length) throws WireException {
        if (length > DerpFrame.MAX_FRAME) {
            throw new WireException(
                    "frame " + type + ": " + length + " bytes, expected up to 1 MiB");
        }
        return true;
    }
}
