package hearth.console;

import hearth.tailnet.Role.Right;
import java.util.List;
import java.util.Map;

/** How to bring a device in. */
final class AddPage {
    private final Pages pages;
    private final Box box;

    AddPage(Pages pages, Box box) {
        this.pages = pages;
        this.box = box;
    }

    List<Route> routes() {
        return List.of(Route.page("/admin/machines/new", Rule.may(Right.READ), this::show));
    }

    private void show(Call call) {
        pages.send(
                call,
                Frame.WHOLE,
                "page/add.jte",
                "Add a device",
                "machines",
                Map.of("url", box.joinUrl(), "mayCreate", call.may(Right.KEYS)));
    }
}
