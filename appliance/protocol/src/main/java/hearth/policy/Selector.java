package hearth.policy;

import hearth.base.IpSet;
import java.util.List;

/** Whom or what a token of the policy names, with its definitions looked up but for the world. */
sealed interface Selector {
    /** {@code *}. */
    record Everyone() implements Selector {
        @Override
        public String toString() {
            return "*";
        }
    }

    /**
     * A user by login, or by the part before the {@code @} that the token ends in.
     *
     * @param login in lower case
     */
    record User(String login) implements Selector {
        @Override
        public String toString() {
            return login;
        }
    }

    /** {@code group:NAME}. */
    record Group(String name) implements Selector {
        @Override
        public String toString() {
            return name;
        }
    }

    /** {@code tag:NAME}. */
    record Tag(String name) implements Selector {
        @Override
        public String toString() {
            return name;
        }
    }

    /** {@code autogroup:NAME}. */
    record Auto(AutoGroup group) implements Selector {
        @Override
        public String toString() {
            return group.toString();
        }
    }

    /** {@code user:*@DOMAIN}. */
    record Domain(String domain) implements Selector {
        @Override
        public String toString() {
            return "user:*@" + domain;
        }
    }

    /**
     * A device by the name that the policy calls it. Which node that is, {@link World#bindings}
     * says; without a binding it is none.
     *
     * @param name in lower case, a label or a name with the base domain
     */
    record Named(String name) implements Selector {
        @Override
        public String toString() {
            return name;
        }
    }

    /** {@code svc:NAME}: a service of the tailnet. No device offers one yet, so it is nothing. */
    record Service(String name) implements Selector {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * An address, a prefix, or the name of a host or ipset.
     *
     * @param token as written
     * @param set what it means
     * @param onNodes the part of it that nodes can have as an address
     * @param wire the same as a filter writes it: addresses, prefixes, {@code a-b}
     */
    record Addresses(String token, IpSet set, IpSet onNodes, List<String> wire)
            implements Selector {
        @Override
        public String toString() {
            return token;
        }
    }

    default boolean is(AutoGroup group) {
        return this instanceof Auto(AutoGroup g) && g == group;
    }
}
