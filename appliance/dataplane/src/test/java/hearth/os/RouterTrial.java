package hearth.os;

import hearth.base.IpPrefix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/** Runs a {@link LinuxRouter} in a namespace for its test; does one step per line of its input. */
final class RouterTrial {
    private RouterTrial() {}

    public static void main(String[] args) throws IOException {
        var router = new LinuxRouter("hearth0", 1280, Path.of(args[0]));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (line) {
                case "start" -> router.start();
                case "forward" -> router.apply(state(true));
                case "member" -> router.apply(state(false));
                case "check" -> router.check();
                case "close" -> router.close();
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println("done " + line + " " + router.problems());
        }
    }

    private static RouterState state(boolean forwarding) {
        return new RouterState(
                Set.of(IpPrefix.parse("100.64.0.1/32"), IpPrefix.parse("fd7a:115c:a1e0::1/128")),
                Set.of(IpPrefix.parse("100.64.0.2/32"), IpPrefix.parse("fd7a:115c:a1e0::2/128")),
                forwarding,
                true,
                false);
    }
}
