package hearth.wireguard;

import hearth.crypto.Aead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * WireGuard of one local node: everything that is not per packet. Handshake messages, wishes of the
 * sender and the receiver, and time go in; {@link Output}s and the next deadline come out.
 *
 * <p>Confined to the control thread; what the other threads may call stands in {@link Peer}, {@link
 * Keypair} and {@link SessionTable}.
 */
public final class WireGuard {
    /**
     * How late a timer that another thread set may be noticed; all of those run for 10 s or more.
     */
    private static final long NOTICE_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long COARSE_NANOS = 1L << 24;

    private final SecretKey key;
    private final NodeKey publicKey;
    private final SessionTable sessions;
    private final Gatekeeper gate;
    private final Aead.Backend backend;
    private final RandomGenerator random;
    private final InstantSource wall;
    private final Cookies cookies;
    private final Map<NodeKey, Peer> peers = new HashMap<>();
    private final ArrayDeque<Output> outputs = new ArrayDeque<>();
    private final HandshakeCounters counters = new HandshakeCounters();
    private byte[] lastTimestampSent = new byte[Tai64n.BYTES];

    /**
     * @param key the node's key, which the caller keeps and closes
     * @param random must be a SecureRandom outside tests
     */
    public WireGuard(
            SecretKey key,
            SessionTable sessions,
            Gatekeeper gate,
            Aead.Backend backend,
            RandomGenerator random,
            InstantSource wall) {
        this.key = key;
        this.publicKey = key.nodeKey();
        this.sessions = sessions;
        this.gate = gate;
        this.backend = backend;
        this.random = random;
        this.wall = wall;
        this.cookies = new Cookies(publicKey.bytes(), random);
    }

    public NodeKey publicKey() {
        return publicKey;
    }

    public HandshakeCounters counters() {
        return counters;
    }

    Collection<Peer> peers() {
        return Collections.unmodifiableCollection(peers.values());
    }

    /** Adds a peer that is not there yet. */
    public Peer addPeer(NodeKey peerKey, Object attachment, long nowNanos) {
        Peer p = new Peer(this, peerKey, attachment, nowNanos);
        p.jitterNanos = random.nextInt(Limits.JITTER_NANOS);
        if (peers.putIfAbsent(peerKey, p) != null) {
            throw new IllegalArgumentException("peer " + peerKey.shortText() + " is there already");
        }
        return p;
    }

    /** Ends all sessions with {@code p} and forgets it. */
    public void removePeer(Peer p) {
        if (peers.remove(p.key(), p)) {
            forgetKeys(p);
            p.silenceAt = 0;
            p.keepaliveAt = 0;
            p.persistentNanos = 0;
            p.retransmitAt = 0;
            p.zeroKeysAt = 0;
            p.wipe();
            outputs.add(new Output.DropStaged(p));
        }
    }

    /** Ends the sessions with {@code p}, which was restarted: the next packet starts a new one. */
    public void resetPeer(Peer p) {
        forgetKeys(p);
        p.initiationSent = false;
        p.retransmitAt = 0;
        p.handshakeAnswered();
    }

    /** A keepalive after each {@code interval} of silence; zero for none. */
    public void setPersistentKeepalive(Peer p, Duration interval, long nowNanos) {
        p.setPersistent(interval.toNanos(), nowNanos);
    }

    /** 32 bytes that the next handshakes mix in; running sessions stay. */
    public void setPresharedKey(Peer p, byte[] psk) {
        if (psk.length != Messages.KEY_BYTES) {
            throw new IllegalArgumentException("pre-shared key of " + psk.length + " bytes");
        }
        p.psk = psk.clone();
        dropHandshake(p);
    }

    public @Nullable Output nextOutput() {
        return outputs.poll();
    }

    /** Whether the MAC1 of an initiation names this node. */
    public boolean isFor(byte[] message) {
        return cookies.mac1Valid(message);
    }

