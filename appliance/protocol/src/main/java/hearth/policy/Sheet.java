package hearth.policy;

import hearth.base.Problem;
import hearth.policy.hujson.HuArray;
import hearth.policy.hujson.HuLiteral;
import hearth.policy.hujson.HuNumber;
import hearth.policy.hujson.HuObject;
import hearth.policy.hujson.HuString;
import hearth.policy.hujson.HuValue;
import hearth.policy.hujson.Positions;
import java.util.ArrayList;
import java.util.List;

/** A text that is being read, and everything that was found wrong with it. */
final class Sheet {
    private final Positions positions;
    private final List<Problem> problems = new ArrayList<>();

    Sheet(String text) {
        this.positions = new Positions(text);
    }

    void problem(Place at, String code, String text) {
        problems.add(positions.problem(at.path(), at.offset(), code, text));
    }

    void add(Problem problem) {
        problems.add(problem);
    }

    /** Takes problems of one kind back. */
    void forgive(String code) {
        problems.removeIf(p -> p.code().equals(code));
    }

    Positions positions() {
        return positions;
    }

    List<Problem> problems() {
        return problems;
    }

    /** The strings of an array; anything else in their place is a problem. */
    List<Text> texts(HuValue value, String path) {
        List<Text> out = new ArrayList<>();
        if (value instanceof HuArray array) {
            for (int i = 0; i < array.elements().size(); i++) {
                HuValue e = array.elements().get(i);
                Place at = new Place(path + "[" + i + "]", e.offset());
                if (e instanceof HuString s) {
                    out.add(new Text(s.value(), at));
                } else {
                    wrongKind(at, e, "a string");
                }
            }
        } else if (!isNull(value)) {
            wrongKind(new Place(path, value.offset()), value, "an array of strings");
        }
        return out;
    }

    void wrongKind(Place at, HuValue got, String want) {
        problem(at, "type", at.path() + ": expected " + want + ", got " + kind(got));
    }

    static boolean isNull(HuValue value) {
        return value instanceof HuLiteral l && l.isNull();
    }

    private static String kind(HuValue value) {
        return switch (value) {
            case HuObject _ -> "an object";
            case HuArray _ -> "an array";
            case HuString s -> "\"" + s.value() + "\"";
            case HuNumber n -> n.raw();
            case HuLiteral l -> l.raw();
        };
    }
}
