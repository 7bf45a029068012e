package hearth.interop;

import hearth.testkit.netns.Command;
import java.nio.file.Path;
import java.util.List;

/** A certificate authority for one test, made with the openssl program. */
final class TestAuthority {
    private final Path dir;
    private final String name;

    /** Makes the authority, and a certificate for {@code name} and {@code addresses}. */
    TestAuthority(Path dir, String name, String... addresses) {
        this.dir = dir;
        this.name = name;
        run(
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                        + " -subj /CN=test-authority -keyout ca.key -out ca.pem");
        run(
                "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN="
                        + name
                        + " -keyout server.key -out server.csr");
        String ips = String.join(",IP:", addresses);
        run("printf 'subjectAltName=DNS:" + name + ",IP:" + ips + "\\n' > san.cnf");
        run(
                "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
                        + " -extfile san.cnf -out leaf.pem && cat leaf.pem ca.pem > server.pem");
    }

    private void run(String script) {
        Command.run("bash", "-c", "cd '" + dir + "' && " + script + " 2>&1").must();
    }

    Path ca() {
        return dir.resolve("ca.pem");
    }

    /** Of {@code hearth serve}: the name and its certificate. */
    List<String> flags() {
        return List.of(
                "--server-url=https://" + name,
                "--tls-cert=" + dir.resolve("server.pem"),
                "--tls-key=" + dir.resolve("server.key"));
    }
}
