/**
 * The engine: local nodes, their peers and paths, and the pumps between one TUN and one UDP port.
 * Entry class: {@code Engine}.
 */
@NullMarked
package hearth.engine;

import org.jspecify.annotations.NullMarked;
