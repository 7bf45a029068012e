package hearth.engine;

/**
 * How the engine is set up. Each offload has its switch; one that the machine lacks, or that fails
 * at run time, is left off by itself.
 *
 * @param udpPort 0 for any
 * @param mtu of inner packets; a multiple of 64 seals cheapest
 * @param udpSegmentation UDP_SEGMENT when sending trains
 * @param udpGro UDP_GRO when receiving
 * @param tunTcp the kernel hands over TCP uncut (TSO)
 * @param tunUdp the kernel hands over UDP uncut and takes it so (USO, Linux 6.2)
 * @param coalesce packets of one flow are written to the TUN as one
 * @param oneThread both directions on one thread: what suits a machine with one core
 */
public record EngineSettings(
        int udpPort,
        int mtu,
        boolean udpSegmentation,
        boolean udpGro,
        boolean tunTcp,
        boolean tunUdp,
        boolean coalesce,
        boolean oneThread) {
    public static final int DEFAULT_MTU = 1280;

    public static EngineSettings onPort(int udpPort) {
        return new EngineSettings(udpPort, DEFAULT_MTU, true, true, true, true, true, oneCore());
    }

    public EngineSettings withMtu(int bytes) {
        return new EngineSettings(
                udpPort, bytes, udpSegmentation, udpGro, tunTcp, tunUdp, coalesce, oneThread);
    }

    public EngineSettings withOneThread(boolean one) {
        return new EngineSettings(
                udpPort, mtu, udpSegmentation, udpGro, tunTcp, tunUdp, coalesce, one);
    }

    private static boolean oneCore() {
        return Runtime.getRuntime().availableProcessors() == 1;
    }

    /** Everything per packet: what remains when nothing works. */
    public EngineSettings withoutOffloads() {
        return new EngineSettings(udpPort, mtu, false, false, false, false, false, oneThread);
    }
}
