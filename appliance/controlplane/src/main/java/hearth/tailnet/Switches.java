package hearth.tailnet;

import hearth.base.Refused;
import java.time.Duration;

/** Settings of the whole tailnet. */
final class Switches {
    private static final Duration MIN_KEY = Duration.ofMinutes(1);
    private static final Duration MAX_KEY = Duration.ofDays(3650);

    private Switches() {}

    static Settings set(Draft d, Actor actor, Settings wanted) throws Refused {
        Access.need(actor, Role.Right.SETTINGS);
        Duration k = wanted.keyDuration();
        if (k.compareTo(MIN_KEY) < 0 || k.compareTo(MAX_KEY) > 0) {
            throw Refused.invalid(
                    "key duration of "
                            + k.toSeconds()
                            + " s: expected 60 s to "
                            + MAX_KEY.toDays()
                            + " days");
        }
        Settings was = d.view().settings();
        if (!wanted.equals(was)) {
            d.settings(wanted);
            d.audit(
                    Audit.tailnet(d, actor, "UPDATE")
                            .change("SETTINGS", was.toString(), wanted.toString()));
            if (wanted.keyExpiry() != was.keyExpiry()) {
                everywhere(d, wanted);
            }
        }
        return wanted;
    }

    static void keyExpiry(Draft d, Actor actor, boolean on) throws Refused {
        Settings s = d.view().settings();
        set(d, actor, new Settings(s.deviceApproval(), on, s.keyDuration()));
    }

    /** All nodes of people follow; tagged ones and the appliance do not expire anyway. */
    private static void everywhere(Draft d, Settings s) {
        for (Node n : d.view().nodes()) {
            if (n.isTagged() || n.local() || n.loggedOut()) {
                continue;
            }
            Node.Edit e = n.edit();
            e.expiryDisabled = !s.keyExpiry();
            if (s.keyExpiry() && (n.expiry() == null || !n.expiry().isAfter(d.now))) {
                e.expiry = d.now.plus(s.keyDuration());
            }
            e.expired = false;
            d.put(e.done());
        }
    }
}
