package hearth.os;

import hearth.base.IpPrefix;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text that {@code ip -batch} and {@code nft -f} get. Pure; docs/adr/0010 names the table,
 * priorities and marks and why.
 */
final class RouterScript {
    /** Our routing table; a tailscaled on the same machine uses 52. */
    static final int TABLE = 4168;

    /** Before a tailscaled's 5210 to 5270. */
    static final int PRIORITY_BYPASS = 5110;

    static final int PRIORITY_TABLE = 5150;

    /** Two bits that neither a tailscaled (0xff0000), Docker nor Kubernetes use. */
    static final String MARK_MASK = "0x3000000";

    private static final String OTHER_MARKS = "0xfcffffff"; // all but MARK_MASK
    static final String MARK_FORWARDED = "0x1000000";

    /** On the engine's own sockets: never into the TUN. */
    static final int MARK_BYPASS = 0x2000000;

    static final String NFT_TABLE = "inet hearth";

    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.-]{1,15}");

    private final String tun;
    private final int mtu;

    RouterScript(String tun, int mtu) {
        if (!INTERFACE.matcher(tun).matches()) {
            throw new IllegalArgumentException("interface name \"" + tun + "\"");
        }
        this.tun = tun;
        this.mtu = mtu;
    }

    /** Removes everything of ours, also what an earlier run left; missing things are no error. */
    static String undoIp() {
        return "rule del pref %d\nrule del pref %d\nroute flush table %d\n"
                .formatted(PRIORITY_BYPASS, PRIORITY_TABLE, TABLE);
    }

    static String undoNft() {
        return "add table %s\ndelete table %s\n".formatted(NFT_TABLE, NFT_TABLE);
    }

    /** Brings the TUN up and puts the rules in place, for one family after {@link #undoIp}. */
    String start(boolean v4) {
        String link = v4 ? "link set dev %s mtu %d up\n".formatted(tun, mtu) : "";
        return link
                + "rule add pref %d fwmark 0x%x/%s lookup main\n"
                        .formatted(PRIORITY_BYPASS, MARK_BYPASS, MARK_MASK)
                + "rule add pref %d lookup %d\n".formatted(PRIORITY_TABLE, TABLE);
    }

    /** Whether {@code ip rule} lists what {@link #start} put there. */
    static boolean hasRules(String listed) {
        return listed.lines().anyMatch(l -> l.startsWith(PRIORITY_BYPASS + ":"))
                && listed.lines().anyMatch(l -> l.startsWith(PRIORITY_TABLE + ":"));
    }

    /** From one state's addresses and routes to another's, for one family. */
    String change(RouterState from, RouterState to, boolean v4) {
        var out = new StringBuilder();
        for (IpPrefix p : only(from.routes(), to.routes(), v4)) {
            out.append("route del ").append(p).append(routeTail());
        }
        for (IpPrefix p : only(from.addresses(), to.addresses(), v4)) {
            out.append("address del ").append(p).append(" dev ").append(tun).append('\n');
        }
        for (IpPrefix p : only(to.addresses(), from.addresses(), v4)) {
            out.append("address replace ").append(p).append(" dev ").append(tun).append('\n');
        }
        for (IpPrefix p : only(to.routes(), from.routes(), v4)) {
            out.append("route replace ").append(p).append(routeTail());
        }
        return out.toString();
    }

    private String routeTail() {
        return " dev %s table %d\n".formatted(tun, TABLE);
    }

    private static Set<IpPrefix> only(Set<IpPrefix> in, Set<IpPrefix> notIn, boolean v4) {
        var out = new TreeSet<IpPrefix>();
        for (IpPrefix p : in) {
            if (p.address().v4() == v4 && !notIn.contains(p)) {
                out.add(p);
            }
        }
        return out;
    }

    /**
     * The whole packet filter, replaced in one transaction.
     *
     * @param tailnetElsewhere other interfaces with an address in the tailnet's ranges, as a
     *     provider's CGNAT or another tailscaled has: only our members' addresses are refused there
     */
    String nft(RouterState state, Collection<String> tailnetElsewhere) {
        String trusted = interfaces(List.of("lo", tun));
        var alsoElsewhere = new TreeSet<>(tailnetElsewhere);
        alsoElsewhere.removeIf(i -> !INTERFACE.matcher(i).matches());
        alsoElsewhere.addAll(List.of("lo", tun));
        String others = interfaces(alsoElsewhere);
        var out = new StringBuilder(undoNft());
        out.append("table ").append(NFT_TABLE).append(" {\n");
        out.append(members("members4", "ipv4_addr", state, true));
        out.append(members("members6", "ipv6_addr", state, false));
        out.append("  chain spoofed {\n");
        out.append("    iifname != ").append(trusted).append(" ip saddr @members4 drop\n");
        out.append("    iifname != ").append(trusted).append(" ip6 saddr @members6 drop\n");
        for (String range :
                List.of(
                        "ip saddr " + LinuxInterfaces.TAILNET_V4,
                        "ip6 saddr " + LinuxInterfaces.TAILNET_V6)) {
            out.append("    iifname != ")
                    .append(others)
                    .append(' ')
                    .append(range)
                    .append(" drop\n");
        }
        out.append("  }\n  chain input {\n");
        out.append("    type filter hook input priority filter - 10; policy accept;\n");
        out.append("    jump spoofed\n  }\n");
        out.append("  chain forward {\n");
        out.append("    type filter hook forward priority filter - 10; policy accept;\n");
        out.append("    jump spoofed\n");
        appendForward(out, state);
        out.append("  }\n");
        if (state.forwarding() && state.masquerade()) {
            out.append("  chain postrouting {\n");
            out.append("    type nat hook postrouting priority srcnat; policy accept;\n");
            out.append("    oifname != \"").append(tun).append("\" meta mark & ");
            out.append(MARK_MASK).append(" == ").append(MARK_FORWARDED).append(" masquerade\n");
            out.append("  }\n");
        }
        return out.append("}\n").toString();
    }

    private void appendForward(StringBuilder out, RouterState state) {
        String in = "    iifname \"" + tun + "\" ";
        String to = "    oifname \"" + tun + "\" ";
        if (!state.forwarding()) {
            out.append(in).append("drop\n").append(to).append("drop\n");
            return;
        }
        String clamp = "tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu\n";
        out.append(in).append("meta mark set meta mark & " + OTHER_MARKS + " | ");
        out.append(MARK_FORWARDED).append('\n');
        out.append(in).append(clamp).append(to).append(clamp);
        if (!state.siteGateway()) {
            out.append(to).append("ct state != { established, related } drop\n");
        }
    }

    private static String members(String set, String type, RouterState state, boolean v4) {
        String elements =
                Stream.concat(state.addresses().stream(), state.routes().stream())
                        .filter(p -> p.address().v4() == v4 && p.isSingleAddress())
                        .map(p -> p.address().toString())
                        .distinct()
                        .collect(Collectors.joining(", "));
        return "  set %s {\n    type %s\n%s  }\n"
                .formatted(
                        set,
                        type,
                        elements.isEmpty() ? "" : "    elements = { " + elements + " }\n");
    }

    private static String interfaces(Collection<String> names) {
        return names.stream().collect(Collectors.joining("\", \"", "{ \"", "\" }"));
    }
}
