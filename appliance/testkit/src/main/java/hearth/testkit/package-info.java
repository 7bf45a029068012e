/** Manual clock, simulated network and in-memory devices for tests. */
@NullMarked
package hearth.testkit;

import org.jspecify.annotations.NullMarked;
