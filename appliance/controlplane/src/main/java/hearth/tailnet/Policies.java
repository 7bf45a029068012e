package hearth.tailnet;

import hearth.base.IpPrefix;
import hearth.base.Problem;
import hearth.base.Refused;
import hearth.policy.CompiledPolicy;
import hearth.policy.Device;
import hearth.policy.DeviceBindings;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.policy.World;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The access policy: saved texts, the one in force, and what it means for every node at the moment.
 * Confined to the writer's thread, apart from {@link #parse}.
 */
final class Policies {
    private static final int MAX_TEXT = 4 << 20; // characters
    private static final int ROUNDS = 4; // an approved route may make another one approvable

    private final Worlds worlds = new Worlds();
    private @Nullable World compiledFor;

    static Policy parse(String text) throws InvalidPolicy {
        if (text.length() > MAX_TEXT) {
            throw new InvalidPolicy(
                    List.of(new Problem("", 0, 0, "too-long", "policy of more than 4 MiB")));
        }
        return Policy.parse(text, Policy.Dialect.HEARTH);
    }

    /** What is in force at the start: the saved text, else the last good one, else the default. */
    PolicyState restore(List<PolicyVersion> saved, long inForce, Instant now) {
        PolicyVersion builtIn = new PolicyVersion(0, Policy.DEFAULT_TEXT, "", now, "");
        PolicyVersion newest = saved.isEmpty() ? builtIn : saved.getLast();
        World nobody = new World("", List.of(), List.of());
        List<Problem> problems = List.of();
        try {
            Policy p = parse(newest.text());
            return new PolicyState(newest, newest.version(), problems, p.compile(nobody));
        } catch (InvalidPolicy e) {
            problems = e.problems();
        }
        for (PolicyVersion v : saved) {
            if (v.version() == inForce && inForce != newest.version()) {
                try {
                    Policy p = parse(v.text());
                    return new PolicyState(newest, inForce, problems, p.compile(nobody));
                } catch (InvalidPolicy _) {
                    break; // the default is left
                }
            }
        }
        try {
            Policy p = parse(Policy.DEFAULT_TEXT);
            return new PolicyState(newest, 0, problems, p.compile(nobody));
        } catch (InvalidPolicy e) {
            throw new IllegalStateException("the default policy is not valid: " + e.message(), e);
        }
    }

    /** Either what is in force now, or why the text was not saved. */
    record Saved(@Nullable PolicyState state, @Nullable InvalidPolicy invalid) {}

    /**
     * Saves {@code text} and puts it in force, unless its own tests fail.
     *
     * @param ifMatch etag of the text that the author saw; null to save in any case
     */
    Saved set(
            Draft d,
            Actor actor,
            Policy policy,
            String text,
            @Nullable String ifMatch,
            String comment)
            throws Refused {
        Access.need(actor, Role.Right.POLICY);
        PolicyState was = d.view().policy();
        if (ifMatch != null && !ifMatch.equals(was.etag())) {
            throw new Refused(
                    Refused.Code.PRECONDITION_FAILED, "precondition failed, invalid old hash");
        }
        World world =
                DeviceBindings.afterSave(policy, was.compiled().deviceNames(), worlds.of(d.view()));
        CompiledPolicy compiled = policy.compile(world, was.compiled());
        List<Problem> objections = compiled.objections();
        if (!objections.isEmpty()) {
            return new Saved(null, new InvalidPolicy(objections));
        }
        bind(d, world.bindings());
        compiledFor = worlds.of(d.view());
        long version = d.view().parts.counters().policy() + 1;
        var saved = new PolicyVersion(version, text, actor.login(), d.now, comment);
        var next = new PolicyState(saved, version, List.of(), compiled);
        d.saved(saved);
        d.policy(next);
        d.audit(
                Audit.tailnet(d, actor, "UPDATE")
                        .change("ACL", was.etag(), saved.etag())
                        .details("version " + version + (comment.isEmpty() ? "" : ": " + comment)));
        return new Saved(next, null);
    }

    /** Devices that an administrator just let in take the names that wait for a device. */
    private void admit(Draft d) {
        World world = worlds.of(d.view());
        Map<String, Long> bindings = world.bindings();
        Set<String> names = d.view().policy().compiled().deviceNames();
        if (d.vouched().isEmpty() || bindings.keySet().containsAll(names)) {
            return;
        }
        for (Device device : world.devices()) {
            if (d.vouched().contains(device.id())) {
                Map<String, Long> before = bindings;
                bindings = DeviceBindings.afterAdmission(names, before, device);
                Node n = d.view().node(device.id());
                if (!before.equals(bindings) && n != null) {
                    told(d, Actor.SYSTEM, n.name(), null, n);
                }
            }
        }
        bind(d, bindings);
    }

    /** Points a device name of the policy to another node, whatever that is called. */
    static void rebind(Draft d, Actor actor, String name, long id) throws Refused {
        Access.need(actor, Role.Right.POLICY);
        Node n = Access.node(d, id);
        String label = DeviceBindings.label(name, d.base.domain());
        if (!d.view().compiled().deviceNames().contains(label)) {
            throw Refused.notFound("the policy names no device \"" + name + "\"");
        }
        Long was = d.view().compiled().world().bindings().get(label);
        if (was == null || was != id) {
            d.bind(label, id);
            told(d, actor, label, was, n);
        }
    }

    private static void told(Draft d, Actor actor, String label, @Nullable Long was, Node n) {
        Node former = was == null ? null : d.view().node(was);
        d.audit(
                Audit.node(d, actor, "UPDATE", n)
                        .change(
                                "ACL",
                                was == null
                                        ? null
                                        : former == null ? "a removed device" : former.name(),
                                n.name())
                        .details("the policy's device name \"" + label + "\" means it"));
    }

    private static void bind(Draft d, Map<String, Long> next) {
        Map<String, Long> now = new HashMap<>();
        d.view().parts.bindings().forEach(now::put);
        for (String gone : now.keySet()) {
            if (!next.containsKey(gone)) {
                d.bind(gone, null);
            }
        }
        next.forEach(
                (name, node) -> {
                    if (!node.equals(now.get(name))) {
                        d.bind(name, node);
                    }
                });
    }

    /** Brings the compiled policy up to the draft's nodes and users, and approves routes by it. */
    void settle(Draft d) {
        admit(d);
        for (int i = 0; i < ROUNDS; i++) {
            World world = worlds.of(d.view());
            PolicyState p = d.view().policy();
            if (!Durable.identical(world, compiledFor)) {
                d.policy(p.with(p.compiled().recompile(world)));
                compiledFor = world;
            } else if (i > 0) {
                return;
            }
            if (!approve(d)) {
                return;
            }
        }
    }

    private static boolean approve(Draft d) {
        boolean any = false;
        boolean all = d.view().policy().inForce() != d.base.policy().inForce();
        for (Node n : all ? d.view().nodes() : d.changedNodes()) {
            List<IpPrefix> routes = Routes.autoApproved(d.view(), n);
            if (!routes.isEmpty()) {
                Routes.autoApprove(d, n, routes);
                any = true;
            }
        }
        return any;
    }
}
