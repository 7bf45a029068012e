package hearth.derp;

import hearth.base.WireException;
import hearth.crypto.NaclBox;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the two sides tell each other in the boxes of ClientInfo and ServerInfo: JSON, sealed as
 * {@code nonce 24 ‖ tag 16 ‖ text}. Unknown members are ignored.
 */
public final class Login {
    public static final int NONCE_LENGTH = NaclBox.NONCE_LENGTH;

    // the JSON of two small documents; writing a parser for them would not be clearer
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_NAME = 64;

    private Login() {}

    /**
     * A client's box.
     *
     * @param version 2; the relay does not judge it
     * @param canAckPings whether the client answers Ping
     * @param isProber whether it only measures
     * @param appName what runs there, up to 64 characters, may be empty
     * @param mesh whether it claims to be a relay of a mesh
     */
    public record Client(
            int version, boolean canAckPings, boolean isProber, String appName, boolean mesh) {
        /** What an ordinary client says. */
        public static final Client ORDINARY = new Client(DerpFrame.VERSION, true, false, "", false);

        static Client parse(byte[] json) throws WireException {
            JsonNode root = object("ClientInfo", json);
            String app = root.path("AppName").asString("");
            return new Client(
                    root.path("version").asInt(0),
                    root.path("CanAckPings").asBoolean(false),
                    root.path("IsProber").asBoolean(false),
                    app.length() > MAX_NAME ? app.substring(0, MAX_NAME) : app,
                    !root.path("meshKey").asString("").isEmpty());
        }

        byte[] json() {
            StringBuilder out = new StringBuilder("{\"version\":").append(version);
            out.append(",\"CanAckPings\":").append(canAckPings);
            if (isProber) {
                out.append(",\"IsProber\":true");
            }
            if (!appName.isEmpty()) {
                out.append(",\"AppName\":").append(JSON.writeValueAsString(appName));
            }
            return out.append('}').toString().getBytes(StandardCharsets.UTF_8);
        }
    }

    /**
     * The relay's box.
     *
     * @param bytesPerSecond what the client should keep to, 0 for no limit
     * @param burstBytes the size of its bucket
     */
    public record Server(int version, long bytesPerSecond, long burstBytes) {
        static Server parse(byte[] json) throws WireException {
            JsonNode root = object("ServerInfo", json);
            return new Server(
                    root.path("version").asInt(0),
                    root.path("TokenBucketBytesPerSecond").asLong(0),
                    root.path("TokenBucketBytesBurst").asLong(0));
        }

        byte[] json() {
            String rate =
                    bytesPerSecond <= 0
                            ? ""
                            : ",\"TokenBucketBytesPerSecond\":"
                                    + bytesPerSecond
                                    + ",\"TokenBucketBytesBurst\":"
                                    + burstBytes;
            return ("{\"version\":" + version + rate + "}").getBytes(StandardCharsets.UTF_8);
        }
    }

    private static JsonNode object(String what, byte[] json) throws WireException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new WireException(what + ": box holds no JSON");
        }
        if (!root.isObject()) {
            throw new WireException(what + ": box holds " + root.getNodeType() + ", not an object");
        }
        return root;
    }

    static ByteBuffer seal(NaclBox box, byte[] json, RandomGenerator random) {
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        return ByteBuffer.wrap(join(nonce, box.seal(nonce, json)));
    }

    static byte[] open(String what, @Nullable NaclBox box, ByteBuffer sealed) throws WireException {
        byte[] nonce = new byte[NONCE_LENGTH];
        byte[] rest = new byte[sealed.remaining() - NONCE_LENGTH];
        sealed.duplicate().get(nonce).get(rest);
        byte[] plain = box == null ? null : box.open(nonce, rest);
        if (plain == null) {
            throw new WireException(what + ": the box does not open");
        }
        return plain;
    }

    private static byte[] join(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }
}
