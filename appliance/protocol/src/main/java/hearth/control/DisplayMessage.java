package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Something that a client shows its person (tailcfg.DisplayMessage, capability version 117).
 *
 * @param title one short line without a full stop
 * @param severity {@code high}, {@code medium} or {@code low}
 * @param primaryAction ignored by the very first clients that know messages
 */
public record DisplayMessage(
        @JsonProperty("Title") String title,
        @JsonProperty("Text") String text,
        @JsonProperty("Severity") String severity,
        @JsonProperty("ImpactsConnectivity") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
                boolean impactsConnectivity,
        @JsonProperty("PrimaryAction") @Nullable Action primaryAction) {
    public static final String HIGH = "high"; // clients with a window open one for it
    public static final String LOW = "low";

    /** A link that is offered with the message; clients take https only. */
    public record Action(@JsonProperty("URL") String url, @JsonProperty("Label") String label) {}
}
