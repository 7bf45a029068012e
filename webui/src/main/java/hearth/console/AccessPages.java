package hearth.console;

import hearth.base.Problem;
import hearth.base.Refused;
import hearth.console.view.Access;
import hearth.console.view.Access.Editor;
import hearth.console.view.Access.Past;
import hearth.console.view.Access.Preview;
import hearth.console.view.Access.Trouble;
import hearth.console.view.Access.Version;
import hearth.console.view.Page.Notice;
import hearth.policy.InvalidPolicy;
import hearth.policy.Policy;
import hearth.tailnet.PolicyState;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The policy: its text as it was written, checked and previewed before each save, and every text
 * that was saved before. A save takes exactly the text whose preview was shown.
 */
final class AccessPages {
    private static final String PAGE = "/admin/access";
    private static final int MAX_TROUBLES = 100;
    private static final int HISTORY = 200;

    private final Tailnet tailnet;
    private final Pages pages;
    private final Times times;
    private final Effects effects;
    private final NamePages names;

    AccessPages(Tailnet tailnet, Pages pages, Times times, Effects effects) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.times = times;
        this.effects = effects;
        this.names = new NamePages(tailnet, pages, effects);
    }

    List<Route> routes() {
        Rule read = Rule.may(Right.READ);
        Rule policy = Rule.may(Right.POLICY);
        List<Route> own =
                List.of(
                        Route.page(PAGE, read, c -> show(c, Frame.WHOLE, stored(c), null)),
                        Route.change(PAGE, policy, this::submit),
                        Route.change("/admin/_/access/check", policy, this::check),
                        Route.page(PAGE + "/explain", read, this::explain),
                        Route.page(PAGE + "/history", read, this::history),
                        Route.page(PAGE + "/history/{version}", read, this::past));
        return Stream.concat(own.stream(), names.routes().stream()).toList();
    }

    private Editor stored(Call call) {
        PolicyState now = tailnet.snapshot().policy();
        return editor(call, now.text(), now.etag(), "", troubles(now.problems()));
    }

    private Editor editor(
            Call call, String text, String etag, String comment, List<Trouble> troubles) {
        PolicyVersion saved = tailnet.snapshot().policy().saved();
        return new Editor(
                text,
                etag,
                comment,
                troubles,
                effects.bindings(),
                call.may(Right.POLICY),
                saved.version(),
                saved.author(),
                times.when(saved.time()));
    }

    private void show(Call call, Frame frame, Editor editor, @Nullable Preview preview) {
        Map<String, Object> model = new HashMap<>();
        model.put("model", editor);
        model.put("preview", preview);
        pages.send(call, frame, "page/access.jte", "Access", "access", model);
    }

    /** The text of the form; browsers send line ends as CR LF. */
    private static String text(Call call) {
        String text = call.form().raw("text").replace("\r\n", "\n");
        return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
    }

    private void submit(Call call) throws Refused {
        Form form = call.form();
        String text = text(call);
        String etag = form.text("etag");
        String comment = Text.cut(form.text("comment"), 200);
        try {
            if (form.has("rename")) {
                text = names.renamed(text, form.text("rename"));
            }
            Preview preview = effects.preview(text, call.remote());
            boolean seen = form.text("digest").equals(preview.digest());
            if (form.text("do").equals("save") && seen) {
                save(call, text, etag, comment);
                return;
            }
            Editor editor = editor(call, text, etag, comment, List.of());
            show(call, new Frame(200, call.htmx(), List.of(), Map.of()), editor, preview);
        } catch (InvalidPolicy e) {
            invalid(call, text, etag, comment, e);
        }
    }

    private void save(Call call, String text, String etag, String comment)
            throws Refused, InvalidPolicy {
        PolicyState saved;
        try {
            saved = tailnet.setPolicy(call.actor(), text, etag, comment);
        } catch (Refused e) {
            if (e.code() != Refused.Code.PRECONDITION_FAILED) {
                throw e;
            }
            PolicyVersion theirs = tailnet.snapshot().policy().saved();
            Notice why =
                    new Notice(
                            "warn",
                            "Not saved: "
                                    + theirs.author()
                                    + " saved version "
                                    + theirs.version()
                                    + " "
                                    + times.when(theirs.time()).relative()
                                    + ". Below is your text; look at the changes against theirs,"
                                    + " then save.");
            // from now on the author knows of theirs
            Editor editor =
                    editor(call, text, tailnet.snapshot().policy().etag(), comment, List.of());
            Preview preview = effects.preview(text, call.remote());
            show(call, new Frame(409, call.htmx(), List.of(why), Map.of()), editor, preview);
            return;
        }
        Notice done = Notice.ok("Saved as version " + saved.saved().version() + " and in force.");
        if (call.htmx()) {
            show(call, new Frame(200, true, List.of(done), Map.of()), stored(call), null);
        } else {
            pages.flash(call, done);
            Gate.redirect(call, PAGE);
        }
    }

    private void invalid(Call call, String text, String etag, String comment, InvalidPolicy e) {
        Editor editor = editor(call, text, etag, comment, troubles(text, e));
        show(call, new Frame(422, call.htmx(), List.of(), Map.of()), editor, null);
    }

    /** While somebody types: the problems, never the text. */
    private void check(Call call) {
        List<Trouble> found = List.of();
        try {
            tailnet.tryPolicy(text(call));
        } catch (InvalidPolicy e) {
            found = troubles(text(call), e);
        }
        pages.sendLive(call, "part/troubles.jte", "", new Access.Troubles(found));
    }

    /** What is wrong with {@code text}; of a failed test the source, too. */
    private static List<Trouble> troubles(String text, InvalidPolicy e) {
        Policy policy;
        try {
            policy = Policy.parse(text, Policy.Dialect.HEARTH);
        } catch (InvalidPolicy _) {
            return troubles(e.problems()); // it did not come to tests
        }
        List<Problem> named = new ArrayList<>();
        for (Problem p : e.problems()) {
            boolean test = p.code().equals(InvalidPolicy.TEST_FAILED);
            String what = test ? "test of \"" + policy.subject(p) + "\": " + p.text() : p.text();
            named.add(new Problem(p.path(), p.line(), p.column(), p.code(), what));
        }
        return troubles(named);
    }

    static List<Trouble> troubles(List<Problem> problems) {
        List<Trouble> out = new ArrayList<>();
        for (Problem p : problems) {
            if (out.size() < MAX_TROUBLES) {
                out.add(new Trouble(p.line(), p.column(), p.text()));
            }
        }
        return out;
    }

    private void explain(Call call) {
        Form q = call.query();
        var question =
                new Access.Question(
                        Text.cut(q.text("src"), 100),
                        Text.cut(q.text("dst"), 100),
                        Text.cut(q.text("port"), 10),
                        q.text("proto").isEmpty() ? "tcp" : Text.cut(q.text("proto"), 10));
        Map<String, Object> model = new HashMap<>();
        model.put("question", question);
        model.put("names", effects.names());
        Frame frame = Frame.WHOLE;
        Access.Answer answer = null;
        if (!question.src().isEmpty() || !question.dst().isEmpty()) {
            try {
                answer = effects.explain(question);
            } catch (Refused e) {
                frame =
                        new Frame(
                                Pages.status(e),
                                false,
                                List.of(Notice.bad(Pages.sentence(e.text()))),
                                Map.of());
            }
        }
        model.put("answer", answer);
        pages.send(call, frame, "page/explain.jte", "Who can reach what", "access", model);
    }

    private void history(Call call) throws Refused {
        List<Version> versions = new ArrayList<>();
        for (PolicyVersion v : tailnet.policyHistory(HISTORY)) {
            versions.add(version(v));
        }
        pages.send(
                call,
                Frame.WHOLE,
                "page/history.jte",
                "Policy history",
                "access",
                Map.of("versions", versions));
    }

    private Version version(PolicyVersion v) {
        return new Version(
                v.version(),
                v.author().isEmpty() ? "built in" : v.author(),
                times.when(v.time()),
                Text.cut(v.comment(), 200),
                v.version() == tailnet.snapshot().policy().inForce());
    }

    private String before(PolicyVersion v) throws Refused {
        PolicyVersion previous = v.version() > 1 ? tailnet.policyVersion(v.version() - 1) : null;
        return previous == null ? Policy.DEFAULT_TEXT : previous.text();
    }

    private void past(Call call) throws Refused {
        PolicyVersion v = tailnet.policyVersion(call.number("version"));
        if (v == null) {
            throw Refused.notFound("there is no such version");
        }
        PolicyState now = tailnet.snapshot().policy();
        var model =
                new Past(
                        version(v),
                        v.text().lines().toList(),
                        LineDiff.of(now.text(), v.text()),
                        Effects.edits(before(v), v.text()),
                        v.text(),
                        now.etag());
        pages.send(
                call,
                Frame.WHOLE,
                "page/past.jte",
                "Version " + v.version() + " · Policy history",
                "access",
                Map.of("model", model, "mayChange", call.may(Right.POLICY)));
    }
}
