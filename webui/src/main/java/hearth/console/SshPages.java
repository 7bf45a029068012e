package hearth.console;

import hearth.base.Refused;
import hearth.console.view.SshSession;
import hearth.login.SshCheck;
import hearth.login.SshChecks;
import hearth.tailnet.Node;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The page whose address an SSH client prints when the policy says {@code check}: the owner of the
 * device that the session comes from confirms it, freshly signed in or with the password.
 */
final class SshPages {
    private final Tailnet tailnet;
    private final SshChecks checks;
    private final Pages pages;
    private final Times times;

    SshPages(Tailnet tailnet, SshChecks checks, Pages pages, Times times) {
        this.tailnet = tailnet;
        this.checks = checks;
        this.pages = pages;
        this.times = times;
    }

    List<Route> routes() {
        return List.of(
                Route.page("/ssh/{id}", Rule.SIGNED_IN, c -> show(c, Frame.WHOLE)),
                Route.change("/ssh/{id}/confirm", Rule.SIGNED_IN, this::confirm),
                Route.change("/ssh/{id}/refuse", Rule.SIGNED_IN, this::refuse));
    }

    private void show(Call call, Frame frame) {
        SshSession model = model(call);
        String title =
                switch (model.state()) {
                    case "waiting" ->
                            model.mine() ? "Is this SSH session yours?" : "An SSH session waits";
                    case "confirmed" -> "SSH session confirmed";
                    case "refused" -> "SSH session refused";
                    default -> "SSH session";
                };
        pages.send(call, frame, "page/ssh.jte", title, "", Map.of("model", model));
    }

    private SshSession model(Call call) {
        SshCheck check = checks.find(call.segment("id")).orElse(null);
        if (check == null || check.state() == SshCheck.State.GONE) {
            return without("gone", "");
        }
        boolean mine = check.owner().equals(call.person().login());
        if (!SshChecks.mayRefuse(call.actor(), check)) {
            return without("other", call.person().login());
        }
        Snapshot now = tailnet.snapshot();
        Node from = now.node(check.source());
        return new SshSession(
                check.id(),
                switch (check.state()) {
                    case WAITING -> "waiting";
                    case CONFIRMED -> "confirmed";
                    case REFUSED -> "refused";
                    case GONE -> "gone";
                },
                name(from),
                from == null ? "" : from.v4().toString(),
                name(now.node(check.destination())),
                Text.name(check.localUser()),
                check.owner(),
                check.period().isZero() ? "" : words(check.period()),
                times.when(check.created()),
                mine,
                checks.needsPassword(check, call.ownSession()));
    }

    private static SshSession without(String state, String login) {
        return new SshSession("", state, "", "", "", "", login, "", null, false, false);
    }

    private static String name(@Nullable Node n) {
        return n == null ? "a removed device" : n.name();
    }

    /** {@code 12 hours}, {@code 90 minutes}: a period as the policy means it, never rounded. */
    static String words(Duration period) {
        if (period.toSeconds() % 3600 == 0) {
            return Text.count(period.toHours(), "hour", "hours");
        }
        return period.toSeconds() % 60 == 0
                ? Text.count(period.toMinutes(), "minute", "minutes")
                : Text.count(period.toSeconds(), "second", "seconds");
    }

    private void confirm(Call call) throws Refused {
        String id = call.segment("id");
        pages.change(
                call,
                "/ssh/" + id,
                () -> {
                    var refusal =
                            checks.confirm(
                                    call.actor(),
                                    id,
                                    call.ownSession(),
                                    call.form().raw("password"),
                                    call.remote());
                    if (refusal.isPresent()) {
                        throw SignInPages.refused(refusal.get(), "the password is wrong");
                    }
                    return "Confirmed.";
                },
                frame -> show(call, frame));
    }

    private void refuse(Call call) throws Refused {
        String id = call.segment("id");
        pages.change(
                call,
                "/ssh/" + id,
                () -> {
                    checks.refuse(call.actor(), id);
                    return "Refused.";
                },
                frame -> show(call, frame));
    }
}
