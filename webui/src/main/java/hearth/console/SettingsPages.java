package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Chip;
import hearth.console.view.Status;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Settings;
import hearth.tailnet.Tailnet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Switches of the whole network, and how the appliance is. */
final class SettingsPages {
    private static final String PAGE = "/admin/settings";
    private static final int MAX_DAYS = 3650;

    private final Tailnet tailnet;
    private final Pages pages;
    private final Box box;

    SettingsPages(Tailnet tailnet, Pages pages, Box box) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.box = box;
    }

    List<Route> routes() {
        return List.of(
                Route.page(PAGE, Rule.may(Right.READ), c -> show(c, Frame.WHOLE)),
                Route.change(PAGE, Rule.may(Right.SETTINGS), this::save));
    }

    private void show(Call call, Frame frame) {
        Map<String, List<Status.Line>> groups = new LinkedHashMap<>();
        for (Box.Fact f : box.facts()) {
            groups.computeIfAbsent(f.group(), _ -> new ArrayList<>())
                    .add(new Status.Line(f.name(), f.value(), chip(f.level()), f.hint()));
        }
        List<Status.Group> shown = new ArrayList<>();
        groups.forEach((title, lines) -> shown.add(new Status.Group(title, lines)));
        Settings s = tailnet.snapshot().settings();
        var model =
                new Status(
                        box.version(),
                        Pages.version(s),
                        shown,
                        s.deviceApproval(),
                        s.keyExpiry(),
                        s.keyDuration().toDays(),
                        call.may(Right.SETTINGS));
        pages.send(
                call,
                frame,
                "page/settings.jte",
                "Settings and status",
                "settings",
                Map.of("model", model));
    }

    private static Chip chip(Box.Level level) {
        return switch (level) {
            case GOOD -> new Chip("ok", "check", "Good");
            case PLAIN -> new Chip("", "", "");
            case WARNING -> new Chip("warn", "alert", "Look");
            case BAD -> new Chip("bad", "stop", "Broken");
        };
    }

    private void save(Call call) throws Refused {
        Form form = call.form();
        pages.change(
                call,
                PAGE,
                () -> {
                    String days = form.text("days");
                    if (!days.matches("[0-9]{1,4}")
                            || Integer.parseInt(days) < 1
                            || Integer.parseInt(days) > MAX_DAYS) {
                        throw Refused.invalid("days \"" + days + "\": expected 1 to " + MAX_DAYS);
                    }
                    Settings present = tailnet.snapshot().settings();
                    form.refuseStale(
                            Pages.version(present),
                            "new devices "
                                    + (present.deviceApproval() ? "wait" : "do not wait")
                                    + ", keys "
                                    + (present.keyExpiry() ? "expire" : "do not expire")
                                    + ", a login lasts "
                                    + Text.count(present.keyDuration().toDays(), "day", "days"));
                    tailnet.setSettings(
                            call.actor(),
                            new Settings(
                                    form.has("approval"),
                                    form.has("expiry"),
                                    Duration.ofDays(Integer.parseInt(days))));
                    return "Settings saved.";
                },
                frame -> show(call, frame));
    }
}
