package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.Refused;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What the tests of this package share: a tailnet with a clock, and devices that register. */
final class Clients {
    static final Actor OWNER = Actor.socket("owner@hearth.internal", "root");
    static final Duration NO_WAIT = Duration.ofMillis(1);

    private Clients() {}

    static TailnetOptions options(ManualClock clock) {
        return new TailnetOptions(
                "hearth.internal", () -> "https://hearth.example", clock, new Random(1));
    }

    static MachineKey machine(int i) {
        return new MachineKey(bytes(0x4d, i));
    }

    static NodeKey key(int i) {
        return new NodeKey(bytes(0x4e, i));
    }

    private static byte[] bytes(int kind, int i) {
        byte[] b = new byte[32];
        Arrays.fill(b, (byte) kind);
        b[0] = (byte) (i >> 8);
        b[1] = (byte) i;
        return b;
    }

    static Hostinfo host(String name, String... tags) {
        var json = ControlJson.MAPPER.createObjectNode();
        json.put("Hostname", name);
        json.put("OS", "linux");
        if (tags.length > 0) {
            json.set("RequestTags", ControlJson.tree(List.of(tags)));
        }
        return Hostinfo.of(json);
    }

    static RegisterFacts facts(int machine, int key, @Nullable String authKey) {
        return facts(machine, key, authKey, host("box" + machine));
    }

    static RegisterFacts facts(int machine, int key, @Nullable String authKey, Hostinfo host) {
        return new RegisterFacts(
                machine(machine),
                key(key),
                null,
                authKey,
                null,
                null,
                host,
                false,
                113,
                IpAddress.parse("192.0.2.1"));
    }

    static RegisterFacts followup(int machine, int key, String url) {
        RegisterFacts f = facts(machine, key, null);
        return new RegisterFacts(
                f.machine(),
                f.nodeKey(),
                null,
                null,
                url,
                null,
                f.hostinfo(),
                false,
                113,
                f.remote());
    }

    static RegisterFacts ending(RegisterFacts f, Instant end) {
        return new RegisterFacts(
                f.machine(),
                f.nodeKey(),
                f.oldNodeKey(),
                f.authKey(),
                null,
                end,
                f.hostinfo(),
                f.ephemeral(),
                f.capver(),
                f.remote());
    }

    static RegisterFacts replacing(RegisterFacts f, NodeKey old) {
        return new RegisterFacts(
                f.machine(),
                f.nodeKey(),
                old,
                f.authKey(),
                f.followup(),
                f.expiry(),
                f.hostinfo(),
                f.ephemeral(),
                f.capver(),
                f.remote());
    }

    /** Joins by a fresh one-off key of the owner. */
    static Node join(Tailnet t, int machine, int key) throws Refused {
        String authKey = t.createKey(OWNER, KeyOptions.oneOff()).secret();
        return accepted(t.register(facts(machine, key, authKey), NO_WAIT));
    }

    static Node accepted(RegisterOutcome o) {
        if (o instanceof RegisterOutcome.Accepted(Node n, User _)) {
            return n;
        }
        throw new AssertionError("expected Accepted, got " + o);
    }
}
