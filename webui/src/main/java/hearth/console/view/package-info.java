/**
 * What the templates show: records of texts and claims, no logic; the frame of each page is {@link
 * hearth.console.view.Page}.
 */
@NullMarked
package hearth.console.view;

import org.jspecify.annotations.NullMarked;
