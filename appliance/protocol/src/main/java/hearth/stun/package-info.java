/**
 * STUN binding, what a client needs to learn its own address: {@link hearth.stun.Stun} for both
 * ends. Source: RFC 8489; tailscale/tailscale net/stun; docs/protocol/stun.md.
 */
@NullMarked
package hearth.stun;

import org.jspecify.annotations.NullMarked;
