package hearth.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which selectors mean a user, and which a device; one policy, one list of users. */
final class Identities {
    private final World world;
    private final Map<String, Member.Role> roles = new HashMap<>();
    private final Map<Selector, Set<Selector>> groupsOf = new HashMap<>();
    private final Set<String> domains = new HashSet<>();
    private final Map<String, Set<Selector>> ofLogin = new HashMap<>();
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<Long, Set<Selector>> namesOf = new HashMap<>();
    private final Map<String, Integer> sharing = new HashMap<>(); // logins by the part before @

    Identities(Document document, World world) {
        this.world = world;
        for (Member m : world.users()) {
            String login = m.login().toLowerCase(Locale.ROOT);
            roles.put(login, m.role());
            order.put(login, order.size());
        }
        roles.put(world.owner().toLowerCase(Locale.ROOT), Member.Role.OWNER);
        roles.keySet().forEach(login -> sharing.merge(local(login), 1, Integer::sum));
        document.groups()
                .forEach(
                        (name, members) -> {
                            for (Selector m : members) {
                                groupsOf.computeIfAbsent(m, _ -> new HashSet<>())
                                        .add(new Selector.Group(name));
                            }
                        });
        document.domains().forEach(d -> domains.add(d.domain()));
        for (String name : document.devices().keySet()) {
            Long id = world.bindings().get(DeviceBindings.label(name, world.baseDomain()));
            if (id != null) {
                namesOf.computeIfAbsent(id, _ -> new HashSet<>()).add(new Selector.Named(name));
            }
        }
    }

    /** {@code LOCALPART@}. */
    private static String local(String login) {
        int at = login.lastIndexOf('@');
        return (at < 0 ? login : login.substring(0, at)) + "@";
    }

    /** Whether several users have this {@code LOCALPART@}, which then means none of them. */
    boolean isShared(String local) {
        return sharing.getOrDefault(local, 0) > 1;
    }

    /** Whether the same people have the same roles in {@code next}. */
    boolean fits(World next) {
        return next.owner().equals(world.owner()) && next.users().equals(world.users());
    }

    Member.Role role(String login) {
        return roles.getOrDefault(login.toLowerCase(Locale.ROOT), Member.Role.MEMBER);
    }

    /** The place of a user in the world's list; strangers come last. */
    int order(String login) {
        return order.getOrDefault(login.toLowerCase(Locale.ROOT), Integer.MAX_VALUE);
    }

    boolean knows(String login) {
        return roles.containsKey(login.toLowerCase(Locale.ROOT));
    }

    /** Everything that means this user, groups and roles included. */
    Set<Selector> ofUser(String login) {
        return ofLogin.computeIfAbsent(login.toLowerCase(Locale.ROOT), this::collect);
    }

    private Set<Selector> collect(String login) {
        Set<Selector> out = new HashSet<>();
        int at = login.lastIndexOf('@');
        List<Selector> names = new ArrayList<>(List.of(new Selector.User(login)));
        if (!isShared(local(login))) {
            names.add(new Selector.User(local(login)));
        }
        for (Selector name : names) {
            out.add(name);
            out.addAll(groupsOf.getOrDefault(name, Set.of()));
        }
        for (String domain : domains) {
            if (at >= 0 && login.substring(at + 1).equalsIgnoreCase(domain)) {
                out.add(new Selector.Domain(domain));
            }
        }
        out.add(new Selector.Auto(AutoGroup.MEMBER));
        for (AutoGroup g : AutoGroup.values()) {
            if (g.isRole() && g.role() == role(login)) {
                out.add(new Selector.Auto(g));
            }
        }
        if (role(login) == Member.Role.OWNER) { // an administrator too, as the service has it
            out.add(new Selector.Auto(AutoGroup.ADMIN));
        }
        return Set.copyOf(out);
    }

    /** Only where a service stands in for itself in a test. */
    private static boolean isService(String tag) {
        return tag.startsWith("svc:");
    }

    Set<Selector> ofDevice(Device d) {
        Set<Selector> names = namesOf.getOrDefault(d.id(), Set.of());
        if (d.tags().isEmpty() && names.isEmpty()) {
            return d.user() == null ? Set.of() : ofUser(d.user());
        }
        Set<Selector> out = new HashSet<>(names);
        if (!d.tags().isEmpty()) {
            d.tags()
                    .forEach(
                            t ->
                                    out.add(
                                            isService(t)
                                                    ? new Selector.Service(t)
                                                    : new Selector.Tag(t)));
            out.add(new Selector.Auto(AutoGroup.TAGGED));
        } else if (d.user() != null) {
            out.addAll(ofUser(d.user()));
        }
        List.copyOf(out).forEach(s -> out.addAll(groupsOf.getOrDefault(s, Set.of())));
        return Set.copyOf(out);
    }
}
