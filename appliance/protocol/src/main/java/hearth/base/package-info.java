/** Values every room shares: addresses, prefixes, sets of addresses, problems and refusals. */
@NullMarked
package hearth.base;

import org.jspecify.annotations.NullMarked;
