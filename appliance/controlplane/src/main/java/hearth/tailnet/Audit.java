package hearth.tailnet;

import hearth.base.Refused;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How changes are told in the audit log. */
final class Audit {
    private static final int MAX_TOLD = 200;

    private Audit() {}

    /** A row without number, time and hashes. */
    record Row(
            Actor actor,
            String actorId,
            String targetType,
            String targetId,
            String targetName,
            String property,
            String action,
            @Nullable String oldValue,
            @Nullable String newValue,
            String details) {
        AuditEntry entry(long id, Instant time, String prevHash) {
            String origin = origin(actor.source());
            String actorType = actorType(actor);
            String all =
                    String.join(
                            "\n",
                            prevHash,
                            Long.toString(id),
                            time.toString(),
                            origin,
                            actorType,
                            actorId,
                            escaped(actor.login()),
                            escaped(actor.account()),
                            escaped(actor.address()),
                            targetType,
                            escaped(targetId),
                            escaped(targetName),
                            property,
                            action,
                            escaped(oldValue),
                            escaped(newValue),
                            escaped(details));
            return new AuditEntry(
                    id,
                    time,
                    origin,
                    actorType,
                    actorId,
                    actor.login(),
                    actor.account(),
                    actor.address(),
                    targetType,
                    targetId,
                    targetName,
                    property,
                    action,
                    oldValue,
                    newValue,
                    details,
                    prevHash,
                    Secrets.sha256(all));
        }

        Row change(String what, @Nullable String was, @Nullable String is) {
            return new Row(
                    actor,
                    actorId,
                    targetType,
                    targetId,
                    targetName,
                    what,
                    action,
                    was,
                    is,
                    details);
        }

        Row details(String text) {
            return new Row(
                    actor,
                    actorId,
                    targetType,
                    targetId,
                    targetName,
                    property,
                    action,
                    oldValue,
                    newValue,
                    text);
        }
    }

    static Row node(Draft d, Actor actor, String action, Node n) {
        return row(d, actor, action, "NODE", n.stableId(), n.name());
    }

    /** What a device tells of itself: its words, cut to one printable line. */
    static Row told(Draft d, Actor self, Node n, String action, String details) throws Refused {
        if (!action.matches("[A-Z][A-Z_]{0,39}")) {
            throw Refused.invalid("Action: expected a name in capitals");
        }
        String line = details.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
        return node(d, self, action, n)
                .details(line.length() > MAX_TOLD ? line.substring(0, MAX_TOLD) : line);
    }

    static Row user(Draft d, Actor actor, String action, User u) {
        return row(d, actor, action, "USER", Long.toString(u.id()), u.login());
    }

    static Row key(Draft d, Actor actor, String action, AuthKey k) {
        String name = k.description().isEmpty() ? k.id() : k.description();
        return row(d, actor, action, "API_KEY", k.id(), name);
    }

    static Row tailnet(Draft d, Actor actor, String action) {
        return row(d, actor, action, "TAILNET", "", d.base.domain());
    }

    static Row row(Draft d, Actor actor, String action, String type, String id, String name) {
        User u = actor.login().isEmpty() ? null : d.view().userByLogin(actor.login());
        String actorId = u == null ? "" : Long.toString(u.id());
        return new Row(actor, actorId, type, id, name, "", action, null, null, "");
    }

    private static String origin(String source) {
        return switch (source) {
            case "console" -> "ADMIN_CONSOLE";
            case "api", "socket" -> "CONFIG_API";
            case "node" -> "NODE";
            default -> "CONTROL";
        };
    }

    private static String actorType(Actor actor) {
        return switch (actor.source().toLowerCase(Locale.ROOT)) {
            case "node" -> "NODE";
            case "system" -> "AUTOMATED_WORKER";
            default -> "USER";
        };
    }

    /** So that no two different rows have the same text; null and "" differ. */
    private static String escaped(@Nullable String s) {
        return s == null ? "\\0" : s.replace("\\", "\\\\").replace("\n", "\\n");
    }
}
