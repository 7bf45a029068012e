package hearth.app;

import hearth.crypto.SecretKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
    private static final String PRIVATE_FILE = "rw-------";

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
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString(PRIVATE_DIR));
    }

    Path root() {
        return root;
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
                writePrivate(
                        file,
                        (HexFormat.of().formatHex(secret) + "\n")
                                .getBytes(StandardCharsets.US_ASCII));
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

    /** Writes a file of mode 0600 so that after a crash the old or the new content is there. */
    static void writePrivate(Path file, byte[] content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE_FILE));
        try {
            Files.createFile(next, mode);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(next + " is being written by somebody else", e);
        }
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
            out.write(java.nio.ByteBuffer.wrap(content));
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel dir = FileChannel.open(file.toAbsolutePath().getParent())) {
            dir.force(true);
        }
    }
}
