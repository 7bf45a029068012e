/**
 * The DERP and STUN service around the protocol's cores: threads, timers and sockets. Entry: {@link
 * hearth.relay.RelayService} and {@link hearth.relay.StunService}.
 */
@NullMarked
package hearth.relay;

import org.jspecify.annotations.NullMarked;
