package hearth.login;

import java.time.Duration;

/** How a try to sign in, or to set up, ended. */
public sealed interface SignIn {
    /**
     * Welcome.
     *
     * @param secret the cookie's value; not kept anywhere, never to be logged
     */
    record Accepted(Session session, String secret) implements SignIn {
        @Override
        public String toString() {
            return "Accepted[" + session.login() + "]";
        }
    }

    /** Not let in. */
    sealed interface Refusal extends SignIn {}

    /** Unknown login or wrong password; which of the two is not told. */
    record Wrong() implements Refusal {}

    /** Too many failures, or too many sign-ins at once: not even looked at. */
    record Wait(Duration time) implements Refusal {}
}
