package hearth.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program for a host of a lab: a DNS server on port 53 of each given IPv4 address that answers
 * every A question with the address it was asked at, and every other question with nothing. So an
 * answer tells which server was asked.
 */
final class NameServer {
    private static final int HEADER = 12;

    private NameServer() {}

    public static void main(String[] addresses) throws Exception {
        List<Thread> all = new ArrayList<>();
        for (String a : addresses) {
            InetAddress own = InetAddress.getByName(a);
            var channel = DatagramChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(own, 53));
            all.add(Thread.ofPlatform().start(() -> serve(channel, own.getAddress())));
        }
        for (Thread t : all) {
            t.join();
        }
    }

    /** Starts one on a host. */
    static void start(hearth.testkit.netns.Host host, String... addresses) {
        List<String> words = new ArrayList<>();
        words.add(System.getProperty("java.home") + "/bin/java");
        words.addAll(List.of("-cp", System.getProperty("java.class.path")));
        words.add(NameServer.class.getName());
        words.addAll(List.of(addresses));
        host.start("names", Map.of(), words.toArray(new String[0]));
    }

    private static void serve(DatagramChannel channel, byte[] own) {
        ByteBuffer packet = ByteBuffer.allocate(1500);
        try (channel) {
            while (true) {
                packet.clear();
                var from = channel.receive(packet);
                answer(packet.flip(), own);
                channel.send(packet, from);
            }
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    /** Turns a question into its answer: RFC 1035, 4.1. */
    private static void answer(ByteBuffer packet, byte[] own) {
        int end = HEADER;
        while (packet.get(end) != 0) {
            end += 1 + packet.get(end);
        }
        boolean a = packet.getShort(end + 1) == 1;
        packet.putShort(2, (short) 0x8180); // an answer, recursion available
        packet.putShort(6, (short) (a ? 1 : 0)).putInt(8, 0);
        packet.limit(packet.capacity()).position(end + 5);
        if (a) {
            packet.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1);
            packet.putInt(60).putShort((short) own.length).put(own);
        }
        packet.flip();
    }
}
