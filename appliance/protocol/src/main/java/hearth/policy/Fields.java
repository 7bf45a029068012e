package hearth.policy;

import hearth.policy.hujson.HuArray;
import hearth.policy.hujson.HuLiteral;
import hearth.policy.hujson.HuNumber;
import hearth.policy.hujson.HuObject;
import hearth.policy.hujson.HuString;
import hearth.policy.hujson.HuValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of one object. Names match without regard to case; a null counts as absent; what was
 * not asked for by the time of {@link #refuseOthers} is a problem.
 */
final class Fields {
    private final Sheet sheet;
    private final String path;
    private final int offset;
    private final Map<String, HuObject.Member> members = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();

    Fields(Sheet sheet, HuObject object, String path) {
        this.sheet = sheet;
        this.path = path;
        this.offset = object.offset();
        for (HuObject.Member m : object.members()) {
            String name = m.name().value();
            if (members.putIfAbsent(name.toLowerCase(Locale.ROOT), m) != null) {
                sheet.problem(
                        new Place(memberPath(name), m.name().offset()),
                        "duplicate-key",
                        "\"" + name + "\" appears more than once");
            }
        }
    }

    Place place() {
        return new Place(path, offset);
    }

    Place place(String name) {
        HuValue v = get(name);
        return v == null ? place() : new Place(memberPath(name), v.offset());
    }

    boolean has(String name) {
        return get(name) != null;
    }

    @Nullable HuValue get(String name) {
        String key = name.toLowerCase(Locale.ROOT);
        asked.add(key);
        HuObject.Member m = members.get(key);
        return m == null || Sheet.isNull(m.value()) ? null : m.value();
    }

    List<Text> texts(String name) {
        HuValue v = get(name);
        return v == null ? List.of() : sheet.texts(v, memberPath(name));
    }

    @Nullable Text text(String name) {
        HuValue v = get(name);
        if (v == null) {
            return null;
        }
        Place at = new Place(memberPath(name), v.offset());
        if (v instanceof HuString s) {
            return new Text(s.value(), at);
        }
        sheet.wrongKind(at, v, "a string");
        return null;
    }

    boolean flag(String name) {
        HuValue v = get(name);
        if (v == null) {
            return false;
        }
        if (v instanceof HuLiteral l) {
            return l.isTrue();
        }
        sheet.wrongKind(new Place(memberPath(name), v.offset()), v, "true or false");
        return false;
    }

    /** The objects of an array. */
    List<Fields> objects(String name) {
        HuValue v = get(name);
        List<Fields> out = new ArrayList<>();
        if (v instanceof HuArray array) {
            for (int i = 0; i < array.elements().size(); i++) {
                String at = memberPath(name) + "[" + i + "]";
                HuValue e = array.elements().get(i);
                if (e instanceof HuObject o) {
                    out.add(new Fields(sheet, o, at));
                } else {
                    sheet.wrongKind(new Place(at, e.offset()), e, "an object");
                }
            }
        } else if (v != null) {
            sheet.wrongKind(new Place(memberPath(name), v.offset()), v, "an array of objects");
        }
        return out;
    }

    @Nullable Fields object(String name) {
        HuValue v = get(name);
        if (v instanceof HuObject o) {
            return new Fields(sheet, o, memberPath(name));
        }
        if (v != null) {
            sheet.wrongKind(new Place(memberPath(name), v.offset()), v, "an object");
        }
        return null;
    }

    /** A member of an object whose names are data. */
    record Entry(Text name, HuValue value, String path) {}

    /** The members of the object under {@code name}, whose names are data, in text order. */
    List<Entry> entries(String name) {
        HuValue v = get(name);
        List<Entry> out = new ArrayList<>();
        if (v instanceof HuObject o) {
            Set<String> seen = new HashSet<>();
            for (HuObject.Member m : o.members()) {
                String key = m.name().value();
                String at = memberPath(name) + "[\"" + key + "\"]";
                Place place = new Place(at, m.name().offset());
                if (!seen.add(key)) {
                    sheet.problem(place, "duplicate-key", "\"" + key + "\" appears more than once");
                }
                out.add(new Entry(new Text(key, place), m.value(), at));
            }
        } else if (v != null) {
            sheet.wrongKind(new Place(memberPath(name), v.offset()), v, "an object");
        }
        return out;
    }

    /** The strings, numbers and truth values of the object under {@code name}, as text. */
    Map<String, String> plainValues(String name) {
        Map<String, String> out = new LinkedHashMap<>();
        for (Entry e : entries(name)) {
            switch (e.value()) {
                case HuString s -> out.put(e.name().value(), s.value());
                case HuNumber n -> out.put(e.name().value(), n.raw());
                case HuLiteral l when !l.isNull() -> out.put(e.name().value(), l.raw());
                case HuLiteral _ -> {}
                case HuObject _, HuArray _ ->
                        sheet.wrongKind(
                                new Place(e.path(), e.value().offset()),
                                e.value(),
                                "a string, number or truth value");
            }
        }
        return out;
    }

    /** Members that nobody asked for; names that begin with {@code #} are another tool's notes. */
    void refuseOthers() {
        members.forEach(
                (key, m) -> {
                    if (!asked.contains(key) && !key.startsWith("#")) {
                        String name = m.name().value();
                        sheet.problem(
                                new Place(memberPath(name), m.name().offset()),
                                "unknown-key",
                                "json: unknown field \"" + name + "\"");
                    }
                });
    }

    private String memberPath(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
