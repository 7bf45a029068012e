package hearth.base;

/**
 * A peer's bytes that do not decode. Carries no stack trace: it is made per bad packet and says
 * what was read, what was got and what was wanted.
 */
public final class WireException extends Exception {
    public WireException(String text) {
        super(text, null, false, false);
    }

    public static WireException tooShort(String what, int wantBytes, int gotBytes) {
        return new WireException(what + ": " + gotBytes + " bytes, expected " + wantBytes);
    }
}
