/**
 * IP packets: header views, the packet filter, the connection table and the longest-prefix table.
 *
 * <p>Entry class: {@link hearth.packet.Guard}. Sources: RFC 791, RFC 8200, RFC 9293, RFC 768 and
 * tailscale/tailscale wgengine/filter for the meaning of a filter rule.
 */
@NullMarked
package hearth.packet;

import org.jspecify.annotations.NullMarked;
