package hearth.login;

import java.time.Instant;

/**
 * A session as its own person sees it in a list.
 *
 * @param id see {@link Session#id}
 * @param agent the browser at sign-in, untrusted text
 */
public record OpenSession(
        String id, Instant created, Instant lastUsed, String address, String agent) {}
