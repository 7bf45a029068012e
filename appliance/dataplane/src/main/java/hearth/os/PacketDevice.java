package hearth.os;

/**
 * Where inner packets come from and go to: {@link Tun}, or a pair of sockets in tests. Each packet
 * is preceded by the virtio header that {@link Tun} describes. The descriptor does not block.
 */
public interface PacketDevice extends AutoCloseable {
    /** What is to be waited for, readable when a packet is there. */
    int fd();

    /** What may be handed over uncut, in both directions. */
    Tun.Offload offload();

    /** Header and packet to {@code buffer}, {@link Tun#MAX_READ} bytes; the length or -errno. */
    int read(Libc libc, long buffer);

    /** Header and packet from {@code count} pieces of memory; the length or -errno. */
    int write(Libc libc, long iovecs, int count);

    /** After the threads that use it have ended. */
    @Override
    void close();
}
