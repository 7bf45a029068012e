package hearth.console.view;

import java.util.List;

/** What the first page shows. */
public final class Overview {
    private Overview() {}

    /** A number that leads somewhere. */
    public record Tile(String number, String words, String href) {}

    /**
     * One line of what is shown.
     *
     * @param address where this part fetches itself anew
     */
    public record Tiles(List<Tile> tiles, String address) {}
}
