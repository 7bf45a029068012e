/**
 * The access policy: its language, validation and compilation to what each node is sent; entry
 * {@link hearth.policy.Policy}. Source: tailscale.com/docs/reference/syntax/policy-file.
 */
@NullMarked
package hearth.policy;

import org.jspecify.annotations.NullMarked;
