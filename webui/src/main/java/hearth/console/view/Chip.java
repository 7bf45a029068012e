package hearth.console.view;

/**
 * A state as icon, word and colour.
 *
 * @param kind {@code ok}, {@code warn}, {@code bad}, {@code info} or {@code off}
 */
public record Chip(String kind, String icon, String text) {}
