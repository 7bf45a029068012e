package hearth.console.view;

import org.jspecify.annotations.Nullable;

/**
 * The page on which a person confirms an SSH session.
 *
 * @param state {@code waiting}, {@code confirmed}, {@code refused}, {@code gone} or {@code other}
 *     (it waits for somebody else and is none of this person's business)
 * @param source the device it comes from
 * @param address of the source in the network
 * @param user the account it wants on {@code destination}
 * @param owner who can confirm
 * @param holds how long the confirmation holds, in words; empty for this session only
 * @param since null unless it waits
 * @param mine the person can confirm
 * @param password the person must prove once more to be there
 */
public record SshSession(
        String id,
        String state,
        String source,
        String address,
        String destination,
        String user,
        String owner,
        String holds,
        @Nullable When since,
        boolean mine,
        boolean password) {}
