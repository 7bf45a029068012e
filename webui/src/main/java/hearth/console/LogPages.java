package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Logs;
import hearth.tailnet.Role.Right;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The audit log, readable. */
final class LogPages {
    private static final int PAGE = 100;

    private final Changes changes;
    private final Pages pages;

    LogPages(Changes changes, Pages pages) {
        this.changes = changes;
        this.pages = pages;
    }

    List<Route> routes() {
        Rule read = Rule.may(Right.READ);
        return List.of(
                Route.page("/admin/logs", read, this::show),
                Route.part("/admin/_/logs/rows", "/admin/logs", read, this::rows));
    }

    private void show(Call call) throws Refused {
        pages.send(
                call, Frame.WHOLE, "page/logs.jte", "Changes", "logs", Map.of("model", logs(call)));
    }

    private void rows(Call call) throws Refused {
        Logs model = logs(call);
        pages.sendLive(call, "part/logs.jte", Pages.version(model.rows()), model);
    }

    private Logs logs(Call call) throws Refused {
        String query = call.query().text("q");
        String from = call.query().text("before");
        long before = from.matches("[0-9]{1,18}") ? Long.parseLong(from) : Long.MAX_VALUE;
        var found = changes.find(before, PAGE, Changes.having(call.query().words("q")));
        String q = query.isEmpty() ? "" : "&q=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        String older = found.next() == 0 ? "" : "/admin/logs?before=" + found.next() + q;
        boolean newest = before == Long.MAX_VALUE;
        String address = newest ? "/admin/_/logs/rows?v=" + Pages.version(found.rows()) + q : "";
        return new Logs(found.rows(), query, older, newest ? "" : "/admin/logs?" + q, address);
    }
}
