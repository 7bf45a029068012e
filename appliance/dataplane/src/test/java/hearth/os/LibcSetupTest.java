package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class LibcSetupTest {
    private static final int ENOENT = 2;
    private static final int EBADF = 9;

    @Test
    void aFailureGivesItsErrno() {
        assertEquals(-ENOENT, LibcSetup.open("/nowhere/to be found", LibcSetup.O_RDWR));
        assertEquals(-EBADF, LibcSetup.ioctl(-1, 0, 0));
        assertEquals(-EBADF, LibcSetup.close(-1));
    }

    @Test
    void aFailureIsToldInWords() {
        var refused = assertThrows(IOException.class, () -> LibcSetup.must("make it", -1));
        assertEquals("make it: Operation not permitted (errno 1)", refused.getMessage());
    }
}