    /**
     * Takes an initiation, response or cookie reply of right type and length.
     *
     * @return the peer that the message authenticates, to whose address the path may move; else
     *     null
     */
    public @Nullable Peer receive(byte[] message, HandshakeSource source, long nowNanos) {
        int type = Messages.handshakeType(message);
        if (type == Messages.COOKIE) {
            receiveCookie(message, nowNanos);
            return null;
        }
        if (type == 0) {
            counters.count(HandshakeEvent.MALFORMED);
            return null;
        }
        if (!cookies.mac1Valid(message)) {
            counters.count(HandshakeEvent.BAD_MAC1);
            return null;
        }
        if (gate.underLoad(nowNanos)) {
            if (!cookies.mac2Valid(message, source.bytes(), nowNanos)) {
                counters.count(HandshakeEvent.COOKIE_SENT);
                outputs.add(new Output.Reply(cookies.reply(message, source.bytes(), nowNanos)));
                return null;
            }
            if (!gate.allows(source, nowNanos)) {
                counters.count(HandshakeEvent.RATE_LIMITED);
                return null;
            }
        }
        return type == Messages.INITIATION
                ? receiveInitiation(message, nowNanos)
                : receiveResponse(message, nowNanos);
    }

    private void receiveCookie(byte[] message, long nowNanos) {
        Peer p = sessions.peer(Messages.receiverOf(message));
        if (p == null || p.owner() != this || !p.signer.take(message, nowNanos)) {
            counters.count(HandshakeEvent.BAD_COOKIE);
        } else {
            counters.count(HandshakeEvent.COOKIE_TAKEN);
        }
    }

    private @Nullable Peer receiveInitiation(byte[] message, long nowNanos) {
        Handshake.Opened opened = Handshake.open(key, message);
        if (opened == null) {
            counters.count(HandshakeEvent.UNDECRYPTABLE);
            return null;
        }
        Peer p = peers.get(new NodeKey(opened.initiatorStatic));
        byte[] shared = p == null ? null : staticShared(p);
        if (p == null || shared == null) {
            counters.count(HandshakeEvent.UNKNOWN_PEER);
            return null;
        }
        byte[] timestamp = opened.timestamp(shared);
        if (timestamp == null) {
            counters.count(HandshakeEvent.UNDECRYPTABLE);
            return null;
        }
        if (!Tai64n.isAfter(timestamp, p.lastTimestamp)) {
            counters.count(HandshakeEvent.REPLAYED);
            return null;
        }
        if (p.initiationSeen && nowNanos - p.lastInitiationSeenNanos < Limits.INITIATION_GAP) {
            counters.count(HandshakeEvent.FLOODED);
            return null;
        }
        p.lastTimestamp = timestamp;
        p.initiationSeen = true;
        p.lastInitiationSeenNanos = nowNanos;
        SessionTable.Entry entry = sessions.claim(p, random);
        byte[] response = new byte[Messages.RESPONSE_BYTES];
        Handshake.Keys keys;
        try (SecretKey ephemeral = SecretKey.generate(random)) {
            keys = opened.respond(ephemeral, p.psk, entry.index, response);
        }
        if (keys == null) {
            sessions.free(entry);
            counters.count(HandshakeEvent.UNDECRYPTABLE);
            return null;
        }
        retire(p, p.next);
        retire(p, p.previous);
        p.previous = null;
        Keypair k = derive(p, entry, keys, false, nowNanos);
        p.next = k;
        entry.keypair = k;
        p.noteReceived(nowNanos);
        p.signer.sign(response, nowNanos);
        outputs.add(new Output.Send(p, response));
        p.noteSent(nowNanos);
        counters.count(HandshakeEvent.RESPONSE_SENT);
        return p;
    }

