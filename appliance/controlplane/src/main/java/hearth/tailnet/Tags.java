package hearth.tailnet;

import hearth.base.Refused;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** Which tags are well formed, and who may give them. */
final class Tags {
    private static final Pattern FORM = Pattern.compile("tag:[A-Za-z][A-Za-z0-9-]*");

    private Tags() {}

    /** Sorted, each once. */
    static List<String> normal(Collection<String> tags) {
        return tags.stream().distinct().sorted().toList();
    }

    static void checkForm(Collection<String> tags) throws Refused {
        for (String t : tags) {
            if (!FORM.matcher(t).matches() || t.length() > 63) {
                throw Refused.invalid(
                        "tag \""
                                + t
                                + "\": expected tag: and a letter, then letters, digits, -;"
                                + " 63 characters at most");
            }
        }
    }

    /** Administrators may use tags that the policy does not know yet; others need tagOwners. */
    static void checkActor(Snapshot s, Actor actor, Collection<String> tags) throws Refused {
        checkForm(tags);
        if (!actor.role().isAdmin()) {
            List<String> bad =
                    tags.stream().filter(t -> !s.compiled().mayOwnTag(actor.login(), t)).toList();
            if (!bad.isEmpty()) {
                throw new Refused(Refused.Code.INVALID, refusal(bad));
            }
        }
    }

    /** Whether a device that {@code owners} (logins or tags) answer for may take {@code tags}. */
    static boolean may(Snapshot s, Collection<String> owners, Collection<String> tags) {
        return tags.stream()
                .allMatch(
                        t ->
                                FORM.matcher(t).matches()
                                        && owners.stream()
                                                .anyMatch(o -> s.compiled().mayOwnTag(o, t)));
    }

    /** The text that Tailscale's service refuses tags with. */
    static String refusal(Collection<String> tags) {
        return "requested tags [" + String.join(" ", tags) + "] are invalid or not permitted";
    }
}
