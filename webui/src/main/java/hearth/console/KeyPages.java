package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Chip;
import hearth.console.view.Keys;
import hearth.console.view.Machines.Confirm;
import hearth.tailnet.AuthKey;
import hearth.tailnet.CreatedKey;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Auth keys: the list, making one, the command that uses it. */
final class KeyPages {
    private static final String LIST = "/admin/keys";
    private static final int MAX_DAYS = 365;

    private final Tailnet tailnet;
    private final Pages pages;
    private final Times times;
    private final Box box;

    KeyPages(Tailnet tailnet, Pages pages, Times times, Box box) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.times = times;
        this.box = box;
    }

    List<Route> routes() {
        Rule read = Rule.may(Right.READ);
        Rule keys = Rule.may(Right.KEYS);
        return List.of(
                Route.page(LIST, read, c -> show(c, Frame.WHOLE, null)),
                Route.part("/admin/_/keys/rows", LIST, read, this::rows),
                Route.change(LIST, keys, this::create),
                Route.page(LIST + "/{id}/revoke", keys, c -> askRevoke(c, false)),
                Route.part(
                        "/admin/_/keys/{id}/revoke",
                        LIST + "/{id}/revoke",
                        keys,
                        c -> askRevoke(c, true)),
                Route.change(LIST + "/{id}/revoke", keys, this::revoke));
    }

    private void show(Call call, Frame frame, @Nullable CreatedKey fresh) {
        Map<String, Object> model = new HashMap<>();
        model.put("table", table(call));
        model.put("owners", Pages.logins(tailnet.snapshot()));
        model.put("mayCreate", call.may(Right.KEYS));
        model.put(
                "fresh",
                fresh == null
                        ? Keys.Fresh.NONE
                        : new Keys.Fresh(
                                fresh.secret(),
                                "tailscale up --login-server="
                                        + box.joinUrl()
                                        + " --auth-key="
                                        + fresh.secret(),
                                kind(fresh.key()),
                                times.when(fresh.key().expires())));
        pages.send(call, frame, "page/keys.jte", "Keys", "keys", model);
    }

    private void rows(Call call) {
        Keys.Table model = table(call);
        pages.sendLive(call, "part/keys.jte", Pages.version(model.rows()), model);
    }

    private Keys.Table table(Call call) {
        Snapshot now = tailnet.snapshot();
        boolean all = call.query().text("show").equals("all");
        Instant at = times.now();
        List<Keys.Row> rows = new ArrayList<>();
        int hidden = 0;
        for (AuthKey k : now.keys()) {
            boolean live = k.valid(at);
            if (!live && !all) {
                hidden++;
                continue;
            }
            User owner = now.user(k.userId());
            Instant revoked = k.revoked();
            rows.add(
                    new Keys.Row(
                            k.id(),
                            k.description().isBlank() ? k.id() : Text.name(k.description()),
                            k.tags().isEmpty() ? owner == null ? "" : owner.login() : "",
                            k.tags(),
                            kind(k),
                            state(k, at),
                            k.uses() == 0 ? "not used" : Text.count(k.uses(), "device", "devices"),
                            times.when(revoked != null ? revoked : k.expires()),
                            live && call.may(Right.KEYS)));
        }
        String address = "/admin/_/keys/rows?v=" + Pages.version(rows) + (all ? "&show=all" : "");
        return new Keys.Table(rows, hidden, all, address);
    }

    private static String kind(AuthKey k) {
        List<String> out = new ArrayList<>();
        out.add(k.reusable() ? "reusable" : "single use");
        if (k.ephemeral()) {
            out.add("ephemeral");
        }
        if (k.preauthorized()) {
            out.add("pre-approved");
        }
        return String.join(", ", out);
    }

    private static Chip state(AuthKey k, Instant at) {
        if (k.revoked() != null) {
            return new Chip("off", "stop", "Revoked");
        }
        if (!at.isBefore(k.expires())) {
            return new Chip("off", "clock", "Expired");
        }
        return k.valid(at) ? new Chip("ok", "check", "Good") : new Chip("off", "check", "Used");
    }

    private void create(Call call) throws Refused {
        Form form = call.form();
        CreatedKey created;
        try {
            boolean tagged = form.text("as").equals("tags");
            String owner = form.text("owner");
            var options =
                    new KeyOptions(
                            tagged || owner.isEmpty() ? null : owner,
                            tagged ? form.someTags("tags") : List.of(),
                            form.has("reusable"),
                            form.has("ephemeral"),
                            form.has("preauthorized"),
                            expiry(form.text("expiry")),
                            Text.cut(form.text("description"), 100));
            created = tailnet.createKey(call.actor(), options);
        } catch (Refused e) {
            pages.change(
                    call,
                    LIST,
                    () -> {
                        throw e;
                    },
                    frame -> show(call, frame, null));
            return;
        }
        // shown once, so there is no redirect to lose it in
        show(call, new Frame(200, call.htmx(), List.of(), Map.of()), created);
    }

    private static Duration expiry(String text) throws Refused {
        return switch (text) {
            case "", "1d" -> Duration.ofDays(1);
            case "1h" -> Duration.ofHours(1);
            default -> {
                if (!text.matches("[0-9]{1,3}d?")) {
                    throw Refused.invalid("expiry \"" + text + "\": expected 1 to 365 days");
                }
                int days = Integer.parseInt(text.replace("d", ""));
                if (days < 1 || days > MAX_DAYS) {
                    throw Refused.invalid("expiry \"" + text + "\": expected 1 to 365 days");
                }
                yield Duration.ofDays(days);
            }
        };
    }

    private AuthKey key(Call call) throws Refused {
        AuthKey k = tailnet.snapshot().key(call.segment("id"));
        if (k == null) {
            throw Refused.notFound("this key does not exist (any more)");
        }
        return k;
    }

    private void askRevoke(Call call, boolean part) throws Refused {
        AuthKey k = key(call);
        var model =
                new Confirm(
                        "Revoke this key?",
                        (k.description().isBlank() ? k.id() : Text.name(k.description()))
                                + " · "
                                + kind(k),
                        List.of(
                                "No device can join with it any more.",
                                "Devices that joined with it stay in."),
                        LIST + "/" + k.id() + "/revoke",
                        "Revoke key",
                        "Keep it",
                        LIST,
                        true);
        pages.confirm(call, part, "keys", model);
    }

    private void revoke(Call call) throws Refused {
        AuthKey k = key(call);
        pages.change(
                call,
                LIST,
                () -> {
                    tailnet.revokeKey(call.actor(), k.id());
                    return "Key revoked.";
                },
                frame -> show(call, frame, null));
    }
}
