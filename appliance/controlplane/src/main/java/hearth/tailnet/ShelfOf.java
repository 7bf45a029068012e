package hearth.tailnet;

import hearth.base.Refused;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One shelf of a tailnet. */
final class ShelfOf implements Shelf {
    private final Tailnet tailnet;
    private final String name;

    ShelfOf(Tailnet tailnet, String name) {
        this.tailnet = tailnet;
        this.name = name;
    }

    @Override
    public @Nullable String get(String key) {
        HashTrie<String, String> s = tailnet.snapshot().parts.shelves().get(name);
        return s == null ? null : s.get(key);
    }

    @Override
    public Map<String, String> all() {
        return tailnet.shelfEntries(name);
    }

    @Override
    public void put(String key, @Nullable String value) throws Refused {
        update(key, null, _ -> value);
    }

    @Override
    public @Nullable String update(String key, @Nullable Note note, Change change) throws Refused {
        return tailnet.<@Nullable String>call(
                d -> {
                    String was = d.shelf(name, key);
                    String is = change.apply(was);
                    if (is == null ? was != null : !is.equals(was)) {
                        d.shelf(name, key, is);
                    }
                    if (note != null) {
                        d.audit(
                                Audit.row(
                                                d,
                                                note.actor(),
                                                note.action(),
                                                note.targetType(),
                                                "",
                                                note.targetName())
                                        .details(note.details()));
                    }
                    return is;
                });
    }
}
