package hearth.packet;

/** IP protocol numbers (IANA) that the filter treats by name. */
public final class IpProtocol {
    public static final int ICMP_V4 = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int FRAGMENT_V6 = 44;
    public static final int ICMP_V6 = 58;

    /** Tailscale's in-tunnel messages (tailscale/tailscale net/packet/tsmp.go). */
    public static final int TSMP = 99;

    public static final int SCTP = 132;

    private IpProtocol() {}
}
