package hearth.console.view;

/**
 * A moment for people.
 *
 * @param iso for programs, UTC
 * @param absolute with the time zone of the machine
 * @param relative {@code 3 min ago}, {@code in 12 days}
 */
public record When(String iso, String absolute, String relative) {}
