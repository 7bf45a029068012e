package hearth.login;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Password hashing with Argon2id (RFC 9106): 19 MiB, two passes, one lane, 16-byte salt, 32-byte
 * tag, kept as a PHC string. One hash at a time, so that a flood of sign-ins cannot take the
 * machine away from the packets; who waits longer than ten seconds is turned away.
 */
final class Passwords {
    /** Thrown when the queue for hashing is too long. */
    static final class Busy extends Exception {
        private static final long serialVersionUID = 1;

        Busy() {
            super("too many sign-ins at once", null, false, false);
        }
    }

    static final int MEMORY_KIB = 19_456;
    static final int PASSES = 2;
    static final int LANES = 1;
    static final int MIN_CHARS = 12;
    static final int MAX_CHARS = 256;
    private static final int SALT_BYTES = 16;
    private static final int TAG_BYTES = 32;
    private static final int MAX_WAITING = 32;
    private static final long WAIT_SECONDS = 10;
    private static final Set<String> COMMON =
            Set.of(
                    "passwordpassword",
                    "password1234",
                    "password12345",
                    "password123456",
                    "qwertyuiop12",
                    "qwertyuiop123",
                    "qwertyuiopasdf",
                    "qwertyqwerty",
                    "123456789012",
                    "1234567890123",
                    "1q2w3e4r5t6y",
                    "1qaz2wsx3edc",
                    "administrator",
                    "adminadminadmin",
                    "letmeinletmein",
                    "changemechangeme",
                    "iloveyouiloveyou",
                    "welcomewelcome",
                    "welcome12345",
                    "abcdefghijkl",
                    "abc123abc123",
                    "tailscaletailscale",
                    "hearthhearth",
                    "correcthorsebatterystaple");

    private final RandomGenerator random;
    private final Semaphore one = new Semaphore(1, true);

    Passwords(RandomGenerator random) {
        this.random = random;
    }

    /** Why this password is not taken, empty when it is fine. */
    static Optional<String> objection(String login, String password) {
        int length = password.codePointCount(0, password.length());
        if (length < MIN_CHARS) {
            return Optional.of(
                    "use at least " + MIN_CHARS + " characters; a few words in a row are easy");
        }
        if (length > MAX_CHARS) {
            return Optional.of("use at most " + MAX_CHARS + " characters");
        }
        String folded = password.toLowerCase(Locale.ROOT);
        int at = login.indexOf('@');
        String name = (at < 0 ? login : login.substring(0, at)).toLowerCase(Locale.ROOT);
        boolean fewLetters = folded.codePoints().distinct().count() < 4;
        boolean nameOnly =
                !name.isEmpty()
                        && folded.replace(name, "").chars().filter(Character::isLetter).count() < 4
                        && folded.contains(name);
        if (fewLetters
                || COMMON.contains(folded)
                || folded.equals(login.toLowerCase(Locale.ROOT))
                || nameOnly) {
            return Optional.of("this password is among the first ones that are guessed");
        }
        return Optional.empty();
    }

    String hash(String password) throws Busy {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] tag = derive(password, salt, MEMORY_KIB, PASSES, LANES, TAG_BYTES);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        PASSES,
                        LANES,
                        base64.encodeToString(salt),
                        base64.encodeToString(tag));
    }

    /** True when {@code password} is the one behind {@code phc}; a text we cannot read never is. */
    boolean verify(String password, String phc) throws Busy {
        String[] parts = phc.split("\\$", -1);
        if (parts.length != 6 || !parts[1].equals("argon2id") || !parts[2].equals("v=19")) {
            return false;
        }
        if (password.length() > 2 * MAX_CHARS) {
            return false;
        }
        int memory = 0;
        int passes = 0;
        int lanes = 0;
        byte[] salt;
        byte[] want;
        try {
            for (String setting : parts[3].split(",", -1)) {
                int value = Integer.parseInt(setting.substring(2));
                switch (setting.substring(0, 2)) {
                    case "m=" -> memory = value;
                    case "t=" -> passes = value;
                    case "p=" -> lanes = value;
                    default -> {
                        return false;
                    }
                }
            }
            salt = Base64.getDecoder().decode(parts[4]);
            want = Base64.getDecoder().decode(parts[5]);
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
            return false;
        }
        boolean sane = memory >= 8 && memory <= 1 << 20 && passes >= 1 && passes <= 16;
        if (!sane || lanes < 1 || lanes > 16 || want.length < 16 || want.length > 64) {
            return false;
        }
        return MessageDigest.isEqual(
                want, derive(password, salt, memory, passes, lanes, want.length));
    }

    /** True when {@code phc} was made with other costs than those of today. */
    static boolean outdated(String phc) {
        return !phc.startsWith(
                "$argon2id$v=19$m=%d,t=%d,p=%d$".formatted(MEMORY_KIB, PASSES, LANES));
    }

    private byte[] derive(
            String password, byte[] salt, int memory, int passes, int lanes, int tagBytes)
            throws Busy {
        if (one.getQueueLength() >= MAX_WAITING) {
            throw new Busy();
        }
        try {
            if (!one.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new Busy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Busy();
        }
        try {
            var generator = new Argon2BytesGenerator();
            generator.init(
                    new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                            .withMemoryAsKB(memory)
                            .withIterations(passes)
                            .withParallelism(lanes)
                            .withSalt(salt)
                            .build());
            byte[] tag = new byte[tagBytes];
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), tag);
            return tag;
        } finally {
            one.release();
        }
    }
}
