package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code hearth dns}. */
@Command(
        name = "dns",
        description = "Names in the tailnet.",
        subcommands = {DnsCommand.Show.class, DnsCommand.Set.class})
final class DnsCommand extends CommandGroup {
    private static final String PATH = "/api/v2/tailnet/-/dns/configuration";

    @Command(name = "show", description = "Show the settings.")
    static final class Show extends SocketCommand {
        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            print(this, out, client.get(PATH));
        }
    }

    @Command(name = "set", description = "Change settings; what is not named stays.")
    static final class Set extends SocketCommand {
        @Option(
                names = "--magic-dns",
                paramLabel = "on|off",
                arity = "1",
                converter = OnOff.class,
                description = "Names of devices resolve.")
        @Nullable Boolean magicDns;

        @Option(
                names = "--override-local",
                paramLabel = "on|off",
                arity = "1",
                converter = OnOff.class,
                description = "Devices ask only these nameservers.")
        @Nullable Boolean overrideLocal;

        @Option(
                names = "--nameserver",
                arity = "0..1",
                paramLabel = "IP",
                description = "A nameserver; may be repeated; empty removes all.")
        @Nullable List<String> nameservers;

        @Option(
                names = "--search",
                arity = "0..1",
                paramLabel = "DOMAIN",
                description = "A search domain; may be repeated; empty removes all.")
        @Nullable List<String> search;

        @Option(
                names = "--split",
                paramLabel = "DOMAIN=IP,IP",
                description = "Nameservers of one domain; none after = removes it.")
        List<String> split = List.of();

        @Override
        void run(SocketClient client, PrintWriter out) throws Refused {
            ObjectNode now = (ObjectNode) client.get(PATH);
            ObjectNode preferences = now.withObject("/preferences");
            if (magicDns != null) {
                preferences.put("magicDNS", magicDns);
            }
            if (overrideLocal != null) {
                preferences.put("overrideLocalDNS", overrideLocal);
            }
            if (nameservers != null) {
                ArrayNode all = now.putArray("nameservers");
                nameservers.stream()
                        .filter(n -> !n.isEmpty())
                        .forEach(n -> all.addObject().put("address", n));
            }
            if (search != null) {
                ArrayNode all = now.putArray("searchPaths");
                search.stream().filter(n -> !n.isEmpty()).forEach(all::add);
            }
            ObjectNode domains = now.withObject("/splitDNS");
            for (String s : split) {
                int eq = s.indexOf('=');
                if (eq < 1) {
                    throw new ParameterException(
                            spec().commandLine(), "--split \"" + s + "\": expected DOMAIN=IP,IP");
                }
                String domain = s.substring(0, eq).toLowerCase(Locale.ROOT);
                String servers = s.substring(eq + 1);
                if (servers.isEmpty()) {
                    domains.remove(domain);
                } else {
                    ArrayNode list = domains.putArray(domain);
                    List.of(servers.split(",", -1))
                            .forEach(ip -> list.addObject().put("address", ip));
                }
            }
            print(this, out, client.post(PATH, now));
        }
    }

    private static void print(SocketCommand command, PrintWriter out, JsonNode dns) {
        if (command.json) {
            SocketCommand.printJson(out, dns);
            return;
        }
        Table table = new Table("SETTING", "VALUE");
        JsonNode preferences = dns.path("preferences");
        table.add("MagicDNS", preferences.path("magicDNS").asBoolean() ? "on" : "off");
        table.add(
                "override local DNS",
                preferences.path("overrideLocalDNS").asBoolean() ? "on" : "off");
        table.add("nameservers", addresses(dns.path("nameservers")));
        table.add("search domains", SocketCommand.join(dns.path("searchPaths")));
        for (var domain : dns.path("splitDNS").properties()) {
            table.add("split " + domain.getKey(), addresses(domain.getValue()));
        }
        table.print(out);
    }

    private static String addresses(JsonNode list) {
        ArrayNode flat = SocketClient.JSON.createArrayNode();
        list.forEach(n -> flat.add(n.isObject() ? n.path("address").asString() : n.asString()));
        return SocketCommand.join(flat);
    }
}
