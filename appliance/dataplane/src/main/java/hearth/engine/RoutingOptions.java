package hearth.engine;

/**
 * How the machine routes for its node.
 *
 * @param masquerade what is passed on leaves with the machine's own address
 * @param siteGateway hosts outside may open connections into the tailnet
 */
public record RoutingOptions(boolean masquerade, boolean siteGateway) {
    public static final RoutingOptions DEFAULT = new RoutingOptions(true, false);
}
