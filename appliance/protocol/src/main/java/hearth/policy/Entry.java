package hearth.policy;

import java.util.BitSet;

/**
 * A node on one side of a rule.
 *
 * @param named whether an identity selector means the node, so that both its addresses count
 * @param routes those of the node's routes that the rule concerns
 */
record Entry(NodeState node, boolean named, BitSet routes) {
    static final BitSet NO_ROUTES = new BitSet();

    Entry join(Entry o) {
        BitSet both = routes;
        if (!o.routes.isEmpty() && !o.routes.equals(routes)) {
            both = (BitSet) routes.clone();
            both.or(o.routes);
        }
        return new Entry(node, named || o.named, both);
    }
}
