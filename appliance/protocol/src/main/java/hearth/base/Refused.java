package hearth.base;

/**
 * A use case that was refused for a reason the caller may read. Mapped once to HTTP or exit code.
 */
public final class Refused extends Exception {
    /** Why, as HTTP and the command line tell it apart. */
    public enum Code {
        INVALID(400),
        UNAUTHENTICATED(401),
        FORBIDDEN(403),
        NOT_FOUND(404),
        CONFLICT(409),
        PRECONDITION_FAILED(412),
        TOO_MANY(429),
        UNAVAILABLE(503);

        private final int httpStatus;

        Code(int httpStatus) {
            this.httpStatus = httpStatus;
        }

        public int httpStatus() {
            return httpStatus;
        }
    }

    private final Code code;

    public Refused(Code code, String text) {
        super(text, null, false, false);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** The reason; never null. */
    public String text() {
        return String.valueOf(getMessage());
    }

    public static Refused invalid(String text) {
        return new Refused(Code.INVALID, text);
    }

    public static Refused notFound(String text) {
        return new Refused(Code.NOT_FOUND, text);
    }

    public static Refused forbidden(String text) {
        return new Refused(Code.FORBIDDEN, text);
    }

    public static Refused conflict(String text) {
        return new Refused(Code.CONFLICT, text);
    }
}
