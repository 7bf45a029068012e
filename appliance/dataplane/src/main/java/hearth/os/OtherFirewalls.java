package hearth.os;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Other packet filters of this machine that drop what is forwarded, as Docker, ufw and plain
 * iptables do by the policy of their FORWARD chain. No rule of ours can overrule a drop in another
 * table, so with iptables two rules of ours go to that chain, before the end where everything is
 * dropped: what somebody wrote by hand before it still counts. Another table that drops is a
 * problem in words. Confined to one thread.
 */
final class OtherFirewalls {
    private static final String MARKED = "-m comment --comment hearth ";
    private static final Pattern FINAL =
            Pattern.compile("-A FORWARD -j (DROP|REJECT)( --reject-with \\S+)?");
    private static final Pattern TABLE = Pattern.compile("table (\\w+ \\S+) \\{");
    private static final Pattern CHAIN = Pattern.compile("\\s+chain (\\S+) \\{");

    private final String tun;

    OtherFirewalls(String tun) {
        this.tun = tun;
    }

    /**
     * Lets packets from the TUN, and answers to them, pass.
     *
     * @param siteGateway also what is no answer
     * @param chains what {@code nft list chains} says
     * @return what still drops, and how to end that
     */
    List<String> pass(boolean siteGateway, String chains) {
        List<String> problems = new ArrayList<>();
        Set<String> handled = new HashSet<>();
        if (passIptables("iptables", siteGateway, problems)) {
            handled.add("ip filter FORWARD");
        }
        if (passIptables("ip6tables", siteGateway, problems)) {
            handled.add("ip6 filter FORWARD");
        }
        for (String chain : dropping(chains)) {
            if (!handled.contains(chain) && !mentionsTun(chain)) {
                problems.add(remedy(chain, siteGateway));
            }
        }
        return problems;
    }

    /** Takes the rules out again, also those of an earlier run. */
    void undo() {
        for (String program : List.of("iptables", "ip6tables")) {
            Program.Result now = iptables(program, "-S");
            if (now.ok()) {
                ours(now.text()).forEach(rule -> iptables(program, "-D " + rule));
            }
        }
    }

    /** Whether the program is there and the chain is no hindrance any more. */
    private boolean passIptables(String program, boolean siteGateway, List<String> problems) {
        Program.Result now = iptables(program, "-S");
        if (!now.ok()) {
            return false;
        }
        List<String> lines = now.text().lines().toList();
        List<String> wanted = rules(lines, siteGateway);
        List<String> there = ours(now.text());
        if (there.equals(wanted) && place(lines) == place(withoutOurs(lines)) + there.size()) {
            return true;
        }
        there.forEach(rule -> iptables(program, "-D " + rule));
        int place = place(withoutOurs(lines));
        for (String rule : wanted) {
            String at = "-I FORWARD " + place++;
            Program.Result put = iptables(program, rule.replaceFirst("FORWARD", at));
            if (!put.ok()) {
                problems.add("forwarded packets are dropped, " + put.problem());
                return true;
            }
        }
        return true;
    }

    /** The rules that {@code lines} of {@code iptables -S} ask for, as it would list them. */
    private List<String> rules(List<String> lines, boolean siteGateway) {
        boolean drops =
                lines.contains("-P FORWARD DROP")
                        || lines.stream().anyMatch(l -> FINAL.matcher(l).matches());
        if (!drops) {
            return List.of();
        }
        String state = siteGateway ? "" : "-m conntrack --ctstate RELATED,ESTABLISHED ";
        return List.of(
                "FORWARD -i " + tun + " " + MARKED + "-j ACCEPT",
                "FORWARD -o " + tun + " " + state + MARKED + "-j ACCEPT");
    }

    /** The number of the rule that drops all that came so far, or of the one behind the last. */
    private static int place(List<String> lines) {
        int number = 1;
        for (String line : lines) {
            if (FINAL.matcher(line).matches()) {
                return number;
            }
            number += line.startsWith("-A FORWARD ") ? 1 : 0;
        }
        return number;
    }

    private static List<String> withoutOurs(List<String> lines) {
        return lines.stream().filter(l -> !isOurs(l)).toList();
    }

    private static boolean isOurs(String line) {
        return line.startsWith("-A FORWARD ") && line.contains(MARKED);
    }

    private static List<String> ours(String listing) {
        return listing.lines()
                .filter(OtherFirewalls::isOurs)
                .map(line -> line.substring("-A ".length()))
                .toList();
    }

    private static Program.Result iptables(String program, String words) {
        List<String> all = new ArrayList<>(List.of(program, "-w", "5"));
        all.addAll(List.of(words.split(" ", -1)));
        return Program.run(all, "");
    }

    /** The chains of others that drop what is forwarded by their policy: family, table, name. */
    static List<String> dropping(String chains) {
        List<String> found = new ArrayList<>();
        String table = "";
        String chain = "";
        for (String line : chains.lines().toList()) {
            var t = TABLE.matcher(line);
            var c = CHAIN.matcher(line);
            if (t.matches()) {
                table = t.group(1);
            } else if (c.matches()) {
                chain = c.group(1);
            } else if (line.contains("type filter hook forward ")
                    && line.contains("policy drop;")
                    && !table.equals(RouterScript.NFT_TABLE)) {
                found.add(table + " " + chain);
            }
        }
        return found;
    }

    private boolean mentionsTun(String chain) {
        List<String> words = new ArrayList<>(List.of("nft", "list", "chain"));
        words.addAll(List.of(chain.split(" ", -1)));
        return Program.run(words, "").text().contains('"' + tun + '"');
    }

    private String remedy(String chain, boolean siteGateway) {
        String rule = "nft add rule " + chain;
        return "forwarded packets are dropped by nft chain %s: %s iifname %s accept; %s oifname %s%s accept"
                .formatted(
                        chain,
                        rule,
                        tun,
                        rule,
                        tun,
                        siteGateway ? "" : " ct state established,related");
    }
}
