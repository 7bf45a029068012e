package hearth.policy.hujson;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object with its members in the order of the text, repeated names included.
 *
 * @param trailingComma whether a comma follows the last member
 * @param tail white space and comments before the closing brace
 */
public record HuObject(
        String before,
        int offset,
        List<Member> members,
        boolean trailingComma,
        String tail,
        int end,
        String after)
        implements HuValue {
    /** A name and its value. */
    public record Member(HuString name, HuValue value) {}

    public HuObject {
        members = List.copyOf(members);
    }

    /** The value of the last member with exactly this name, or null. */
    public @Nullable HuValue get(String name) {
        for (int i = members.size() - 1; i >= 0; i--) {
            if (members.get(i).name().value().equals(name)) {
                return members.get(i).value();
            }
        }
        return null;
    }
}
