/**
 * WireGuard without sockets: handshakes, sessions, timers, cookies and limits of the nodes that
 * this process plays (WireGuard paper, whitepaper of 2020; docs/protocol/wireguard.md). Entry
 * class: {@link hearth.wireguard.WireGuard}.
 */
@NullMarked
package hearth.wireguard;

import org.jspecify.annotations.NullMarked;