    private @Nullable Peer receiveResponse(byte[] message, long nowNanos) {
        SessionTable.Entry entry = sessions.entry(Messages.receiverOf(message));
        Peer p = entry == null ? null : entry.peer;
        if (entry == null || p == null || p.owner() != this || p.handshakeEntry != entry) {
            counters.count(HandshakeEvent.UNEXPECTED);
            return null;
        }
        Handshake h = p.handshake;
        Handshake.Keys keys = h == null ? null : h.finish(key, p.psk, message);
        if (h == null || keys == null) {
            counters.count(HandshakeEvent.UNDECRYPTABLE);
            return null;
        }
        h.close();
        p.handshake = null;
        p.handshakeEntry = null;
        Keypair k = derive(p, entry, keys, true, nowNanos);
        Keypair unconfirmed = p.next;
        retire(p, p.previous);
        if (unconfirmed != null) {
            p.previous = unconfirmed;
            p.next = null;
            retire(p, p.current);
        } else {
            p.previous = p.current;
        }
        p.current = k;
        entry.keypair = k;
        p.noteReceived(nowNanos);
        completed(p, nowNanos);
        outputs.add(new Output.Flush(p, true));
        return p;
    }

    private Keypair derive(
            Peer p,
            SessionTable.Entry entry,
            Handshake.Keys keys,
            boolean initiator,
            long nowNanos) {
        Keypair k = new Keypair(p, entry, keys, initiator, backend, nowNanos);
        keys.wipe();
        p.zeroKeysAt = Peer.deadline(nowNanos + Limits.ZERO_KEYS_AFTER);
        return k;
    }

    private void completed(Peer p, long nowNanos) {
        p.retransmitAt = 0;
        p.attempts = 0;
        p.lastHandshakeNanos = nowNanos;
        p.everCompleted = true;
        p.handshakeAnswered();
        counters.count(HandshakeEvent.COMPLETED);
    }

    /**
     * The receiver saw the first packet of {@code k}: the responder may send with it from now on.
     */
    public void confirmed(Keypair k, long nowNanos) {
        Peer p = k.peer();
        if (p.next != k) {
            return;
        }
        retire(p, p.previous);
        p.previous = p.current;
        p.current = k;
        p.next = null;
        completed(p, nowNanos);
        outputs.add(new Output.Flush(p, false));
    }

    /** Sends an initiation, unless one was sent in the last 5 s. */
    public void initiate(Peer p, long nowNanos) {
        if (peers.get(p.key()) == p) {
            initiate(p, false, nowNanos);
        }
    }

    private void initiate(Peer p, boolean retry, long nowNanos) {
        if (!retry) {
            p.attempts = 0;
        }
        if (p.initiationSent && nowNanos - p.lastInitiationSentNanos < Limits.REKEY_TIMEOUT) {
            if (p.retransmitAt == 0) {
                p.retransmitAt =
                        Peer.deadline(p.lastInitiationSentNanos + Limits.REKEY_TIMEOUT + jitter());
            }
            return;
        }
        byte[] shared = staticShared(p);
        if (shared == null) {
            counters.count(HandshakeEvent.LOW_ORDER_KEY);
            return;
        }
        dropHandshake(p);
        SessionTable.Entry entry = sessions.claim(p, random);
        byte[] message = new byte[Messages.INITIATION_BYTES];
        Handshake h =
                Handshake.initiate(
                        key,
                        p.key().bytes(),
                        shared,
                        SecretKey.generate(random),
                        entry.index,
                        timestamp(),
                        message);
        if (h == null) {
            sessions.free(entry);
            counters.count(HandshakeEvent.LOW_ORDER_KEY);
            return;
        }
        p.handshake = h;
        p.handshakeEntry = entry;
        p.initiationSent = true;
        p.lastInitiationSentNanos = nowNanos;
        p.signer.sign(message, nowNanos);
        outputs.add(new Output.Send(p, message));
        p.noteSent(nowNanos);
        p.retransmitAt = Peer.deadline(nowNanos + Limits.REKEY_TIMEOUT + jitter());
        counters.count(HandshakeEvent.INITIATION_SENT);
    }

