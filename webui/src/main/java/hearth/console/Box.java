package hearth.console;

import java.util.List;

/** What only the program itself knows about the machine it runs on; asked anew for each page. */
public interface Box {
    /** How a fact is to be taken. */
    enum Level {
        GOOD,
        PLAIN,
        WARNING,
        BAD
    }

    /**
     * One line of the status page.
     *
     * @param group heading it stands under, e.g. {@code Certificate}
     * @param hint what to do about it, empty when there is nothing to do
     */
    record Fact(String group, String name, String value, Level level, String hint) {}

    /** The program's version, e.g. {@code 0.1.0}. */
    String version();

    /** What devices are joined by, e.g. {@code http://192.168.1.20}; no slash at the end. */
    String joinUrl();

    /** Where the pages are, e.g. {@code https://192.168.1.20}; no slash at the end. */
    String pageUrl();

    List<Fact> facts();
}
