package hearth.app;

import hearth.console.Box;
import hearth.listen.Certificates;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the status page tells about this machine. */
final class ApplianceBox implements Box {
    private final Reach reach;
    private final Certificates certificates;
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    ApplianceBox(Reach reach, Certificates certificates) {
        this.reach = reach;
        this.certificates = certificates;
    }

    /** Adds something a person should know while this process runs. */
    void warn(String text) {
        warnings.add(text);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
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
        boolean pinned = certificates.pin() != null;
        out.add(
                new Fact(
                        "Certificate",
                        "Vouched for by",
                        pinned ? "this appliance alone" : "an authority",
                        pinned ? Level.PLAIN : Level.GOOD,
                        pinned ? "browsers warn; give it a name and a certificate" : ""));
        out.add(
                new Fact(
                        "Certificate",
                        "Good until",
                        String.valueOf(certificates.current().expires()),
                        Level.PLAIN,
                        ""));
        out.add(new Fact("Reach", "Devices join by", reach.joinUrl(), Level.PLAIN, ""));
        for (String warning : warnings) {
            out.add(new Fact("Machine", "Missing", warning, Level.WARNING, ""));
        }
        return out;
    }
}
