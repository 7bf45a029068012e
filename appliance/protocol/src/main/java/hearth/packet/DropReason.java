package hearth.packet;

/** Why a packet went no further. Counted, never logged (see {@link DropCounters}). */
public enum DropReason {
    /** Header or length fields that cannot be true. */
    MALFORMED,
    /** An IPv6 extension header or transport that the filter does not read. */
    UNKNOWN_PROTOCOL,
    /** A fragment that would overwrite the transport header, or a first one without ports. */
    BAD_FRAGMENT,
    /** Destination is a multicast or broadcast address. */
    MULTICAST,
    /** Destination is a link-local address. */
    LINK_LOCAL,
    /** The inner source does not belong to the peer that sent it. */
    SOURCE_NOT_OWNED,
    /** The destination is neither an address nor an approved route of the local node. */
    NOT_LOCAL,
    /** No rule allows it and it answers nothing that was sent. */
    NOT_ALLOWED,
    /** A reply of a flow whose rule is gone. */
    PERMISSION_LOST,
    /** No peer owns the destination. */
    NO_PEER,
    /** The peer's or the local node's key is expired. */
    EXPIRED,
    /** The peer is known but neither a direct nor a relayed path to it is. */
    NO_PATH,
    /** A bounded queue was full. */
    QUEUE_FULL,
    /** A disco packet whose sender is in no network map, or our own. */
    DISCO_UNKNOWN_SENDER,
    /** A disco packet that does not open, does not decode or came over the wrong transport. */
    DISCO_BAD,
    /** A datagram that is no class we speak. */
    UNKNOWN_DATAGRAM
}
