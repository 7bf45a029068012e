/**
 * The operating system: native calls where a packet passes, and the machine's interfaces, routes,
 * rules and packet filter where a setting changes. Linux.
 *
 * <p>Entry classes: {@code LinuxTun}, {@code UdpSocket} and {@link hearth.os.LinuxRouter}.
 */
@NullMarked
package hearth.os;

import org.jspecify.annotations.NullMarked;
