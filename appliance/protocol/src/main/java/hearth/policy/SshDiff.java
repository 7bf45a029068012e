package hearth.policy;

import hearth.control.SSHAction;
import hearth.control.SSHPolicy;
import hearth.control.SSHPrincipal;
import hearth.control.SSHRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who may log in to one device by SSH, as whom and how, before a save and after it. */
final class SshDiff {
    private static final String ANY = "*";
    private static final String ROOT = "root";

    private final Device at;
    private final CompiledPolicy before;
    private final CompiledPolicy after;
    private final Map<String, Set<String>> gained = new TreeMap<>(); // what, by whom
    private final Map<String, Set<String>> lost = new TreeMap<>();

    private SshDiff(Device at, CompiledPolicy before, CompiledPolicy after) {
        this.at = at;
        this.before = before;
        this.after = after;
    }

    /**
     * Adds what changes at {@code at}; returns how many sources were looked at.
     *
     * @param devices by IPv4 address as rules write it
     */
    static int compare(
            Device at,
            Map<String, Device> devices,
            CompiledPolicy before,
            CompiledPolicy after,
            List<PolicyDiff.Change> gains,
            List<PolicyDiff.Change> losses) {
        SSHPolicy was = before.ssh(at.id());
        SSHPolicy is = after.ssh(at.id());
        if (Objects.equals(was, is) && !checks(was)) {
            return 0;
        }
        var diff = new SshDiff(at, before, after);
        int sources = diff.run(devices, rules(was), rules(is));
        diff.gained.forEach((what, who) -> gains.add(diff.change(true, who, what)));
        diff.lost.forEach((what, who) -> losses.add(diff.change(false, who, what)));
        return sources;
    }

    private PolicyDiff.Change change(boolean gains, Set<String> who, String what) {
        return new PolicyDiff.Change(gains, List.copyOf(who), at.name(), what);
    }

    /** The length of a check's hold is not in what the client is sent. */
    private static boolean checks(@Nullable SSHPolicy policy) {
        return rules(policy).stream().anyMatch(r -> r.action().holdAndDelegate() != null);
    }

    private static List<SSHRule> rules(@Nullable SSHPolicy policy) {
        return policy == null ? List.of() : policy.rules();
    }

    private int run(Map<String, Device> devices, List<SSHRule> was, List<SSHRule> is) {
        List<Set<String>> wasFrom = was.stream().map(SshDiff::sources).toList();
        List<Set<String>> isFrom = is.stream().map(SshDiff::sources).toList();
        Set<String> all = new HashSet<>();
        wasFrom.forEach(all::addAll);
        isFrom.forEach(all::addAll);
        Set<String> accounts = new TreeSet<>(List.of(ROOT, ANY));
        was.forEach(r -> accounts.addAll(r.sshUsers().keySet()));
        is.forEach(r -> accounts.addAll(r.sshUsers().keySet()));
        int looked = 0;
        for (String ip : all) {
            Device from = devices.get(ip);
            if (from == null || from.id() == at.id()) {
                continue;
            }
            looked++;
            Map<String, List<String>> more = new LinkedHashMap<>(); // accounts by how
            Map<String, List<String>> less = new LinkedHashMap<>();
            for (String account : accounts) {
                String old = how(before, from, was, wasFrom, ip, account);
                String now = how(after, from, is, isFrom, ip, account);
                if (!old.equals(now)) {
                    note(less, old, account);
                    note(more, now, account);
                }
            }
            more.forEach((how, who) -> put(gained, "ssh as " + words(who) + how, from));
            less.forEach((how, who) -> put(lost, "ssh as " + words(who) + how, from));
        }
        return looked;
    }

    private static void note(Map<String, List<String>> out, String how, String account) {
        if (!how.isEmpty()) {
            out.computeIfAbsent(how.strip().isEmpty() ? "" : how, _ -> new ArrayList<>())
                    .add(account);
        }
    }

    private static void put(Map<String, Set<String>> out, String what, Device from) {
        out.computeIfAbsent(what, _ -> new TreeSet<>()).add(from.name());
    }

    private static Set<String> sources(SSHRule rule) {
        Set<String> out = new HashSet<>();
        for (SSHPrincipal p : rule.principals()) {
            String ip = p.nodeIP();
            if (ip != null) {
                out.add(ip);
            }
        }
        return out;
    }

    /** Empty when the account is refused, blank when it is let in, else under which condition. */
    private String how(
            CompiledPolicy policy,
            Device from,
            List<SSHRule> rules,
            List<Set<String>> sources,
            String ip,
            String account) {
        for (int i = 0; i < rules.size(); i++) {
            if (!sources.get(i).contains(ip)) {
                continue;
            }
            SSHAction action = rules.get(i).action();
            if (action.reject()) {
                return "";
            }
            String recorded = action.recorders().isEmpty() ? "" : ", recorded";
            if (!SshDenials.local(rules.get(i).sshUsers(), account).isEmpty()) {
                if (SshCompiler.isUnrecorded(action)) {
                    return "";
                }
                if (action.holdAndDelegate() == null) {
                    return recorded.isEmpty() ? " " : recorded;
                }
                Duration period = policy.sshCheckPeriod(from.id(), at.id(), account);
                return period == null || period.isZero()
                        ? ", confirmed each time" + recorded
                        : ", confirmed every " + words(period) + recorded;
            }
        }
        return "";
    }

    private static String words(Duration period) {
        return period.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    private static String words(List<String> accounts) {
        if (accounts.contains(ANY)) {
            return accounts.contains(ROOT) ? "any account" : "any account but root";
        }
        return String.join(", ", accounts);
    }
}
