package hearth.policy;

import hearth.policy.hujson.HuString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code ssh} and {@code sshTests}. */
final class SshReader {
    private static final Duration DEFAULT_PERIOD = Duration.ofHours(12);
    private static final Duration LONGEST_PERIOD = Duration.ofDays(7);
    private static final String LOCALPART = "localpart:*@";
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
        List<String> recorders = recorders(f.texts("recorder"));
        boolean enforceRecorder = f.flag("enforceRecorder");
        List<String> postures = rules.postures(f);
        f.refuseOthers();
        checkOwnership(f, sources, destinations, action);
        return new SshRule(
                f.place(),
                action,
                sources,
                destinations,
                users,
                period,
                environment,
                postures,
                recorders,
                enforceRecorder);
    }

    /** Devices of one tag record; with more than one device the others stand in. */
    private List<String> recorders(List<Text> texts) {
        List<String> out = rules.tags(texts, "recorder");
        if (texts.size() > 1) {
            sheet.problem(texts.get(1).place(), "recorder", "recorder can only have a single tag");
        }
        return out;
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
        Duration d = Duration.ZERO;
        String wrong = null;
        if (!t.value().equals("always")) {
            try {
                d = GoDuration.parse(t.value());
            } catch (GoDuration.Malformed e) {
                wrong = e.text();
            }
        }
        if (wrong == null && action != SshRule.Action.CHECK) {
            wrong = "checkPeriod is only valid with action \"check\"";
        } else if (d.isNegative()) {
            wrong = "checkPeriod " + GoDuration.format(d) + " must be a positive duration";
        } else if (d.compareTo(LONGEST_PERIOD) > 0) {
            wrong = "checkPeriod " + GoDuration.format(d) + " is above the max (168h)";
        }
        if (wrong != null) {
            sheet.problem(t.place(), "check-period", wrong);
        }
        return d;
    }

    /** Devices of users are for their owners only. */
    private void checkOwnership(
            Fields f, List<Selector> sources, List<Selector> destinations, SshRule.Action action) {
        boolean tagged =
                sources.stream().anyMatch(s -> s instanceof Selector.Tag || s.is(AutoGroup.TAGGED));
        for (Selector d : destinations) {
            String wrong = null;
            if (d instanceof Selector.User) {
                boolean same = !sources.isEmpty() && sources.stream().allMatch(d::equals);
                wrong = same ? null : "users in dst are only allowed from the same user";
            } else if (tagged && (d.is(AutoGroup.SELF) || d.is(AutoGroup.MEMBER))) {
                wrong = d + " can only be used with users, groups, or supported autogroups";
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
        if (source != null
                && dialect == Policy.Dialect.TAILSCALE
                && from.startsWith("autogroup:")) {
            sheet.problem(
                    source.place(),
                    "ssh-test",
                    "SSH tests src contains disallowed element \"" + from + "\"");
        }
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
                        rules.tokens().testSource(from, f.place("src")),
                        f.plainValues("srcPostureAttrs"),
                        to,
                        f.texts("accept"),
                        f.texts("check"),
                        f.texts("deny"));
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
        if (tag || wide || isDisallowed(d)) {
            String what = tag ? "unknown tag" : "disallowed element";
            sheet.problem(
                    t.place(), "ssh-test", "SSH tests dst contains " + what + " \"" + d + "\"");
        }
        return null;
    }

    /** Autogroups of which no device can be a member. */
    private static boolean isDisallowed(String destination) {
        AutoGroup g = AutoGroup.parse(destination);
        return destination.startsWith("autogroup:")
                && (g == null || g == AutoGroup.INTERNET || g == AutoGroup.DANGER_ALL);
    }
}
