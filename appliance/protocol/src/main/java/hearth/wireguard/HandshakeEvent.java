package hearth.wireguard;

/** What became of a handshake message, for {@link HandshakeCounters}. */
public enum HandshakeEvent {
    MALFORMED,
    BAD_MAC1,
    COOKIE_SENT,
    COOKIE_TAKEN,
    BAD_COOKIE,
    RATE_LIMITED,
    UNDECRYPTABLE,
    UNKNOWN_PEER,
    REPLAYED,
    FLOODED,
    UNEXPECTED,
    LOW_ORDER_KEY,
    INITIATION_SENT,
    RESPONSE_SENT,
    COMPLETED,
    GIVEN_UP
}
