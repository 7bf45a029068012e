/**
 * How Tailscale clients reach control: the Noise upgrade, HTTP/2 inside it, and every {@code
 * /machine} path; its entry is {@link hearth.ts2021.Ts2021}.
 */
@NullMarked
package hearth.ts2021;

import org.jspecify.annotations.NullMarked;
