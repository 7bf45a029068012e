package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Access.Binding;
import hearth.console.view.Access.Choice;
import hearth.console.view.Access.Chosen;
import hearth.console.view.Page.Notice;
import hearth.policy.DeviceRename;
import hearth.policy.InvalidPolicy;
import hearth.tailnet.DeviceName;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One device name of the policy: which device it means, and another one in its place. As with the
 * text, who gains and who loses is shown before anything changes.
 */
final class NamePages {
    private static final String PAGE = "/admin/access/names/{name}";

    private final Tailnet tailnet;
    private final Pages pages;
    private final Effects effects;

    NamePages(Tailnet tailnet, Pages pages, Effects effects) {
        this.tailnet = tailnet;
        this.pages = pages;
        this.effects = effects;
    }

    List<Route> routes() {
        return List.of(
                Route.page(
                        PAGE,
                        Rule.may(Right.READ),
                        c -> show(c, Frame.WHOLE, find(c.segment("name")), null)),
                Route.change(PAGE, Rule.may(Right.POLICY), this::submit));
    }

    /** The text with the present name of the device that {@code name} means. */
    String renamed(String text, String name) throws Refused, InvalidPolicy {
        Node node = find(name).node();
        if (node == null) {
            throw Refused.notFound("no device is bound to \"" + name + "\"");
        }
        return DeviceRename.rewrite(text, name, node.name(), tailnet.snapshot().domain());
    }

    private DeviceName find(String name) throws Refused {
        return DeviceName.of(tailnet.snapshot()).stream()
                .filter(n -> n.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refused.notFound("the policy names no device \"" + name + "\""));
    }

    private void submit(Call call) throws Refused {
        DeviceName name = find(call.segment("name"));
        Form form = call.form();
        String asked = form.text("node");
        Node node =
                asked.matches("[0-9]{1,18}")
                        ? tailnet.snapshot().node(Long.parseLong(asked))
                        : null;
        if (node == null) {
            show(call, frame(call, 422, "Choose a device that is in the network."), name, null);
            return;
        }
        boolean seen = form.text("do").equals("bind") && form.text("seen").equals(asked);
        boolean stale = seen && !form.text("was").equals(number(name.node()));
        if (!seen || stale) {
            Frame frame =
                    stale
                            ? frame(call, 409, "Somebody bound it meanwhile; look again.")
                            : new Frame(200, call.htmx(), List.of(), Map.of());
            show(call, frame, name, node);
            return;
        }
        pages.change(
                call,
                "/admin/access",
                () -> {
                    tailnet.bindDeviceName(call.actor(), name.name(), node.id());
                    return "\"" + name.name() + "\" means " + node.name() + " from now on.";
                },
                frame -> show(call, frame, find(name.name()), null));
    }

    private static Frame frame(Call call, int status, String text) {
        return new Frame(status, call.htmx(), List.of(new Notice("warn", text)), Map.of());
    }

    private static String number(@Nullable Node node) {
        return node == null ? "" : Long.toString(node.id());
    }

    private void show(Call call, Frame frame, DeviceName name, @Nullable Node looked) {
        Snapshot now = tailnet.snapshot();
        Node preset = looked != null ? looked : name.bearer() != null ? name.bearer() : name.node();
        List<Choice> choices = new ArrayList<>();
        for (Node n : now.nodes()) {
            boolean chosen = preset != null && preset.id() == n.id();
            choices.add(new Choice(n.id(), n.name() + " · " + effects.details(n), chosen));
        }
        Chosen chosen =
                looked == null
                        ? null
                        : new Chosen(
                                looked.id(), looked.name(), effects.preview(name.name(), looked));
        Map<String, Object> model = new HashMap<>();
        model.put(
                "model",
                new Binding(
                        effects.name(name),
                        number(name.node()),
                        choices,
                        chosen,
                        call.may(Right.POLICY)));
        pages.send(call, frame, "page/name.jte", name.name() + " · Access", "access", model);
    }
}
