package hearth.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class LibcTest {
    @Test
    void aFailureIsToldInWords() {
        var refused = assertThrows(IOException.class, () -> Libc.must("make it", -1));
        assertEquals("make it: Operation not permitted (errno 1)", refused.getMessage());
    }
}
