package hearth.packet;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.IpRange;
import hearth.base.IpSet;
import hearth.control.FilterRule;
import hearth.control.NetPortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rules of a network map into filter boxes. What is not understood grants nothing: a
 * source or destination that does not parse is left out, a rule without protocols of 0 to 255 too.
 */
public final class FilterRules {
    private static final String ANY = "*";
    private static final String CAPABILITY = "cap:";

    private FilterRules() {}

    /**
     * The boxes of {@code rules}.
     *
     * @param capabilityHolders the addresses of the nodes that hold a node attribute, for sources
     *     written {@code cap:attribute}
     */
    public static List<FilterBox> boxes(
            List<FilterRule> rules, Function<String, IpSet> capabilityHolders) {
        List<FilterBox> out = new ArrayList<>();
        for (FilterRule rule : rules) {
            Set<Integer> protocols = protocols(rule.ipProto());
            if (protocols == null || rule.dstPorts().isEmpty()) {
                continue;
            }
            IpSet sources = sources(rule.srcIPs(), capabilityHolders);
            for (NetPortRange dst : rule.dstPorts()) {
                int first = dst.ports().first();
                int last = dst.ports().last();
                if (first < 0 || last > FilterBox.MAX_PORT || first > last) {
                    continue;
                }
                for (IpRange to : ranges(dst.ip())) {
                    out.add(new FilterBox(sources, to, first, last, protocols));
                }
            }
        }
        return out;
    }

    private static @Nullable Set<Integer> protocols(List<Integer> given) {
        if (given.isEmpty()) {
            return FilterBox.DEFAULT_PROTOCOLS;
        }
        Set<Integer> known = Set.copyOf(given.stream().filter(p -> p >= 0 && p <= 255).toList());
        return known.isEmpty() ? null : known;
    }

    private static IpSet sources(List<String> texts, Function<String, IpSet> capabilityHolders) {
        List<IpRange> ranges = new ArrayList<>();
        for (String text : texts) {
            ranges.addAll(
                    text.startsWith(CAPABILITY)
                            ? capabilityHolders.apply(text.substring(CAPABILITY.length())).ranges()
                            : ranges(text));
        }
        return IpSet.of(ranges);
    }

    private static List<IpRange> ranges(String text) {
        if (text.equals(ANY)) {
            return IpSet.ALL.ranges();
        }
        IpAddress address = IpAddress.tryParse(text);
        if (address != null) {
            return List.of(new IpRange(address, address));
        }
        IpPrefix prefix = IpPrefix.tryParse(text);
        if (prefix != null) {
            return List.of(prefix.range());
        }
        int dash = text.indexOf('-');
        if (dash < 0) {
            return List.of();
        }
        IpAddress first = IpAddress.tryParse(text.substring(0, dash));
        IpAddress last = IpAddress.tryParse(text.substring(dash + 1));
        if (first == null || last == null || first.v4() != last.v4()) {
            return List.of();
        }
        return first.compareTo(last) <= 0 ? List.of(new IpRange(first, last)) : List.of();
    }
}
