package hearth.policy;

import hearth.base.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** An access policy that was read and found well-formed. Immutable. */
public final class Policy {
    /** Which language a text is in. */
    public enum Dialect {
        /** What Tailscale's service takes, and what it makes of it. */
        TAILSCALE,
        /** The same, and ordered deny, device names, devices in groups. */
        HEARTH
    }

    /** Everybody may reach everything. */
    public static final String DEFAULT_TEXT =
            """
            // Who may reach what. Everything is allowed until you change it.
            {
            	"acls": [
            		{"action": "accept", "src": ["*"], "dst": ["*:*"]},
            	],
            }
            """;

    private final Document document;

    private Policy(Document document) {
        this.document = document;
    }

    /**
     * Reads a text and checks all of it that needs no world. Before a policy is put in force,
     * {@link #check} asks the rest.
     */
    public static Policy parse(String text, Dialect dialect) throws InvalidPolicy {
        return new Policy(PolicyReader.read(text, dialect));
    }

    /**
     * The policy with the tests of {@code tests}, an array as in the {@code tests} section, in the
     * place of its own; {@link #subject} tells whose they are.
     */
    public static Policy withTests(String text, String tests, Dialect dialect)
            throws InvalidPolicy {
        return new Policy(PolicyReader.read(text, tests, dialect));
    }

    /** The source of the test that failed, as written; for other problems where they stand. */
    public String subject(Problem problem) {
        for (Document.PolicyTest t : document.tests()) {
            if (belongs(problem, t.place())) {
                return t.source();
            }
        }
        for (Document.SshTest t : document.sshTests()) {
            if (belongs(problem, t.place())) {
                return t.source();
            }
        }
        return problem.path();
    }

    private static boolean belongs(Problem problem, Place test) {
        return problem.path().equals(test.path()) || problem.path().startsWith(test.path() + ".");
    }

    Document document() {
        return document;
    }

    public CompiledPolicy compile(World world) {
        return Compiled.of(document, world, null);
    }

    /** What {@code former} gave a node and this gives it as well stays the identical object. */
    public CompiledPolicy compile(World world, CompiledPolicy former) {
        return Compiled.of(document, world, (Compiled) former);
    }

    /**
     * Compiles for {@code world} and refuses what speaks against it there: failing tests of the
     * policy, foreign domains. A stored policy is only {@linkplain #compile compiled}.
     */
    public CompiledPolicy check(World world) throws InvalidPolicy {
        CompiledPolicy compiled = compile(world);
        List<Problem> objections = compiled.objections();
        if (!objections.isEmpty()) {
            throw new InvalidPolicy(objections);
        }
        return compiled;
    }

    /** The labels of the devices that the policy names, to be bound ({@link DeviceBindings}). */
    public Set<String> deviceNames(String baseDomain) {
        return document.deviceLabels(baseDomain);
    }

    /** Whether the text says something that only the extended dialect knows. */
    public boolean extended() {
        return document.extended();
    }

    /** {@code OneCGNATRoute}: empty, {@code mac-always} or {@code mac-never}. */
    public String oneCgnatRoute() {
        return document.oneCgnatRoute();
    }

    /** Tags that the policy defines, with their owners as written. */
    public Map<String, List<String>> tagOwners() {
        Map<String, List<String>> out = new TreeMap<>();
        document.tagOwners()
                .forEach(
                        (tag, owners) ->
                                out.put(tag, owners.stream().map(Object::toString).toList()));
        return out;
    }
}
