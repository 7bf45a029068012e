package hearth.policy;

import hearth.policy.hujson.HuString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code ssh} and {@code sshTests}. */
final class SshReader {
    private static final Duration DEFAULT_PERIOD = Duration.ofHours(12);
    private static final Duration LONGEST_PERIOD = Duration.ofDays(7);
    private static final String LOCALPART = "localpart:*@";
    private static final Pattern DURATION_PART =
            Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> UNIT_NANOS =
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "µs", 1_000L,
                    "μs", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "h", 3_600_000_000_000L);

    private final Sheet sheet;
    private final RuleReader rules;
    private final List<Document.NamedDomain> domains;
    private final Policy.Dialect dialect;

    SshReader(
            Sheet sheet,
            RuleReader rules,
            List<Document.NamedDomain> domains,
            Policy.Dialect dialect) {
        this.dialect = dialect;
        this.sheet = sheet;
        this.rules = rules;
        this.domains = domains;
    }

    /** The domain of {@code localpart:*@DOMAIN}; any other text is a plain user name. */
    static @Nullable String localpartDomain(String user) {
        return user.startsWith(LOCALPART) && user.length() > LOCALPART.length()
                ? user.substring(LOCALPART.length())
                : null;
    }

    SshRule rule(Fields f) {
        SshRule.Action action = action(f);
        List<Selector> sources = rules.selectors(f.texts("src"), Tokens.Side.SSH_SOURCE, "[ssh] ");
        List<Selector> destinations =
                rules.selectors(f.texts("dst"), Tokens.Side.SSH_DESTINATION, "[ssh] ");
        List<String> users = users(f);
        Duration period = checkPeriod(f, action);
        List<String> environment = new ArrayList<>();
        for (Text t : f.texts("acceptEnv")) {
            if (t.value().isEmpty()) {
                sheet.problem(t.place(), "accept-env", "acceptEnv values cannot be empty");
            }
            environment.add(t.value());
        }
        for (Text t : f.texts("recorder")) {
            sheet.problem(t.place(), "recorder", "session recording is not available here");
        }
        f.flag("enforceRecorder");
        List<String> postures = rules.postures(f);
        f.refuseOthers();
        checkOwnership(f, sources, destinations, action);
        return new SshRule(
                f.place(), action, sources, destinations, users, period, environment, postures);
    }

    private SshRule.Action action(Fields f) {
        Text t = f.text("action");
        String action = t == null ? "" : t.value().strip();
        return switch (action) {
            case "accept" -> SshRule.Action.ACCEPT;
            case "check" -> SshRule.Action.CHECK;
            case "" -> {
                sheet.problem(f.place("action"), "action", "action must be specified");
                yield SshRule.Action.ACCEPT;
            }
            default -> {
                if (action.equals("deny") && dialect == Policy.Dialect.HEARTH) {
                    yield SshRule.Action.DENY;
                }
                sheet.problem(
                        f.place("action"), "action", "\"" + action + "\" is not a valid action");
                yield SshRule.Action.ACCEPT;
            }
        };
    }

    private List<String> users(Fields f) {
        List<String> out = new ArrayList<>();
        for (Text t : f.texts("users")) {
            String user = t.value().strip();
            if (user.isEmpty() || user.equals("*")) {
                sheet.problem(t.place(), "ssh-user", "user \"" + user + "\" is not valid");
            }
            String domain = localpartDomain(user);
            if (domain != null) {
                domains.add(new Document.NamedDomain(t.place(), "", domain));
            }
            out.add(user);
        }
        if (out.isEmpty()) {
            sheet.problem(f.place("users"), "ssh-user", "users must be specified");
        }
        return out;
    }

    private Duration checkPeriod(Fields f, SshRule.Action action) {
        Text t = f.text("checkPeriod");
        if (t == null) {
            return DEFAULT_PERIOD;
        }
        if (t.value().equals("always")) {
            return Duration.ZERO;
        }
        Duration d = parseDuration(t.value());
        String wrong = null;
        if (d == null) {
            wrong = "time: invalid duration \"" + t.value() + "\"";
        } else if (d.isNegative()) {
            wrong = "checkPeriod " + goText(d) + " must be a positive duration";
        } else if (d.compareTo(LONGEST_PERIOD) > 0) {
            wrong = "checkPeriod " + goText(d) + " is above the max (168h)";
        } else if (action != SshRule.Action.CHECK) {
            wrong = "checkPeriod is only valid with action \"check\"";
        }
        if (wrong != null) {
            sheet.problem(t.place(), "check-period", wrong);
        }
        return d == null ? DEFAULT_PERIOD : d;
    }

    /** Go's time.ParseDuration: {@code 1h30m}, {@code -1.5h}, {@code 0}; null for anything else. */
    static @Nullable Duration parseDuration(String text) {
        boolean negative = text.startsWith("-");
        String s = negative || text.startsWith("+") ? text.substring(1) : text;
        if (s.equals("0")) {
            return Duration.ZERO;
        }
        Matcher m = DURATION_PART.matcher(s);
        double nanos = 0;
        int at = 0;
        while (m.find(at) && m.start() == at) {
            Long unit = UNIT_NANOS.get(m.group(2));
            nanos += Double.parseDouble(m.group(1)) * (unit == null ? 0 : unit);
            at = m.end();
            if (at == s.length() && nanos <= Long.MAX_VALUE) {
                return Duration.ofNanos(negative ? -(long) nanos : (long) nanos);
            }
        }
        return null;
    }

    /** How Go writes a duration of whole seconds: {@code 200h0m0s}, {@code -1m0s}, {@code 30s}. */
    static String goText(Duration d) {
        Duration a = d.abs();
        StringBuilder out = new StringBuilder(d.isNegative() ? "-" : "");
        if (a.toHours() > 0) {
            out.append(a.toHours()).append('h');
        }
        if (a.toMinutes() > 0) {
            out.append(a.toMinutesPart()).append('m');
        }
        return out.append(a.toSecondsPart()).append('s').toString();
    }

    /** Devices of users are for their owners only. */
    private void checkOwnership(
            Fields f, List<Selector> sources, List<Selector> destinations, SshRule.Action action) {
        boolean tagged =
                sources.stream().anyMatch(s -> s instanceof Selector.Tag || s.is(AutoGroup.TAGGED));
        for (Selector d : destinations) {
            String wrong = null;
            if (d instanceof Selector.User) {
                boolean same = sources.size() == 1 && sources.getFirst().equals(d);
                wrong = same ? null : "invalid dst \"" + d + "\"";
            } else if (tagged && (d.is(AutoGroup.SELF) || d.is(AutoGroup.MEMBER))) {
                wrong =
                        "\""
                                + d
                                + "\" can only be used with users, groups, or supported autogroups";
            }
            if (wrong != null) {
                sheet.problem(f.place("dst"), "ssh-destination", wrong);
                return;
            }
        }
        if (tagged && action == SshRule.Action.CHECK) {
            sheet.problem(f.place("action"), "action", "tagged devices cannot use check mode");
        }
    }

    Document.SshTest test(Fields f) {
        Text source = f.text("src");
        String from = source == null ? "" : source.value().strip();
        List<Text> destinations =
                f.get("dst") instanceof HuString s
                        ? List.of(new Text(s.value(), f.place("dst")))
                        : f.texts("dst");
        List<@Nullable Selector> to = new ArrayList<>();
        for (Text t : destinations) {
            to.add(testDestination(t));
        }
        var test =
                new Document.SshTest(
                        f.place(),
                        from,
                        rules.tokens().testSource(from),
                        to,
                        f.texts("accept"),
                        f.texts("check"),
                        f.texts("deny"));
        f.object("srcPostureAttrs");
        f.refuseOthers();
        return test;
    }

    /** A destination of a test; one that merely names nothing makes the test fail later. */
    private @Nullable Selector testDestination(Text t) {
        String d = t.value().strip();
        Object parsed = rules.tokens().parse(d, Tokens.Side.SSH_TEST);
        boolean wide = parsed instanceof Selector.Addresses a && !Tokens.isSingle(a.set());
        if (parsed instanceof Selector s && !wide) {
            return s;
        }
        boolean tag = d.startsWith("tag:");
        if (tag || wide || d.startsWith("autogroup:")) {
            String what = tag ? "unknown tag" : "disallowed element";
            sheet.problem(
                    t.place(), "ssh-test", "SSH tests dst contains " + what + " \"" + d + "\"");
        }
        return null;
    }
}
