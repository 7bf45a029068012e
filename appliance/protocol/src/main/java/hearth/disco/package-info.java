/**
 * Disco: the messages by which nodes find the way to each other, and the choice of that way.
 *
 * <p>Entry class: {@link hearth.disco.PathFinder}. Source: tailscale/tailscale disco/disco.go and
 * wgengine/magicsock/endpoint.go; docs/protocol/disco.md and paths.md.
 */
@NullMarked
package hearth.disco;

import org.jspecify.annotations.NullMarked;
