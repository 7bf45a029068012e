/**
 * Local accounts of people: passwords, sessions, the setup token and the brakes on guessing; its
 * entry is {@link hearth.login.Logins}.
 */
@NullMarked
package hearth.login;

import org.jspecify.annotations.NullMarked;
