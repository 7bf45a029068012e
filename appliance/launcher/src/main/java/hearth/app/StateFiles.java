package hearth.app;

import hearth.crypto.SecretKey;
import hearth.os.StateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The keys and the certificate in the state directory, readable by nobody else; the store beside
 * them holds the directory's lock:
 *
 * <pre>
 * keys/NAME.key   64 hex digits and a newline, mode 0600
 * tls/            cert.pem, key.pem
 * </pre>
 */
final class StateFiles {
    private static final String PRIVATE_DIR = "rwx------";

    private final Path root;

    private StateFiles(Path root) {
        this.root = root;
    }

    /** Makes the folder if need be. */
    static StateFiles open(Path root) throws IOException {
        makePrivate(root);
        return new StateFiles(root);
    }

    private static void makePrivate(Path dir) throws IOException {
        Files.createDirectories(dir);
        try {
            Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString(PRIVATE_DIR));
        } catch (FileSystemException e) {
            String owner = Files.getOwner(dir).getName();
            if (owner.equals(System.getProperty("user.name"))) {
                throw e;
            }
            throw new IOException(dir + " belongs to " + owner + ": " + e.getReason(), e);
        }
    }

    Path tls() throws IOException {
        Path dir = root.resolve("tls");
        makePrivate(dir);
        return dir;
    }

    /** The key of that name, made and written durably the first time. */
    SecretKey key(String name, RandomGenerator random) throws IOException {
        Path dir = root.resolve("keys");
        makePrivate(dir);
        Path file = dir.resolve(name + ".key");
        if (!Files.exists(file)) {
            try (SecretKey fresh = SecretKey.generate(random)) {
                byte[] secret = fresh.secretBytes();
                StateFile.replace(file, HexFormat.of().formatHex(secret) + "\n");
                Arrays.fill(secret, (byte) 0);
            }
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (!text.matches("[0-9a-f]{64}")) {
            throw new IOException(
                    file + ": expected 64 hex digits, got " + text.length() + " characters");
        }
        byte[] secret = HexFormat.of().parseHex(text);
        try {
            return new SecretKey(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
