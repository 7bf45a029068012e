/**
 * HuJSON, JSON with comments and trailing commas: a lossless tree, the service's layout and edits
 * that touch one value. Entry class: {@link hearth.policy.hujson.HuJson}. Source: the grammar and
 * the layout of github.com/tailscale/hujson.
 */
@NullMarked
package hearth.policy.hujson;

import org.jspecify.annotations.NullMarked;
