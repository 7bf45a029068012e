package hearth.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemoryTest {
    @Test
    void ordersAreAsNamed() {
        try (var slab = new Slab(16)) {
            long a = slab.address();
            Memory.put64(a + 1, 0x0102_0304_0506_0708L);
            assertEquals(0x01, Memory.u8(a + 1));
            assertEquals(0x0102, Memory.u16(a + 1));
            assertEquals(0x0201, Memory.u16le(a + 1));
            assertEquals(0x0102_0304, Memory.i32(a + 1));
            assertEquals(0x0403_0201, Memory.i32le(a + 1));
            assertEquals(0x0807_0605_0403_0201L, Memory.i64le(a + 1));
            Memory.put32le(a, 0x0102_0304);
            assertArrayEquals(new byte[] {4, 3, 2, 1}, Memory.bytes(a, 4));
        }
    }

    @Test
    void accessOutsideASlabIsSeenUnderAssertions() {
        var slab = new Slab(8);
        long a = slab.address();
        assertThrows(IndexOutOfBoundsException.class, () -> Memory.i32(a + 6));
        slab.close();
        assertThrows(IndexOutOfBoundsException.class, () -> Memory.u8(a));
    }

    @Test
    void sumEqualsTheNaiveOneOverAllLengths() {
        var random = new Random(1);
        try (var slab = new Slab(256)) {
            byte[] b = new byte[200];
            for (int length = 0; length <= b.length; length++) {
                random.nextBytes(b);
                Memory.copyIn(b, 0, slab.address() + 1, length);
                int naive = 0;
                for (int i = 0; i < length; i++) {
                    naive += (b[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
                }
                naive = (naive & 0xffff) + (naive >>> 16);
                naive = (naive & 0xffff) + (naive >>> 16);
                assertEquals(naive, Memory.foldSum(Memory.sum(slab.address() + 1, length, 0)));
            }
        }
    }

    @Test
    void comparesAndCopies() {
        try (var slab = new Slab(64)) {
            long a = slab.address();
            Memory.copyIn(new byte[] {1, 2, 3, 4}, 0, a, 4);
            Memory.copy(a, a + 2, 4);
            assertArrayEquals(new byte[] {1, 2, 1, 2, 3, 4}, Memory.bytes(a, 6));
            assertTrue(Memory.equal(a, a + 2, 2));
            assertFalse(Memory.equal(a, a + 2, 3));
            Memory.zero(a, 6);
            assertEquals(0, Memory.i32(a));
        }
    }
}
