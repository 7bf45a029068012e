package hearth.ts2021;

/** What is counted of Tailscale clients and of those who pretend to be one. */
enum ControlCounter {
    /** Noise handshakes that were answered. */
    HANDSHAKES,
    /** Upgrades and handshakes that were refused. */
    REFUSED,
    /** Connections that ended with a record that is none: wrong type, length or tag. */
    BAD_RECORDS,
    /** Connections that ended with an HTTP/2 error. */
    PROTOCOL_ERRORS,
    /** Connections that were cut because nothing came when something was due. */
    STALLED,
    /** Requests whose body is none: malformed, too long, too old. */
    BAD_REQUESTS,
    /** Requests for a node that is not there, or is another machine's. */
    FOREIGN_KEYS,
    /** Requests for a path that is not there. */
    UNKNOWN_PATHS,
    /** Registrations that were refused. */
    REGISTRATIONS_REFUSED,
    /** Registrations that were not looked at, because too many had been refused. */
    THROTTLED,
    /** Requests that were put off: too many long bodies, or too many at once. */
    BUSY
}
