/**
 * Keys and ciphers: Curve25519 keys of nodes, machines and disco, BLAKE2s, Noise IK and the AEAD
 * seam.
 */
@NullMarked
package hearth.crypto;

import org.jspecify.annotations.NullMarked;
