package hearth.policy;

import hearth.base.IpAddress;
import hearth.base.IpRange;
import hearth.base.Problem;
import hearth.control.SSHAction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What only a world can say against a policy: tests that fail, names that are not unique, domains
 * of strangers.
 */
final class PolicyTests {
    /** One end of a tested flow: a device with both its addresses, or an address alone. */
    private record End(@Nullable NodeState node, List<IpAddress> addresses) {
        String at() {
            return node != null && StandIns.standsIn(node.device)
                    ? "no device yet"
                    : "\"" + addresses.getFirst() + "\"";
        }
    }

    private final Document document;
    private final World world;
    private final StandIns standIns;
    private final Roster actual;
    private final FirstMatch actualMatch;
    private final SshCompiler actualSsh;

    // the tailnet with those who stand in, or with the posture that the running test asks for
    private Roster roster;
    private FirstMatch match;
    private SshCompiler ssh;
    private final List<Problem> problems = new ArrayList<>();

    PolicyTests(
            Document document,
            World world,
            Roster roster,
            Collection<PartState> plain,
            Map<String, List<PartState>> self,
            SshCompiler ssh) {
        this.document = document;
        this.world = world;
        this.standIns = new StandIns(document, world, roster);
        if (standIns.none()) {
            this.actual = roster;
            this.actualMatch = new FirstMatch(roster, plain, self);
            this.actualSsh = ssh;
        } else {
            Walk walk = new Walk(document, world.with(standIns.all()));
            this.actual = walk.roster;
            this.actualMatch = walk.match;
            this.actualSsh = new SshCompiler(document, walk.roster, null);
        }
        this.roster = actual;
        this.match = actualMatch;
        this.ssh = actualSsh;
    }

    /** Lets the next flows come from devices that have exactly these posture attributes. */
    private void stage(Map<String, String> attributes) {
        roster = actual;
        match = actualMatch;
        ssh = actualSsh;
        if (attributes.isEmpty()) {
            return;
        }
        List<Device> devices = new ArrayList<>();
        for (Device d : standIns.all()) {
            devices.add(d.withAttributes(attributes));
        }
        Walk walk = new Walk(document, world.with(devices));
        roster = walk.roster;
        match = walk.match;
        ssh = new SshCompiler(document, roster, null);
    }

    List<Problem> objections() {
        document.domains().forEach(this::checkDomain);
        for (Text t : document.shortLogins()) {
            if (roster.identities.isShared(t.value())) {
                String text = "\"" + t.value() + "\": several users have this name, add the domain";
                problem(t.place(), "ambiguous-user", text);
            }
        }
        if (!document.tests().isEmpty() || !document.sshTests().isEmpty()) {
            document.tests().forEach(this::run);
            document.sshTests().forEach(this::run);
        }
        return problems;
    }

    private void problem(Place at, String code, String text) {
        problems.add(document.positions().problem(at.path(), at.offset(), code, text));
    }

    private static String domainOf(String login) {
        return login.substring(login.lastIndexOf('@') + 1);
    }

    /** Anybody can get a login there: it says nothing about whom one belongs to. */
    private static final Set<String> ANYBODYS =
            Set.of(
                    "aol.com",
                    "fastmail.com",
                    "gmail.com",
                    "gmx.com",
                    "gmx.de",
                    "gmx.net",
                    "googlemail.com",
                    "hey.com",
                    "hotmail.com",
                    "icloud.com",
                    "live.com",
                    "mac.com",
                    "mail.com",
                    "mail.ru",
                    "me.com",
                    "msn.com",
                    "outlook.com",
                    "proton.me",
                    "protonmail.com",
                    "qq.com",
                    "tutanota.com",
                    "web.de",
                    "yahoo.com",
                    "yandex.ru",
                    "zoho.com");

    private void checkDomain(Document.NamedDomain d) {
        String own = domainOf(world.owner());
        boolean known = d.domain().equals(own);
        String named = d.domain();
        if (document.dialect() == Policy.Dialect.HEARTH) {
            known |=
                    d.domain().equalsIgnoreCase(own)
                            || world.users().stream()
                                    .anyMatch(
                                            m -> domainOf(m.login()).equalsIgnoreCase(d.domain()));
        } else if (!known && d.domain().equalsIgnoreCase(own)) {
            // recorded: for its own domain in capitals the service names that of passkey accounts
            named = "PASSKEY";
        }
        if (!known || ANYBODYS.contains(d.domain().toLowerCase(Locale.ROOT))) {
            problem(
                    d.place(),
                    "domain",
                    d.prefix()
                            + named
                            + " is not associated with this Tailnet and cannot be used in"
                            + " user:*@<domain> expressions");
        }
    }

    private void run(Document.PolicyTest test) {
        stage(test.attributes());
        if (test.protocols().isEmpty()) {
            failed(test.place(), "the protocol of the test is not known");
            return;
        }
        List<End> from = test.from() == null ? List.of() : ends(test.from(), null);
        if (from.isEmpty()) {
            failed(test.place(), "source \"" + test.source() + "\" means no device");
            return;
        }
        if (test.accept().isEmpty() && test.deny().isEmpty()) {
            failed(test.place(), "a test needs accept or deny");
        }
        test.accept().forEach(f -> run(test, from, f, true));
        test.deny().forEach(f -> run(test, from, f, false));
    }

    private void failed(Place at, String text) {
        problem(at, InvalidPolicy.TEST_FAILED, text);
    }

