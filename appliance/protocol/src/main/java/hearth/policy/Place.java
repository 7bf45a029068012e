package hearth.policy;

/**
 * Where something stands in a policy's text.
 *
 * @param path e.g. {@code acls[0].src[1]}
 * @param offset in UTF-16 units from the start of the text
 */
record Place(String path, int offset) {}
