package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.time.Instant;
import java.util.List;

/**
 * A device that waits for a person's yes. One per machine key; lives 15 minutes, in memory only: a
 * client that asks after a restart gets a new one.
 *
 * @param id what the page's address ends in, 128 random bits as base 32
 * @param code eight characters to compare by eye, {@code 7KQM-2XWD}
 * @param address where it asks from
 * @param nodeKey of the newest request: approval binds this one
 * @param tags what it asks for
 */
public record PendingLogin(
        String id,
        String code,
        String hostname,
        String os,
        IpAddress address,
        NodeKey nodeKey,
        MachineKey machine,
        Instant created,
        String url,
        List<String> tags) {
    public PendingLogin {
        tags = List.copyOf(tags);
    }
}
