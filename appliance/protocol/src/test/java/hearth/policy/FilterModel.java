package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import hearth.control.PortRange;
import java.util.List;

/** Reads filter rules as a client does, but takes ICMP as the rule says. */
final class FilterModel {
    private FilterModel() {}

    static boolean allows(List<FilterRule> rules, NaivePolicy.Flow flow) {
        return rules.stream().anyMatch(r -> allows(r, flow));
    }

    private static boolean allows(FilterRule rule, NaivePolicy.Flow flow) {
        List<Integer> protocols = rule.ipProto().isEmpty() ? List.of(6, 17, 1, 58) : rule.ipProto();
        if (!protocols.contains(flow.protocol())
                || rule.srcIPs().stream().noneMatch(s -> contains(s, flow.source()))) {
            return false;
        }
        for (NetPortRange target : rule.dstPorts()) {
            boolean hasPorts = List.of(6, 17, 132).contains(flow.protocol());
            boolean port =
                    hasPorts
                            ? target.ports().contains(flow.port())
                            : target.ports().equals(PortRange.ALL);
            if (port && contains(target.ip(), flow.destination())) {
                return true;
            }
        }
        return false;
    }

    static boolean contains(String wire, IpAddress a) {
        if (wire.equals("*")) {
            return true;
        }
        int dash = wire.indexOf('-');
        if (dash > 0) {
            IpAddress first = IpAddress.parse(wire.substring(0, dash));
            return first.v4() == a.v4()
                    && first.compareTo(a) <= 0
                    && a.compareTo(IpAddress.parse(wire.substring(dash + 1))) <= 0;
        }
        IpPrefix p = IpPrefix.tryParse(wire);
        return p == null ? IpAddress.parse(wire).equals(a) : p.contains(a);
    }
}
