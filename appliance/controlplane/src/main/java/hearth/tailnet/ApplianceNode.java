package hearth.tailnet;

import hearth.base.IpPrefix;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.util.List;

/**
 * What the appliance says about its own node at every start.
 *
 * @param advertised the routes that it offers; none is in force before a person approves it
 */
public record ApplianceNode(
        String hostname,
        MachineKey machine,
        NodeKey key,
        DiscoKey disco,
        Hostinfo hostinfo,
        List<IpPrefix> advertised,
        int capver) {
    /** Its tag: administrators own it without saying so. */
    public static final String TAG = "tag:hearth";

    public ApplianceNode {
        advertised = List.copyOf(advertised);
    }
}
