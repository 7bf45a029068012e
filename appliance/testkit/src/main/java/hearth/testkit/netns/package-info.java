/**
 * Hosts in network namespaces and the real peers that run in them, for root tests. Entry: {@link
 * hearth.testkit.netns.NetLab}.
 */
@NullMarked
package hearth.testkit.netns;

import org.jspecify.annotations.NullMarked;
