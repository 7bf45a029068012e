package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.WireException;
import hearth.crypto.ChallengeKey;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/**
 * JSON as Go's encoding/json reads and writes it: unknown fields are ignored, absent numbers are
 * zero, nothing is escaped that need not be (tailscale-rs borrows strings from the buffer), null
 * fields are left out.
 */
public final class ControlJson {
    /** Of one text: a short one of many small values becomes a tree of a hundred times its size. */
    private static final long MAX_TOKENS = 100_000;

    /** The one mapper; immutable and safe for all threads. */
    public static final JsonMapper MAPPER = mapper();

    private ControlJson() {}

    /** Reads one object; what does not fit says so in one line. */
    public static <T> T read(byte[] json, Class<T> type) throws WireException {
        T value;
        try {
            value = MAPPER.readValue(json, type);
        } catch (JacksonException e) {
            throw new WireException(type.getSimpleName() + ": " + e.getOriginalMessage());
        }
        if (value == null) {
            throw new WireException(type.getSimpleName() + ": null, expected an object");
        }
        return value;
    }

    /** UTF-8 text of {@code value}. */
    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /** The tree of {@code value}. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    private static JsonMapper mapper() {
        var module = new SimpleModule("hearth");
        text(module, NodeKey.class, NodeKey::parse);
        text(module, MachineKey.class, MachineKey::parse);
        text(module, DiscoKey.class, DiscoKey::parse);
        text(module, ChallengeKey.class, ChallengeKey::parse);
        text(module, IpAddress.class, IpAddress::parse);
        text(module, IpPrefix.class, IpPrefix::parse);
        var limits = StreamReadConstraints.builder().maxTokenCount(MAX_TOKENS).build();
        return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
                .addModule(module)
                .changeDefaultPropertyInclusion(
                        v -> v.withValueInclusion(JsonInclude.Include.NON_NULL))
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build();
    }

    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, new ToStringSerializer(type));
        module.addDeserializer(type, new TextDeserializer<>(type, parse));
    }

    private static final class TextDeserializer<T> extends StdScalarDeserializer<T> {
        private final Function<String, T> parse;

        TextDeserializer(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser in, DeserializationContext context) {
            String text = in.getValueAsString("");
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                return context.reportInputMismatch(this, "%s", e.getMessage());
            }
        }
    }
}
