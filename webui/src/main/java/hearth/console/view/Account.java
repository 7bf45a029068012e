package hearth.console.view;

import java.util.List;

/** A person's own account. */
public record Account(String login, List<Browser> browsers) {
    /**
     * One line of what is shown.
     *
     * @param here the one that looks at this page
     */
    public record Browser(String name, String address, When since, boolean here) {}
}
