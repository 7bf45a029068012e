package hearth.console;

import hearth.console.view.Page.Notice;
import java.util.List;
import java.util.Map;

/**
 * How a page is to be sent this time.
 *
 * @param part only its content, into a page that is open
 * @param typed what a refused form had in it; empty when nothing was refused
 */
record Frame(int status, boolean part, List<Notice> notices, Map<String, String> typed) {
    static final Frame WHOLE = new Frame(200, false, List.of(), Map.of());
}
