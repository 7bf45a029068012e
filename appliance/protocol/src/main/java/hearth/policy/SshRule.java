package hearth.policy;

import java.time.Duration;
import java.util.List;

/**
 * One entry of {@code ssh}.
 *
 * @param users as written, trimmed: names, {@code autogroup:nonroot}, {@code localpart:*@DOMAIN}
 * @param checkPeriod how long a check holds; zero for every session
 */
record SshRule(
        Place place,
        Action action,
        List<Selector> sources,
        List<Selector> destinations,
        List<String> users,
        Duration checkPeriod,
        List<String> acceptEnv,
        List<String> postures) {

    enum Action {
        ACCEPT,
        CHECK,
        DENY
    }
}
