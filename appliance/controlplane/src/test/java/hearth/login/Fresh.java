package hearth.login;

import hearth.tailnet.MemoryJournal;
import hearth.tailnet.Tailnet;
import hearth.tailnet.TailnetOptions;
import hearth.testkit.ManualClock;
import java.util.Random;

/** A tailnet that is forgotten after the test. */
final class Fresh {
    private Fresh() {}

    static Tailnet tailnet(ManualClock clock) {
        return MemoryJournal.tailnet(
                new TailnetOptions(
                        "hearth.internal", () -> "https://hearth.test", clock, new Random(7)));
    }
}
