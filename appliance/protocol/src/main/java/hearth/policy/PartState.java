package hearth.policy;

import java.util.List;

/**
 * A {@link Part} in one world.
 *
 * @param from who may, by ascending id
 * @param to where, by ascending id
 * @param sources the same as {@code from}, and addresses that are no node's
 */
record PartState(Part part, List<Entry> from, List<Entry> to, Sources sources) {}
