package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.control.Hostinfo;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a register request says, plus what the connection proves.
 *
 * @param machine from the Noise handshake, never from a body
 * @param oldNodeKey the key this one replaces, or null
 * @param authKey text of an auth key, or null
 * @param followup the URL whose decision the client waits for, or null
 * @param expiry null when absent or zero (year 1); the past means "log out"
 */
public record RegisterFacts(
        MachineKey machine,
        NodeKey nodeKey,
        @Nullable NodeKey oldNodeKey,
        @Nullable String authKey,
        @Nullable String followup,
        @Nullable Instant expiry,
        Hostinfo hostinfo,
        boolean ephemeral,
        int capver,
        IpAddress remote) {
    @Override
    public String toString() {
        return "RegisterFacts[" + nodeKey.shortText() + "]";
    }
}
