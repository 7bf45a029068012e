package hearth.app;

import hearth.console.Box;
import hearth.console.Paths;
import hearth.listen.Certificates;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the status page tells about this machine. */
final class ApplianceBox implements Box {
    private static final Duration SOON = Duration.ofDays(14);
    private static final DateTimeFormatter UNTIL =
            DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm z", Locale.ENGLISH)
                    .withZone(ZoneId.systemDefault());

    private final Reach reach;
    private final Certificates certificates;
    private final Supplier<List<String>> problems;

    /** {@code problems}: what this machine does not let us do, in words. */
    ApplianceBox(Reach reach, Certificates certificates, Supplier<List<String>> problems) {
        this.reach = reach;
        this.certificates = certificates;
        this.problems = problems;
    }

    /** A measured way as the pages show it. */
    static Paths.Report report(hearth.api.Paths.@Nullable Pair p) {
        if (p == null) {
            return Paths.Report.UNKNOWN;
        }
        Paths.Kind kind =
                switch (p.kind()) {
                    case LAN, DIRECT -> Paths.Kind.DIRECT;
                    case RELAYED -> Paths.Kind.RELAYED;
                    case UNKNOWN -> Paths.Kind.UNKNOWN;
                };
        return new Paths.Report(kind, p.via(), p.latency(), p.measured());
    }

    @Override
    public String version() {
        return Appliance.VERSION;
    }

    @Override
    public String joinUrl() {
        return reach.joinUrl();
    }

    @Override
    public String pageUrl() {
        return reach.pageUrl();
    }

    @Override
    public List<Fact> facts() {
        List<Fact> out = new ArrayList<>();
        if (reach.tlsByProxy()) {
            out.add(new Fact("Certificate", "Shown by", "the proxy in front", Level.PLAIN, ""));
        } else {
            boolean pinned = certificates.pin() != null;
            out.add(
                    new Fact(
                            "Certificate",
                            "Vouched for by",
                            pinned ? "this appliance alone" : "an authority",
                            pinned ? Level.PLAIN : Level.GOOD,
                            pinned ? "browsers warn; give it a name and a certificate" : ""));
            out.add(validity(certificates.current().expires(), pinned, Instant.now()));
        }
        out.add(new Fact("Reach", "Devices join by", reach.joinUrl(), Level.PLAIN, ""));
        for (String warning : problems.get()) {
            out.add(new Fact("Machine", "Missing", warning, Level.WARNING, ""));
        }
        return out;
    }

    /**
     * Until when the certificate is good.
     *
     * @param own made here, and made anew here in time
     */
    static Fact validity(Instant expires, boolean own, Instant now) {
        boolean over = !now.isBefore(expires);
        boolean soon = !own && now.plus(SOON).isAfter(expires);
        return new Fact(
                "Certificate",
                "Good until",
                UNTIL.format(expires),
                over ? Level.BAD : soon ? Level.WARNING : Level.PLAIN,
                over || soon ? "put a new one in its place; it is read without a restart" : "");
    }
}
