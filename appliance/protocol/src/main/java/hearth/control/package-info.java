/**
 * What control and its nodes say to each other: Tailscale's wire objects with their JSON spelling
 * (tailscale/tailscale tailcfg), read and written by {@link hearth.control.ControlJson}, and our
 * own {@link hearth.control.NetMap} for nodes in this process.
 */
@NullMarked
package hearth.control;

import org.jspecify.annotations.NullMarked;
