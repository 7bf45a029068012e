/** Whole appliances, each a process in a namespace, against official clients. */
@NullMarked
package hearth.interop;

import org.jspecify.annotations.NullMarked;
