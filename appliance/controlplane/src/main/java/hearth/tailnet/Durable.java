package hearth.tailnet;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which part of a node must survive a power cut, and which it tells again by itself. */
final class Durable {
    private Durable() {}

    /** Whether {@code a} and {@code b} differ at most in what is told again. */
    static boolean same(Node a, Node b) {
        return stripped(a, b).equals(b);
    }

    /** Whether disco key, endpoints, home, Hostinfo and capability version are the same. */
    static boolean sameLive(Node a, Node b) {
        return Objects.equals(a.disco(), b.disco())
                && a.endpoints().equals(b.endpoints())
                && a.homeDerp() == b.homeDerp()
                && a.hostinfo().equals(b.hostinfo())
                && a.capver() == b.capver();
    }

    /** Whether nobody touched it in between. */
    @SuppressWarnings("ReferenceEquality") // identity is what is asked
    static boolean identical(@Nullable Object a, @Nullable Object b) {
        return a == b;
    }

    private static Node stripped(Node a, Node like) {
        Node.Edit e = a.edit();
        e.disco = like.disco();
        e.endpoints = like.endpoints();
        e.homeDerp = like.homeDerp();
        e.hostinfo = like.hostinfo();
        e.capver = like.capver();
        e.expired = like.expired();
        return e.done();
    }
}
