/**
 * The operating system, 64-bit Linux: sockets, TUN and the ciphers of libcrypto and libgcrypt by
 * native calls where a packet passes; the machine's interfaces, routes, rules and packet filter
 * where a setting changes.
 *
 * <p>Entry classes: {@link hearth.os.Tun}, {@link hearth.os.UdpPort}, {@link hearth.os.Ciphers} and
 * {@link hearth.os.LinuxRouter}.
 */
@NullMarked
package hearth.os;

import org.jspecify.annotations.NullMarked;