    /** Later than every timestamp before, also when the wall clock went back. */
    private byte[] timestamp() {
        byte[] now = Tai64n.of(wall.instant());
        if (!Tai64n.isAfter(now, lastTimestampSent)) {
            now = Tai64n.after(lastTimestampSent, COARSE_NANOS);
        }
        lastTimestampSent = now;
        return now;
    }

    /**
     * Runs the timers that are due; early and repeated calls are harmless.
     *
     * @return when to call again at the latest
     */
    public long poll(long nowNanos) {
        long next = nowNanos + Limits.ZERO_KEYS_AFTER;
        for (Peer p : peers.values()) {
            pollPeer(p, nowNanos);
            next = sooner(next, p.retransmitAt);
            next = sooner(next, p.zeroKeysAt);
            next = sooner(next, p.silenceAt);
            next = sooner(next, p.keepaliveAt);
            next = sooner(next, p.persistentAt());
            if (p.hasKeys()) {
                next = sooner(next, Peer.deadline(nowNanos + NOTICE_NANOS));
            }
        }
        return next;
    }

    private void pollPeer(Peer p, long nowNanos) {
        if (due(p.retransmitAt, nowNanos)) {
            p.retransmitAt = 0;
            retransmit(p, nowNanos);
        }
        if (due(p.silenceAt, nowNanos)) {
            p.silenceAt = 0;
            p.jitterNanos = jitter();
            outputs.add(new Output.Silent(p));
            initiate(p, false, nowNanos);
        }
        if (due(p.keepaliveAt, nowNanos)) {
            p.keepaliveAt = 0;
            outputs.add(new Output.Flush(p, true));
        }
        if (due(p.persistentAt(), nowNanos)) {
            p.persistentSent(nowNanos);
            outputs.add(new Output.Flush(p, true));
        }
        if (due(p.zeroKeysAt, nowNanos)) {
            p.zeroKeysAt = 0;
            forgetKeys(p);
        }
    }

    private void retransmit(Peer p, long nowNanos) {
        p.handshakeAnswered();
        if (p.attempts >= Limits.MAX_ATTEMPTS - 1) {
            dropHandshake(p);
            outputs.add(new Output.DropStaged(p));
            if (p.zeroKeysAt == 0) {
                p.zeroKeysAt = Peer.deadline(nowNanos + Limits.ZERO_KEYS_AFTER);
            }
            counters.count(HandshakeEvent.GIVEN_UP);
            return;
        }
        p.attempts++;
        outputs.add(new Output.Silent(p));
        initiate(p, true, nowNanos);
    }

    private void forgetKeys(Peer p) {
        retire(p, p.previous);
        retire(p, p.current);
        retire(p, p.next);
        p.previous = null;
        p.current = null;
        p.next = null;
        dropHandshake(p);
    }

    private void dropHandshake(Peer p) {
        Handshake h = p.handshake;
        if (h != null) {
            h.close();
        }
        SessionTable.Entry e = p.handshakeEntry;
        if (e != null) {
            sessions.free(e);
        }
        p.handshake = null;
        p.handshakeEntry = null;
    }

    private void retire(Peer p, @Nullable Keypair k) {
        if (k != null) {
            sessions.free(k.entry());
            outputs.add(new Output.Retired(p, k));
        }
    }

    /** X25519 of the static keys, kept; null when the peer's key is of low order. */
    private byte @Nullable [] staticShared(Peer p) {
        byte[] shared = p.staticShared;
        if (shared == null) {
            shared = new byte[Messages.KEY_BYTES];
            if (!key.agree(p.key().bytes(), shared, 0)) {
                Arrays.fill(shared, (byte) 0);
                return null;
            }
            p.staticShared = shared;
        }
        return shared;
    }

    private int jitter() {
        return random.nextInt(Limits.JITTER_NANOS);
    }

    private static boolean due(long deadline, long nowNanos) {
        return deadline != 0 && deadline - nowNanos <= 0;
    }

    private static long sooner(long a, long deadline) {
        return deadline != 0 && deadline - a < 0 ? deadline : a;
    }
}
