package hearth.wireguard;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The receiver indices of all local nodes behind one UDP port: random, 32 bits, unique over pending
 * handshakes and sessions.
 *
 * <p>An index is drawn until the slot of its low bits is free, so that a look-up is one load and
 * one compare. Written by the control thread, read without locks by the receiver.
 */
public final class SessionTable {
    private static final int START_SLOTS = 64;

    /** A claimed index: first of a handshake, then of the session that it becomes. */
    static final class Entry {
        final int index;
        final Peer peer;
        volatile @Nullable Keypair keypair;

        Entry(int index, Peer peer) {
            this.index = index;
            this.peer = peer;
        }
    }

    private volatile AtomicReferenceArray<@Nullable Entry> slots =
            new AtomicReferenceArray<>(START_SLOTS);
    private int used;

    /** The session that receives under {@code index}, or null. Any thread. */
    public @Nullable Keypair keypair(int index) {
        Entry e = entry(index);
        return e == null ? null : e.keypair;
    }

    /** The peer whose handshake or session has {@code index}, or null. */
    public @Nullable Peer peer(int index) {
        Entry e = entry(index);
        return e == null ? null : e.peer;
    }

    @Nullable Entry entry(int index) {
        AtomicReferenceArray<@Nullable Entry> s = slots;
        Entry e = s.get(index & (s.length() - 1));
        return e != null && e.index == index ? e : null;
    }

    /** Claims a free index for {@code peer}. */
    Entry claim(Peer peer, RandomGenerator random) {
        if (4 * (used + 1) > slots.length()) {
            grow();
        }
        AtomicReferenceArray<@Nullable Entry> s = slots;
        int index = random.nextInt();
        while (s.get(index & (s.length() - 1)) != null) {
            index = random.nextInt();
        }
        Entry e = new Entry(index, peer);
        s.set(index & (s.length() - 1), e);
        used++;
        return e;
    }

    void free(Entry e) {
        AtomicReferenceArray<@Nullable Entry> s = slots;
        if (s.compareAndSet(e.index & (s.length() - 1), e, null)) {
            used--;
        }
        e.keypair = null;
    }

    /** Claimed indices. */
    public int size() {
        return used;
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Entry> old = slots;
        AtomicReferenceArray<@Nullable Entry> wider = new AtomicReferenceArray<>(2 * old.length());
        for (int i = 0; i < old.length(); i++) {
            Entry e = old.get(i);
            if (e != null) {
                wider.set(e.index & (wider.length() - 1), e);
            }
        }
        slots = wider;
    }
}
