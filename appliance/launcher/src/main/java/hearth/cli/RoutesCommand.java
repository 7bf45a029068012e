package hearth.cli;

import hearth.base.IpPrefix;
import hearth.base.Refused;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth routes}. */
@Command(
        name = "routes",
        description = "Subnets and exit nodes.",
        subcommands = {
            RoutesCommand.ListRoutes.class,
            RoutesCommand.Approve.class,
            RoutesCommand.Unapprove.class
        })
final class RoutesCommand extends CommandGroup {
    @Command(name = "list", description = "What devices offer and what is approved.")
    static final class ListRoutes extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            ArrayNode all = SocketClient.JSON.createArrayNode();
            Table table = new Table("ID", "NAME", "ADVERTISED", "ENABLED");
            for (JsonNode d : Devices.all(client)) {
                if (d.path("advertisedRoutes").isEmpty() && d.path("enabledRoutes").isEmpty()) {
                    continue;
                }
                ObjectNode row = all.addObject();
                row.set("nodeId", d.path("nodeId"));
                row.set("name", d.path("name"));
                row.set("advertisedRoutes", d.path("advertisedRoutes"));
                row.set("enabledRoutes", d.path("enabledRoutes"));
                table.add(
                        text(d, "nodeId"),
                        Devices.label(text(d, "name")),
                        join(d.path("advertisedRoutes")),
                        join(d.path("enabledRoutes")));
            }
            if (json) {
                printJson(out, all);
            } else {
                table.print(out);
            }
        }
    }

    /** Approval on or off for some prefixes of one device. */
    abstract static class Change extends SocketCommand {
        @Parameters(index = "0", paramLabel = "NODE", description = "The device.")
        String node = "";

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "CIDR", description = "Routes.")
        List<String> routes = List.of();

        abstract void change(Set<IpPrefix> enabled, List<IpPrefix> named);

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            String path = "/api/v2/device/" + Devices.id(client, node) + "/routes";
            List<IpPrefix> named = named();
            Set<IpPrefix> enabled = new LinkedHashSet<>();
            client.get(path)
                    .path("enabledRoutes")
                    .forEach(r -> enabled.add(IpPrefix.parse(r.asString())));
            change(enabled, named);
            ObjectNode body = SocketClient.JSON.createObjectNode();
            var array = body.putArray("routes");
            enabled.forEach(r -> array.add(r.toString()));
            JsonNode now = client.post(path, body);
            if (json) {
                printJson(out, now);
            }
        }

        /** As they are kept: without host bits, the two default routes together. */
        private List<IpPrefix> named() throws Refused {
            List<IpPrefix> out = new ArrayList<>();
            for (String text : routes) {
                IpPrefix p = IpPrefix.tryParse(text);
                if (p == null) {
                    throw Refused.invalid("route \"" + text + "\": expected a CIDR prefix");
                }
                if (p.isDefaultRoute()) {
                    out.add(IpPrefix.ALL_V4);
                    out.add(IpPrefix.ALL_V6);
                } else {
                    out.add(p.masked());
                }
            }
            return out;
        }
    }

    @Command(name = "approve", description = "Let routes of a device into the tailnet.")
    static final class Approve extends Change {
        @Override
        void change(Set<IpPrefix> enabled, List<IpPrefix> named) {
            enabled.addAll(named);
        }
    }

    @Command(name = "unapprove", description = "Take routes of a device out of the tailnet.")
    static final class Unapprove extends Change {
        @Override
        void change(Set<IpPrefix> enabled, List<IpPrefix> named) {
            named.forEach(enabled::remove);
        }
    }
}
