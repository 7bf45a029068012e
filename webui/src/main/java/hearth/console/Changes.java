package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Machines.Change;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** The audit log in words. */
final class Changes {
    private static final int MAX_SCANNED = 2000;
    private static final int BATCH = 200;
    private static final int VALUE_CHARS = 200;
    private static final int DETAILS_CHARS = 160;
    private static final Map<String, String> PROPERTIES =
            Map.ofEntries(
                    Map.entry("MACHINE_NAME", "name"),
                    Map.entry("ALLOWED_IPS", "approved routes"),
                    Map.entry("AUTO_APPROVED_ROUTES", "routes, approved by the policy"),
                    Map.entry("ACCOUNT_EMAIL", "login"),
                    Map.entry("USER_ROLE", "role"),
                    Map.entry("KEY_EXPIRY_TIME", "end of the key"),
                    Map.entry("KEY_EXPIRY", "key expiry"),
                    Map.entry("ACL_TAGS", "tags"),
                    Map.entry("TAGS", "tags"),
                    Map.entry("ACL", "policy"),
                    Map.entry("DNS_CONFIG", "DNS settings"),
                    Map.entry("OWNER", "owner"));

    private final Tailnet tailnet;
    private final Times times;
    private final int scan;

    Changes(Tailnet tailnet, Times times) {
        this(tailnet, times, MAX_SCANNED);
    }

    /** {@code scan}: after so many entries a search stops, whatever it found. */
    Changes(Tailnet tailnet, Times times, int scan) {
        this.tailnet = tailnet;
        this.times = times;
        this.scan = scan;
    }

    /**
     * Rows, newest first.
     *
     * @param next where to look on for older ones, 0 when the log has none
     */
    record Found(List<Change> rows, long next) {}

    /**
     * The newest rows before {@code before} that {@code wanted} likes, as far as one search goes.
     */
    Found find(long before, int limit, Predicate<AuditEntry> wanted) throws Refused {
        Snapshot now = tailnet.snapshot();
        List<Change> out = new ArrayList<>();
        long from = before;
        for (int scanned = 0; scanned < scan && out.size() < limit; ) {
            int batch = Math.min(BATCH, scan - scanned);
            List<AuditEntry> some = tailnet.audit(from, batch);
            for (AuditEntry e : some) {
                from = e.id();
                if (wanted.test(e)) {
                    out.add(change(now, e));
                    if (out.size() == limit) {
                        break;
                    }
                }
            }
            if (some.size() < batch && (some.isEmpty() || from == some.getLast().id())) {
                return new Found(out, 0);
            }
            scanned += some.size();
        }
        return new Found(out, from);
    }

    /** Whether an entry has all of {@code words}, as stored or as shown, whatever the case. */
    static Predicate<AuditEntry> having(List<String> words) {
        return e -> {
            String all =
                    String.join(
                                    " ",
                                    e.actorName(),
                                    e.account(),
                                    e.address(),
                                    e.targetType(),
                                    e.targetName(),
                                    e.targetId(),
                                    e.action(),
                                    e.property(),
                                    e.details(),
                                    actor(e),
                                    source(e),
                                    what(e),
                                    String.valueOf(e.oldValue()),
                                    String.valueOf(e.newValue()))
                            .toLowerCase(Locale.ROOT);
            return words.stream().allMatch(w -> all.contains(w.toLowerCase(Locale.ROOT)));
        };
    }

    private Change change(Snapshot now, AuditEntry e) {
        String href = "";
        if (e.targetType().equals("NODE")) {
            var node = now.nodeByStableId(e.targetId());
            href = node == null ? "" : "/admin/machines/" + node.id();
        }
        String was = e.oldValue();
        String is = e.newValue();
        return new Change(
                e.id(),
                times.when(e.time()),
                actor(e),
                source(e),
                what(e),
                Text.name(e.targetName()),
                href,
                was == null ? null : value(was),
                is == null ? null : value(is),
                signIn(e) ? "" : Text.cut(e.details(), DETAILS_CHARS));
    }

    private static String actor(AuditEntry e) {
        return signIn(e) && e.actorName().isEmpty()
                ? "Somebody"
                : e.actorName().isEmpty() ? "Hearth itself" : Text.name(e.actorName());
    }

    private static String source(AuditEntry e) {
        String where =
                switch (e.origin()) {
                    case "ADMIN_CONSOLE" -> "console";
                    case "CONFIG_API" -> e.account().isEmpty() ? "API" : "command line";
                    case "NODE" -> "the device";
                    default -> "";
                };
        String account = e.account().isEmpty() ? "" : " as " + Text.name(e.account());
        String from = e.address().isEmpty() ? "" : " from " + e.address();
        return where + account + from;
    }

    /** A value as people write it: moments in words, the rest as it is. */
    private String value(String raw) {
        if (raw.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")) {
            return times.when(Instant.parse(raw)).absolute();
        }
        return raw.isEmpty() || raw.equals("[]") ? "nothing" : Text.cut(raw, VALUE_CHARS);
    }

    private static boolean signIn(AuditEntry e) {
        return e.action().equals("LOGIN") && e.targetType().equals("ADMIN_CONSOLE");
    }

    private static String what(AuditEntry e) {
        if (signIn(e)) {
            if (!e.details().equals("failed")) {
                return "signed in as";
            }
            return "failed to sign in " + (e.targetName().equals("setup token") ? "with" : "as");
        }
        String kind =
                switch (e.targetType()) {
                    case "NODE" -> "machine";
                    case "USER" -> "user";
                    case "API_KEY", "AUTH_KEY" -> "auth key";
                    case "TAILNET" -> "network";
                    case "INVITE" -> "login";
                    default -> e.targetType().toLowerCase(Locale.ROOT).replace('_', ' ');
                };
        String verb =
                switch (e.action()) {
                    case "CREATE" -> "added";
                    case "UPDATE" -> "changed";
                    case "DELETE" -> "removed";
                    case "REVOKE" -> "revoked";
                    case "LOGIN" -> "logged in";
                    case "LOGOUT" -> "logged out";
                    case "EXPIRE" -> "expired";
                    case "SUSPEND" -> "suspended";
                    case "RESTORE" -> "restored";
                    case "APPROVE" -> "approved";
                    case "REFUSE", "DENY" -> "refused";
                    default -> e.action().toLowerCase(Locale.ROOT).replace('_', ' ');
                };
        String property = e.property();
        String of =
                property.isEmpty()
                        ? ""
                        : PROPERTIES.getOrDefault(
                                        property,
                                        property.toLowerCase(Locale.ROOT).replace('_', ' '))
                                + " of ";
        return verb + " " + of + kind;
    }
}
