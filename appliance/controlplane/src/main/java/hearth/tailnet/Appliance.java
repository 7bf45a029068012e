package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.Refused;
import java.util.List;
import java.util.random.RandomGenerator;

/** The appliance's own node: there from the first start, tagged, without end. */
final class Appliance {
    private Appliance() {}

    static Node ensure(Draft d, RandomGenerator random, ApplianceNode f) throws Refused {
        Node was = null;
        for (Node n : d.view().nodes()) {
            if (n.local() && n.tags().contains(ApplianceNode.TAG)) {
                was = n;
            }
        }
        Node is = was == null ? create(d, random, f) : update(d, was, f);
        if (!is.equals(was)) {
            d.put(is);
        }
        if (was == null) {
            d.audit(Audit.node(d, Actor.SYSTEM, "CREATE", is).details(is.v4() + ", " + is.v6()));
        }
        return is;
    }

    private static Node update(Draft d, Node was, ApplianceNode f) {
        Node.Edit e = was.edit();
        e.key = f.key();
        e.disco = f.disco();
        e.hostinfo = f.hostinfo();
        e.advertised = f.advertised();
        e.capver = f.capver();
        e.loggedOut = false;
        e.expired = false;
        e.expiryDisabled = true;
        e.authorized = true;
        e.hostname = f.hostname();
        if (was.givenName() == null) {
            e.name = Names.follow(d.view(), was, f.hostname());
        }
        return e.done();
    }

    private static Node create(Draft d, RandomGenerator random, ApplianceNode f) throws Refused {
        IpAddress v4 = Addresses.next(d);
        long id = d.nextNodeId();
        return new Node(
                id,
                "n" + Secrets.base58(random, 11) + "CNTRL",
                f.machine(),
                f.key(),
                f.disco(),
                User.TAGGED_ID,
                List.of(ApplianceNode.TAG),
                f.hostname(),
                Names.unique(d.view(), Names.label(f.hostname()), id),
                null,
                v4,
                Addresses.v6(v4),
                List.of(),
                0,
                f.hostinfo(),
                f.advertised(),
                List.of(),
                d.now,
                null,
                true,
                false,
                false,
                false,
                true,
                f.capver(),
                null,
                true,
                true,
                d.now);
    }
}
