package hearth.console.view;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frame around every page.
 *
 * @param section key of the navigation entry that is current, empty for none
 * @param network the tailnet's domain
 * @param person who is signed in, null for nobody
 * @param csrf the token for this session's forms, empty without a session
 * @param assets address of the static files, without a slash at the end
 * @param theme {@code light}, {@code dark}, or empty for what the device prefers
 * @param notices texts to show above the content
 * @param banner something that stays wrong until a person acts, null for nothing
 * @param part only the content is wanted, for a page that is open already
 * @param live the open page listens for changes
 * @param typed what was typed into the form that was refused
 */
public record Page(
        String title,
        String section,
        String network,
        @Nullable Person person,
        String csrf,
        String assets,
        String theme,
        List<NavGroup> nav,
        List<Notice> notices,
        @Nullable String banner,
        boolean part,
        boolean live,
        Map<String, String> typed) {

    /**
     * Who is signed in.
     *
     * @param role in words
     */
    public record Person(String login, String name, String role) {}

    public record NavGroup(String title, List<NavItem> items) {}

    /**
     * A place to go.
     *
     * @param count how many things wait there for a person; 0 shows nothing
     * @param needs the right that is missing, in words; empty when it may be opened
     */
    public record NavItem(
            String key, String label, String href, String icon, int count, String needs) {}

    /**
     * A text above the content.
     *
     * @param kind {@code ok}, {@code info}, {@code warn} or {@code bad}
     */
    public record Notice(String kind, String text) {
        public static Notice ok(String text) {
            return new Notice("ok", text);
        }

        public static Notice bad(String text) {
            return new Notice("bad", text);
        }
    }

    /** What the person typed into {@code field} before it was refused, else {@code otherwise}. */
    public String typed(String field, String otherwise) {
        String value = typed.get(field);
        return value == null ? otherwise : value;
    }

    /**
     * Whether the box {@code field} was ticked before its form was refused, else {@code otherwise}.
     *
     * @param beside a field that the same form always sends
     */
    public boolean ticked(String field, String beside, boolean otherwise) {
        return typed.containsKey(beside) ? typed.containsKey(field) : otherwise;
    }

    public boolean refused() {
        return !typed.isEmpty();
    }

    public int waiting() {
        int sum = 0;
        for (NavGroup group : nav) {
            for (NavItem item : group.items()) {
                sum += item.count();
            }
        }
        return sum;
    }
}
