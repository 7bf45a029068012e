/**
 * Every TCP port: TLS with its certificates, limits on connections, Host check, and the ways out of
 * HTTP to the relay and to ts2021. Entry: {@link hearth.listen.Listeners}.
 */
@NullMarked
package hearth.listen;

import org.jspecify.annotations.NullMarked;
