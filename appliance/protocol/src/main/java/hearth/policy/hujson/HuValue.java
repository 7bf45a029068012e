package hearth.policy.hujson;

/**
 * A value as it stands in the text: nothing is lost, {@link HuJson#pack} gives the text back.
 *
 * <p>{@link #before} and {@link #after} are the white space and comments around it; what follows
 * the last value of an object or array without a trailing comma belongs to the composite ({@code
 * tail}). Offsets count UTF-16 units from the start of the text.
 */
public sealed interface HuValue permits HuObject, HuArray, HuString, HuNumber, HuLiteral {
    /** White space and comments between the preceding brace, bracket, colon or comma and here. */
    String before();

    /** Where the value itself starts. */
    int offset();

    /** The offset after the value itself. */
    int end();

    /** White space and comments up to the following colon or comma, or the end of the text. */
    String after();
}
