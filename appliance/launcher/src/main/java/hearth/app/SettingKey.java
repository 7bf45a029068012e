package hearth.app;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What can be set. The word of a key is its name in the file, its flag with two dashes before it,
 * and after {@code HEARTH_}, in capitals and with {@code _} for {@code -}, its environment
 * variable.
 */
enum SettingKey {
    STATE_DIR("DIR", "Database and keys."),
    SERVER_URL("URL", "What clients log in to."),
    LISTEN("ADDRESS", "The one address to listen on."),
    HTTPS_PORT("443", "Clients, relay, pages."),
    HTTP_PORT("80", "Clients without a certificate."),
    STUN_PORT("3478", "STUN; the next port too."),
    WIREGUARD_PORT("41641", "WireGuard."),
    TLS_CERT("FILE", "Certificate chain, PEM."),
    TLS_KEY("FILE", "Its key, PEM."),
    SOCKET("PATH", "The appliance's unix socket."),
    TUN("NAME|off", "The tunnel interface."),
    ADVERTISE_ROUTES("CIDR,...", "Instead of the networks found."),
    MASQUERADE("on|off", "Whether what is routed for devices gets this machine's address."),
    BASE_DOMAIN("NAME", "Below which devices are named."),
    TRUSTED_PROXIES("ADDRESS,...", "Proxies whose X-Forwarded-For and -Proto count.");

    /** What stands for the value in the help. */
    final String label;

    /** One sentence for the help. */
    final String description;

    SettingKey(String label, String description) {
        this.label = label;
        this.description = description;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String flag() {
        return "--" + word();
    }

    String variable() {
        return "HEARTH_" + name();
    }

    /** The key of this word, or null. */
    static @Nullable SettingKey of(String word) {
        for (SettingKey key : values()) {
            if (key.word().equals(word)) {
                return key;
            }
        }
        return null;
    }

    /** The word that is the least typing mistakes (Levenshtein) away. */
    static String nearest(String word) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (SettingKey key : values()) {
            int d = editDistance(word, key.word());
            if (d < bestDistance) {
                best = key.word();
                bestDistance = d;
            }
        }
        return best;
    }

    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