    private void run(
            Document.PolicyTest test, List<End> from, Document.TestFlow flow, boolean accept) {
        String address = "address \"" + flow.text().value() + "\": ";
        if (flow.to() == null || !flow.wrong().isEmpty()) {
            failed(flow.text().place(), address + flow.wrong());
            return;
        }
        if (flow.port() != 0 && test.protocols().stream().noneMatch(Ports::hasPorts)) {
            failed(flow.text().place(), address + "this protocol has no ports, use 0");
            return;
        }
        int pairs = 0;
        int open = 0;
        for (End f : from) {
            for (End t : ends(flow.to(), f)) {
                pairs++;
                open += allows(f, t, flow.port(), test.protocols()) ? 1 : 0;
            }
        }
        if (pairs == 0) {
            failed(flow.text().place(), address + "means no device");
        } else if (accept && open < pairs) {
            failed(flow.text().place(), address + "want: Accept, got: Drop");
        } else if (!accept && open > 0) {
            failed(flow.text().place(), address + "want: Drop, got: Accept");
        }
    }

    /**
     * What {@code s} means, of a range both its ends; {@code other} is the source when {@code s} is
     * a destination.
     */
    private List<End> ends(Selector s, @Nullable End other) {
        List<End> out = new ArrayList<>();
        switch (s) {
            case Selector.Addresses a -> {
                for (IpRange r : a.set().ranges()) {
                    out.add(new End(match.node(r.first()), List.of(r.first())));
                    if (!r.last().equals(r.first())) {
                        out.add(new End(match.node(r.last()), List.of(r.last())));
                    }
                }
            }
            case Selector.Auto(AutoGroup g) when g == AutoGroup.SELF -> {
                NodeState n = other == null ? null : other.node();
                String login = n == null ? "" : login(n);
                for (NodeState o : roster.members(new Selector.User(login))) {
                    out.add(end(o));
                }
            }
            case Selector.Everyone _,
                    Selector.User _,
                    Selector.Group _,
                    Selector.Tag _,
                    Selector.Auto _,
                    Selector.Domain _,
                    Selector.Named _,
                    Selector.Service _ ->
                    members(s).forEach(n -> out.add(end(n)));
        }
        return out;
    }

    private List<NodeState> members(Selector s) {
        List<Long> instead = standIns.of(s);
        return instead.isEmpty()
                ? roster.members(s)
                : instead.stream().map(id -> Objects.requireNonNull(roster.byId.get(id))).toList();
    }

    private static End end(NodeState n) {
        return new End(n, List.of(n.device.v4(), n.device.v6()));
    }

    private static String login(NodeState n) {
        String user = n.device.user();
        return n.isTagged() || user == null ? "" : user.toLowerCase(Locale.ROOT);
    }

    /** Whether any of the protocols may go by any family that both ends have. */
    private boolean allows(End from, End to, int port, List<Integer> protocols) {
        for (IpAddress source : from.addresses()) {
            for (IpAddress destination : to.addresses()) {
                if (source.v4() != destination.v4()) {
                    continue;
                }
                for (int protocol : protocols) {
                    if (match.allows(new FirstMatch.Flow(source, destination, protocol, port))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void run(Document.SshTest test) {
        stage(test.attributes());
        List<End> from = test.from() == null ? List.of() : ends(test.from(), null);
        if (from.isEmpty()) {
            failed(test.place(), "source \"" + test.source() + "\" means no device");
            return;
        }
        if (test.accept().isEmpty() && test.check().isEmpty() && test.deny().isEmpty()) {
            failed(test.place(), "a test needs accept, check or deny");
            return;
        }
        if (test.destinations().isEmpty()) {
            failed(test.place(), "a test needs a dst");
        }
        for (Selector to : test.destinations()) {
            if (to == null) {
                failed(test.place(), "a dst of the test means nothing");
                continue;
            }
            test.accept().forEach(u -> run(test, from, to, u, Want.ACCEPT));
            test.check().forEach(u -> run(test, from, to, u, Want.CHECK));
            test.deny().forEach(u -> run(test, from, to, u, Want.DENY));
        }
    }

    private enum Want {
        ACCEPT,
        CHECK,
        DENY
    }

    private void run(Document.SshTest test, List<End> from, Selector to, Text user, Want want) {
        String name = user.value().strip();
        int pairs = 0;
        for (End f : from) {
            for (End t : ends(to, f)) {
                if (t.node() == null) {
                    continue;
                }
                pairs++;
                @Nullable Want got = name.isEmpty() ? null : answer(f, t.node(), name, want);
                if (got != want) {
                    failed(
                            user.place(),
                            "src \"%s\" at %s, dst \"%s\" at %s, ssh user \"%s\": want: \"%s\" got: \"%s\""
                                    .formatted(
                                            test.source(),
                                            f.at(),
                                            to,
                                            t.at(),
                                            name,
                                            word(want),
                                            got == null ? "invalid user" : word(got)));
                    return;
                }
            }
        }
        if (pairs == 0) {
            failed(user.place(), "dst \"" + to + "\" means no device");
        }
    }

    private static String word(Want want) {
        return want.name().toLowerCase(Locale.ROOT);
    }

    /** What the addresses of a source get; what is not wanted when they differ. */
    private Want answer(End from, NodeState to, String user, Want want) {
        for (IpAddress a : from.addresses()) {
            SSHAction action = ssh.decide(to, a.toString(), user);
            Want got = Want.DENY;
            if (action != null && !action.reject()) {
                got = SshCompiler.isCheck(action) ? Want.CHECK : Want.ACCEPT;
            }
            // who may come after a check may come
            if (got != want && !(want == Want.ACCEPT && got == Want.CHECK)) {
                return got;
            }
        }
        return want;
    }
}
