package hearth.engine;

import hearth.base.IpPrefix;
import hearth.crypto.Aead;
import hearth.crypto.NodeKey;
import hearth.crypto.SecretKey;
import hearth.os.Ciphers;
import hearth.os.Tun;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * One engine as a program of its own, for tests and measurements in namespaces.
 *
 * <p>Arguments are {@code key=value}: {@code port}, {@code mtu}, {@code tun}, {@code secret} (hex),
 * {@code address} (with prefix length), {@code cipher}, {@code offload=off}, {@code threads=1}, and
 * for each peer {@code peer=KEY,ALLOWED;…,HOST:PORT|-,KEEPALIVE}. Prints its counters when it is
 * ended.
 */
public final class EngineRig {
    private EngineRig() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new TreeMap<>();
        List<PeerSpec> peers =
                Arrays.stream(args)
                        .filter(a -> a.startsWith("peer="))
                        .map(a -> peer(a.substring("peer=".length())))
                        .toList();
        for (String a : args) {
            int eq = a.indexOf('=');
            options.put(a.substring(0, eq), a.substring(eq + 1));
        }
        int mtu = Integer.parseInt(options.getOrDefault("mtu", "1280"));
        var settings =
                EngineSettings.onPort(Integer.parseInt(options.getOrDefault("port", "0")))
                        .withMtu(mtu);
        if (options.getOrDefault("offload", "on").equals("off")) {
            settings = settings.withoutOffloads();
        }
        if (options.getOrDefault("threads", "2").equals("1")) {
            settings = settings.withOneThread(true);
        }
        Aead.Backend cipher = cipher(options.getOrDefault("cipher", "fastest"));
        Tun tun =
                Tun.open(
                        options.getOrDefault("tun", "hearth0"),
                        new Tun.Offload(settings.tunTcp(), settings.tunUdp()));
        tun.up(mtu);
        for (String address : options.getOrDefault("address", "").split(",", -1)) {
            ip("address", "add", address, "dev", tun.name(), "nodad");
        }
        for (PeerSpec p : peers) {
            for (IpPrefix prefix : p.allowedIps()) {
                ip("route", "replace", prefix.toString(), "dev", tun.name());
            }
        }
        var engine =
                new Engine(
                        settings,
                        tun,
                        cipher,
                        new SecureRandom(),
                        System::nanoTime,
                        InstantSource.system());
        var key = new SecretKey(HexFormat.of().parseHex(options.getOrDefault("secret", "")));
        engine.start();
        engine.call(
                () -> {
                    LocalNode node = engine.addNode(key);
                    node.setPeers(peers);
                    return node;
                });
        var ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    System.out.println(engine.counters().all());
                                    engine.close();
                                    ended.countDown();
                                }));
        System.out.println("up cipher=" + engine.cipherName() + " port=" + engine.udpPort());
        ended.await();
    }

    private static Aead.Backend cipher(String name) {
        return Ciphers.measure().stream()
                .map(Ciphers.Choice::backend)
                .filter(b -> name.equals("fastest") || b.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static PeerSpec peer(String text) {
        String[] parts = text.split(",", -1);
        Path path = null;
        if (!parts[2].equals("-")) {
            int colon = parts[2].lastIndexOf(':');
            path =
                    new Path(
                            UdpAddress.of(
                                    new InetSocketAddress(
                                            parts[2].substring(0, colon),
                                            Integer.parseInt(parts[2].substring(colon + 1)))),
                            null);
        }
        return new PeerSpec(
                new NodeKey(HexFormat.of().parseHex(parts[0])),
                Arrays.stream(parts[1].split(";", -1)).map(IpPrefix::parse).toList(),
                new RoamingPath(path),
                Duration.ofSeconds(Integer.parseInt(parts[3])));
    }

    private static void ip(String... words) throws Exception {
        String[] all = new String[words.length + 1];
        all[0] = "ip";
        System.arraycopy(words, 0, all, 1, words.length);
        int status = new ProcessBuilder(all).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException(String.join(" ", all) + " failed");
        }
    }
}
