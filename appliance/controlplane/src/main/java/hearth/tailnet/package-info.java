/**
 * Who is in the tailnet and what it is called: an immutable {@link hearth.tailnet.Snapshot}, and
 * {@link hearth.tailnet.Tailnet}, whose commands are the only way to change it (docs/adr/0020).
 */
@NullMarked
package hearth.tailnet;

import org.jspecify.annotations.NullMarked;
