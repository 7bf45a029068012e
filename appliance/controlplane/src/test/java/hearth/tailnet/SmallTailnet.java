package hearth.tailnet;

import hearth.base.Refused;
import hearth.testkit.ManualClock;

/** A tailnet in memory for the tests of other packages. */
public final class SmallTailnet {
    private SmallTailnet() {}

    /** {@code hearth.internal}, with one device of {@code owner@hearth.internal}. */
    public static Tailnet withOneNode() throws Refused {
        Tailnet tailnet = MemoryJournal.tailnet(Clients.options(new ManualClock()));
        Clients.join(tailnet, 1, 1);
        return tailnet;
    }
}
