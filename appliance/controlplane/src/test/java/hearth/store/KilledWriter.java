package hearth.store;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.control.Hostinfo;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.tailnet.Actor;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Node;
import hearth.tailnet.RegisterFacts;
import hearth.tailnet.RegisterOutcome;
import hearth.tailnet.Role;
import hearth.tailnet.Tailnet;
import hearth.tailnet.TailnetOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * The process that {@link KillTest} kills: it changes a tailnet from several threads and prints one
 * line for each change after it was acknowledged.
 */
final class KilledWriter {
    private static final int THREADS = 4;
    private static final Actor ROOT = Actor.socket("owner@hearth.internal", "root");
    private static final SecureRandom RANDOM = new SecureRandom();

    private KilledWriter() {}

    public static void main(String[] args) throws Exception {
        var options =
                new TailnetOptions("hearth.internal", () -> "", InstantSource.system(), RANDOM);
        Tailnet t = Tailnet.open(options, SqliteJournal.open(Path.of(args[0])));
        say("ready");
        for (int i = 0; i < THREADS; i++) {
            Thread.ofPlatform().start(() -> changes(t));
        }
    }

    private static void changes(Tailnet t) {
        try {
            while (true) {
                change(t);
            }
        } catch (Refused e) {
            throw new IllegalStateException(e);
        }
    }

    private static void change(Tailnet t) throws Refused {
        var key = t.createKey(ROOT, KeyOptions.oneOff());
        say("key " + key.key().id());
        if (t.register(facts(key.secret())) instanceof RegisterOutcome.Accepted(Node n, var _)) {
            say("node " + n.id() + " " + n.v4() + " " + n.key());
            int dice = RANDOM.nextInt(4);
            if (dice == 0) {
                t.removeNode(ROOT, n.id());
                say("gone " + n.id());
            } else if (dice == 1) {
                String name = "renamed-" + n.id();
                t.renameNode(ROOT, n.id(), name);
                say("name " + n.id() + " " + name);
            } else if (dice == 2) {
                String login = "u" + n.id() + "@example.com";
                t.createUser(ROOT, login, null, Role.MEMBER);
                say("user " + login);
            } else {
                t.shelf("accounts").put("a" + n.id(), "value");
                say("shelf a" + n.id());
            }
        }
    }

    private static RegisterFacts facts(String authKey) {
        return new RegisterFacts(
                new MachineKey(bytes()),
                new NodeKey(bytes()),
                null,
                authKey,
                null,
                null,
                Hostinfo.parse("{\"Hostname\":\"box\"}"),
                false,
                113,
                IpAddress.parse("192.0.2.1"));
    }

    private static byte[] bytes() {
        byte[] b = new byte[32];
        RANDOM.nextBytes(b);
        return b;
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
