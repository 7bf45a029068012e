package hearth.tailnet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change, in the words of the configuration audit log of the REST API v2. Rows are chained:
 * {@code hash} covers the row and {@code prevHash}.
 *
 * @param id 1, 2, 3 …
 * @param origin {@code ADMIN_CONSOLE}, {@code CONFIG_API}, {@code NODE} or {@code CONTROL}
 * @param actorType {@code USER}, {@code NODE} or {@code AUTOMATED_WORKER}
 * @param actorName login, or host name of a node that acts for itself
 * @param account local account or token behind the actor, or empty
 * @param targetType {@code NODE}, {@code USER}, {@code API_KEY}, {@code TAILNET} …
 * @param property what of the target, e.g. {@code MACHINE_NAME}; empty for all of it
 * @param action {@code CREATE}, {@code UPDATE}, {@code DELETE}, {@code LOGIN} …
 * @param oldValue null when there was none
 */
public record AuditEntry(
        long id,
        Instant time,
        String origin,
        String actorType,
        String actorId,
        String actorName,
        String account,
        String address,
        String targetType,
        String targetId,
        String targetName,
        String property,
        String action,
        @Nullable String oldValue,
        @Nullable String newValue,
        String details,
        String prevHash,
        String hash) {}
