/**
 * JSON for programs: the REST API v2 of Tailscale's service, Hearth's own additions below
 * /api/hearth, and the local API's status. Served on the unix socket, whoever opens it acts as
 * owner. Entry: {@link hearth.api.Api}.
 */
@NullMarked
package hearth.api;

import org.jspecify.annotations.NullMarked;
