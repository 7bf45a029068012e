package hearth.policy;

/** A string of the policy and where it stands. */
record Text(String value, Place place) {}
