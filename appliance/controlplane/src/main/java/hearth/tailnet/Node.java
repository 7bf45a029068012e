package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device in the tailnet.
 *
 * @param id ours, 1, 2, 3 …, never used twice
 * @param stableId opaque, constant for life
 * @param userId {@link User#TAGGED_ID} when it has tags
 * @param hostname as the device tells it
 * @param name unique DNS label
 * @param givenName what an administrator called it, null while it follows the host name
 * @param homeDerp region of its home relay, 0 while unknown
 * @param advertised routes it offers, masked, in order
 * @param approved routes a person or the policy agreed to, offered at the moment or not
 * @param expiry when the key ends or ended; see {@link #keyExpiry}
 * @param loggedOut the device ended its key itself
 * @param expired the key has ended, as of this snapshot
 * @param authorized false while it waits for an administrator: it has no peers
 * @param capver the client's capability version, 0 while unknown
 * @param authKeyId the key that enrolled it, null after a login by hand
 * @param enrolledByAdmin an administrator approved it or made its key: policies may bind its name
 * @param local hosted by this process; it never expires and cannot be removed
 * @param keyCreated when the present node key was accepted
 */
public record Node(
        long id,
        String stableId,
        MachineKey machine,
        NodeKey key,
        @Nullable DiscoKey disco,
        long userId,
        List<String> tags,
        String hostname,
        String name,
        @Nullable String givenName,
        IpAddress v4,
        IpAddress v6,
        List<InetSocketAddress> endpoints,
        int homeDerp,
        Hostinfo hostinfo,
        List<IpPrefix> advertised,
        List<IpPrefix> approved,
        Instant created,
        @Nullable Instant expiry,
        boolean expiryDisabled,
        boolean loggedOut,
        boolean expired,
        boolean ephemeral,
        boolean authorized,
        int capver,
        @Nullable String authKeyId,
        boolean enrolledByAdmin,
        boolean local,
        Instant keyCreated) {
    /** What every stable id begins with. */
    static final String STABLE_ID_PREFIX = "n";

    public Node {
        tags = List.copyOf(tags);
        endpoints = List.copyOf(endpoints);
        advertised = List.copyOf(advertised);
        approved = List.copyOf(approved);
    }

    public boolean isTagged() {
        return !tags.isEmpty();
    }

    /** Its own two addresses as /32 and /128. */
    public List<IpPrefix> addresses() {
        return List.of(IpPrefix.of(v4), IpPrefix.of(v6));
    }

    /** The routes in force: offered and approved. */
    public List<IpPrefix> enabledRoutes() {
        return advertised.stream().filter(approved::contains).toList();
    }

    /** When its key ends or ended, null when it never does. */
    public @Nullable Instant keyExpiry() {
        return loggedOut || !expiryDisabled ? expiry : null;
    }

    boolean expiredAt(Instant now) {
        Instant end = keyExpiry();
        return loggedOut || (end != null && !end.isAfter(now));
    }

    Edit edit() {
        return new Edit(this);
    }

    /** A copy that is being changed. */
    static final class Edit {
        private final Node was;
        NodeKey key;
        @Nullable DiscoKey disco;
        long userId;
        List<String> tags;
        String hostname;
        String name;
        @Nullable String givenName;
        List<InetSocketAddress> endpoints;
        int homeDerp;
        Hostinfo hostinfo;
        List<IpPrefix> advertised;
        List<IpPrefix> approved;
        @Nullable Instant expiry;
        boolean expiryDisabled;
        boolean loggedOut;
        boolean expired;
        boolean ephemeral;
        boolean authorized;
        int capver;
        @Nullable String authKeyId;
        boolean enrolledByAdmin;
        Instant keyCreated;

        private Edit(Node n) {
            was = n;
            key = n.key;
            disco = n.disco;
            userId = n.userId;
            tags = n.tags;
            hostname = n.hostname;
            name = n.name;
            givenName = n.givenName;
            endpoints = n.endpoints;
            homeDerp = n.homeDerp;
            hostinfo = n.hostinfo;
            advertised = n.advertised;
            approved = n.approved;
            expiry = n.expiry;
            expiryDisabled = n.expiryDisabled;
            loggedOut = n.loggedOut;
            expired = n.expired;
            ephemeral = n.ephemeral;
            authorized = n.authorized;
            capver = n.capver;
            authKeyId = n.authKeyId;
            enrolledByAdmin = n.enrolledByAdmin;
            keyCreated = n.keyCreated;
        }

        Node done() {
            return new Node(
                    was.id,
                    was.stableId,
                    was.machine,
                    key,
                    disco,
                    userId,
                    tags,
                    hostname,
                    name,
                    givenName,
                    was.v4,
                    was.v6,
                    endpoints,
                    homeDerp,
                    hostinfo,
                    advertised,
                    approved,
                    was.created,
                    expiry,
                    expiryDisabled,
                    loggedOut,
                    expired,
                    ephemeral,
                    authorized,
                    capver,
                    authKeyId,
                    enrolledByAdmin,
                    was.local,
                    keyCreated);
        }
    }
}
