package hearth.policy;

import java.time.Duration;
import java.util.List;

/**
 * One entry of {@code ssh}.
 *
 * @param users as written, trimmed: names, {@code autogroup:nonroot}, {@code localpart:*@DOMAIN}
 * @param checkPeriod how long a check holds; zero for every session
 * @param recorders tags of the devices that record the sessions, with {@code tag:}
 * @param enforceRecorder whether a session that nobody records is refused
 */
record SshRule(
        Place place,
        Action action,
        List<Selector> sources,
        List<Selector> destinations,
        List<String> users,
        Duration checkPeriod,
        List<String> acceptEnv,
        List<String> postures,
        List<String> recorders,
        boolean enforceRecorder) {

    enum Action {
        ACCEPT,
        CHECK,
        DENY
    }
}
