/**
 * The appliance put together: configuration, wiring and life cycle; its entry is {@link
 * hearth.app.Main}.
 */
@NullMarked
package hearth.app;

import org.jspecify.annotations.NullMarked;
