package hearth.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to an SSH connection.
 *
 * @param sessionDurationNanos 0: no limit
 * @param holdAndDelegate address asked for the real answer (check mode)
 * @param recorders {@code ip:port} of session recorders
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record SSHAction(
        @JsonProperty("message") @Nullable String message,
        @JsonProperty("reject") boolean reject,
        @JsonProperty("accept") boolean accept,
        @JsonProperty("sessionDuration") long sessionDurationNanos,
        @JsonProperty("allowAgentForwarding") boolean allowAgentForwarding,
        @JsonProperty("holdAndDelegate") @Nullable String holdAndDelegate,
        @JsonProperty("allowLocalPortForwarding") boolean allowLocalPortForwarding,
        @JsonProperty("allowRemotePortForwarding") boolean allowRemotePortForwarding,
        @JsonProperty("recorders") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<String> recorders,
        @JsonProperty("onRecordingFailure") @Nullable SSHRecorderFailureAction onRecordingFailure) {
    public SSHAction {
        recorders = Lists.of(recorders);
    }

    /** Accepts with agent, local and remote forwarding allowed, as the service compiles it. */
    public static SSHAction accepting() {
        return new SSHAction(null, false, true, 0, true, null, true, true, List.of(), null);
    }

    /** The same with a banner for the person; an empty text is none. */
    public static SSHAction accepting(String message) {
        return new SSHAction(
                orNull(message), false, true, 0, true, null, true, true, List.of(), null);
    }

    /** Ends the connection with a banner. */
    public static SSHAction rejecting(String message) {
        return new SSHAction(
                orNull(message), true, false, 0, false, null, false, false, List.of(), null);
    }

    /** Has {@code url} asked for the real answer; an empty banner is none. */
    public static SSHAction holding(String message, String url) {
        return new SSHAction(
                orNull(message), false, false, 0, false, url, false, false, List.of(), null);
    }

    /**
     * The same with its session recorded.
     *
     * @param onFailure null: the session goes on unrecorded
     */
    public SSHAction recordedBy(
            List<String> recorders, @Nullable SSHRecorderFailureAction onFailure) {
        return new SSHAction(
                message,
                reject,
                accept,
                sessionDurationNanos,
                allowAgentForwarding,
                holdAndDelegate,
                allowLocalPortForwarding,
                allowRemotePortForwarding,
                recorders,
                onFailure);
    }

    private static @Nullable String orNull(String message) {
        return message.isEmpty() ? null : message;
    }

    /** What to do when the recorders fail. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record SSHRecorderFailureAction(
            @JsonProperty("RejectSessionWithMessage") @Nullable String rejectSessionWithMessage,
            @JsonProperty("TerminateSessionWithMessage")
                    @Nullable String terminateSessionWithMessage,
            @JsonProperty("NotifyURL") @Nullable String notifyUrl) {}
}
