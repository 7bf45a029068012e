package hearth.console;

import hearth.testkit.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of pages begin with: a console that is set up, and its owner signed in. */
abstract class AsOwner {
    final Served served = Served.start(new ManualClock());
    Visitor owner = served.visitor();

    @BeforeEach
    void signIn() throws Exception {
        owner = served.owner();
    }

    @AfterEach
    void close() throws Exception {
        served.close();
    }
}
