/**
 * The admin console: pages and parts of pages over the tailnet's commands; its entry is {@link
 * hearth.console.Console}.
 */
@NullMarked
package hearth.console;

import org.jspecify.annotations.NullMarked;
