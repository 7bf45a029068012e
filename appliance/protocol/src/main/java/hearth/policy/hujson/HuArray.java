package hearth.policy.hujson;

import java.util.List;

/**
 * An array.
 *
 * @param trailingComma whether a comma follows the last element
 * @param tail white space and comments before the closing bracket
 */
public record HuArray(
        String before,
        int offset,
        List<HuValue> elements,
        boolean trailingComma,
        String tail,
        int end,
        String after)
        implements HuValue {
    public HuArray {
        elements = List.copyOf(elements);
    }
}
