/**
 * DERP protocol 2, the relay of encrypted packets by node key: every frame, the client's login and
 * the server core {@link hearth.derp.DerpServer}, which knows no transport. Source:
 * tailscale/tailscale derp/derp.go and derp/derpserver; docs/protocol/derp.md.
 */
@NullMarked
package hearth.derp;

import org.jspecify.annotations.NullMarked;
