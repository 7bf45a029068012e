package hearth.policy;

import hearth.base.IpPrefix;
import hearth.control.DERPRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What changes with a policy beside who reaches what, from what was compiled. */
final class SideEffects {
    private static final int MOST_CHARS = 60;
    private static final int MOST_OWNERS = 10;

    private final CompiledPolicy before;
    private final CompiledPolicy after;
    private final Map<PolicyDiff.Topic, Map<String, Set<String>>> found = new TreeMap<>();

    private SideEffects(CompiledPolicy before, CompiledPolicy after) {
        this.before = before;
        this.after = after;
    }

    /** {@code devices}: as they are before the save. */
    static List<PolicyDiff.Note> between(
            CompiledPolicy before, CompiledPolicy after, List<Device> devices) {
        var effects = new SideEffects(before, after);
        effects.relays();
        effects.tags();
        for (Device d : devices) {
            effects.pools(d);
            effects.attributes(d);
            effects.routes(d);
        }
        List<PolicyDiff.Note> out = new ArrayList<>();
        effects.found.forEach(
                (topic, texts) ->
                        texts.forEach(
                                (text, names) ->
                                        out.add(
                                                new PolicyDiff.Note(
                                                        topic, text, List.copyOf(names)))));
        return List.copyOf(out);
    }

    private Set<String> note(PolicyDiff.Topic topic, String text) {
        return found.computeIfAbsent(topic, _ -> new TreeMap<>())
                .computeIfAbsent(text, _ -> new TreeSet<>());
    }

    private void note(PolicyDiff.Topic topic, String text, Device d) {
        note(topic, text).add(d.name());
    }

    private void relays() {
        RelaySection was = section(before.relays());
        RelaySection is = section(after.relays());
        for (int id : ids(was.regions().keySet(), is.regions().keySet())) {
            DERPRegion old = was.regions().get(id);
            DERPRegion now = is.regions().get(id);
            if (!Objects.equals(old, now)) {
                String how = old == null ? "added" : now == null ? "taken out" : "changed";
                relays("region " + id + name(now == null ? old : now) + " is " + how);
            }
        }
        for (int id : ids(Set.copyOf(was.removed()), Set.copyOf(is.removed()))) {
            if (was.removed().contains(id) != is.removed().contains(id)) {
                boolean back = was.removed().contains(id);
                relays("our own region " + id + (back ? " is back" : " is taken out"));
            }
        }
        if (was.omitDefault() != is.omitDefault()) {
            relays("our own relay is " + (is.omitDefault() ? "nobody's home" : "a home again"));
        }
        for (int id : ids(was.scores().keySet(), is.scores().keySet())) {
            Double score = is.scores().get(id);
            if (!Objects.equals(was.scores().get(id), score)) {
                relays("the score of region " + id + " is " + (score == null ? "gone" : score));
            }
        }
    }

    private void relays(String text) {
        note(PolicyDiff.Topic.RELAYS, text);
    }

    private static RelaySection section(@Nullable RelaySection s) {
        return s == null ? new RelaySection(false, Map.of(), List.of(), Map.of()) : s;
    }

    private static Set<Integer> ids(Set<Integer> a, Set<Integer> b) {
        Set<Integer> out = new TreeSet<>(a);
        out.addAll(b);
        return out;
    }

    private static String name(@Nullable DERPRegion region) {
        String name = region == null ? "" : region.regionName();
        return name.isEmpty() ? "" : " \"" + name + "\"";
    }

    private void tags() {
        Set<String> all = new TreeSet<>(before.tags());
        all.addAll(after.tags());
        List<String> owners = new ArrayList<>();
        after.world().users().forEach(m -> owners.add(m.login()));
        owners.addAll(all);
        for (String tag : all) {
            tag(tag, " may be given by ", owners, before, after);
            tag(tag, " may no longer be given by ", owners, after, before);
        }
    }

    private void tag(
            String tag,
            String what,
            List<String> owners,
            CompiledPolicy without,
            CompiledPolicy with) {
        List<String> who =
                owners.stream()
                        .filter(o -> !o.equals(tag)) // every tag owns itself
                        .filter(o -> with.mayOwnTag(o, tag) && !without.mayOwnTag(o, tag))
                        .sorted()
                        .toList();
        if (!who.isEmpty()) {
            int left = who.size() - MOST_OWNERS;
            String more = left > 0 ? " and " + left + " more" : "";
            String some = String.join(", ", who.stream().limit(MOST_OWNERS).toList());
            note(PolicyDiff.Topic.TAGS, tag + what + some + more);
        }
    }

    private void pools(Device d) {
        List<IpPrefix> was = before.ipPools(d);
        List<IpPrefix> is = after.ipPools(d);
        if (!was.equals(is)) {
            String text =
                    "an address "
                            + (is.isEmpty() ? "of no pool" : "from " + join(is))
                            + " if it joined now"
                            + (was.isEmpty() ? "" : ", no longer from " + join(was));
            note(PolicyDiff.Topic.ADDRESSES, text, d);
        }
    }

    private static String join(List<IpPrefix> pools) {
        return String.join(", ", pools.stream().map(IpPrefix::toString).toList());
    }

    private void attributes(Device d) {
        Map<String, List<JsonNode>> was = before.capMap(d.id());
        Map<String, List<JsonNode>> is = after.capMap(d.id());
        if (was.equals(is)) {
            return;
        }
        Set<String> names = new TreeSet<>(was.keySet());
        names.addAll(is.keySet());
        for (String name : names) {
            List<JsonNode> old = was.get(name);
            List<JsonNode> now = is.get(name);
            if (!Objects.equals(old, now)) {
                String text =
                        old == null
                                ? "gets " + name + value(now)
                                : now == null
                                        ? "loses " + name + value(old)
                                        : name + " changes from" + value(old) + " to" + value(now);
                note(PolicyDiff.Topic.ATTRIBUTES, text, d);
            }
        }
    }

    private static String value(@Nullable List<JsonNode> value) {
        if (value == null || value.isEmpty()) {
            return "";
        }
        String text = value.size() == 1 ? value.getFirst().toString() : value.toString();
        return " " + (text.length() > MOST_CHARS ? text.substring(0, MOST_CHARS) + "…" : text);
    }

    private void routes(Device d) {
        for (IpPrefix p : d.advertised()) {
            boolean was = before.autoApproves(d.id(), p);
            boolean is = after.autoApproves(d.id(), p);
            boolean approved = d.approved().contains(p);
            if (is && !was && !approved) {
                note(PolicyDiff.Topic.ROUTES, p + " is approved at once", d);
            } else if (was && !is && approved) {
                note(PolicyDiff.Topic.ROUTES, p + " stays approved, but not of itself any more", d);
            } else if (is && !was) {
                note(PolicyDiff.Topic.ROUTES, p + " is approved by the policy from now on", d);
            }
        }
    }
}
