package hearth.api;

import hearth.base.Refused;
import java.io.IOException;
import java.io.InputStream;

/** Backup of everything the appliance must not lose, and the way back. */
public interface Archive {
    /** A consistent copy of keys and database as one file's bytes. */
    byte[] make() throws Refused, IOException;

    /**
     * Takes the place of all state; the appliance starts anew with it soon after this returns.
     * Refused, with nothing changed, when {@code in} is no backup that this version can read.
     */
    void restore(InputStream in) throws Refused, IOException;
}
