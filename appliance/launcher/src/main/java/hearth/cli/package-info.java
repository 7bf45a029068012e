/**
 * The command line, all but {@code serve}: each command speaks to the appliance through its unix
 * socket. Entry: {@link hearth.cli.HearthCli}.
 */
@NullMarked
package hearth.cli;

import org.jspecify.annotations.NullMarked;
