package hearth.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class BufferedTlsTest {
    /** A record of TLS: type, version, length in two bytes, and so many bytes. */
    private static void record(ByteArrayOutputStream out, int length) {
        out.writeBytes(new byte[] {23, 3, 3, (byte) (length >>> 8), (byte) length});
        out.writeBytes(new byte[length]);
    }

    @Test
    void aRecordIsHereOnlyWhenAllOfItIs() throws IOException {
        var bytes = new ByteArrayOutputStream();
        record(bytes, 10);
        record(bytes, 300);
        record(bytes, 1);
        bytes.writeBytes(new byte[] {23, 3, 3, 0, 2, 9}); // the last byte is still on its way
        var ahead = new BufferedTls.Ahead(new ByteArrayInputStream(bytes.toByteArray()));
        assertFalse(ahead.holdsRecord(), "nothing was asked of the socket yet");
        for (int length : new int[] {10, 300, 1}) {
            assertEquals(5 + length, ahead.readNBytes(5 + length).length);
            assertEquals(length != 1, ahead.holdsRecord());
        }
        assertEquals(5, ahead.readNBytes(5).length);
        assertFalse(ahead.holdsRecord());
        assertTrue(ahead.read() == 9 && ahead.read() < 0);
    }
}
