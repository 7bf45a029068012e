package hearth.cli;

import hearth.base.Refused;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code hearth status}. */
@Command(name = "status", description = "Devices and the ways between them.")
final class StatusCommand extends SocketCommand {
    @Option(names = "--probe", description = "Ask devices to ping each other first.")
    boolean probe;

    @Override
    void run(SocketClient client, PrintWriter out) throws Refused {
        JsonNode status = client.get("/localapi/v0/status" + (probe ? "?probe=true" : ""));
        if (json) {
            printJson(out, status);
        } else {
            print(status, out);
        }
    }

    static void print(JsonNode status, PrintWriter out) {
        Table table = new Table("ADDRESS", "NAME", "OWNER", "OS", "STATE");
        if (status.path("Self").isObject()) {
            row(table, status, status.path("Self"));
        }
        List<JsonNode> peers = new ArrayList<>();
        status.path("Peer").forEach(peers::add);
        peers.sort(Comparator.comparing(p -> p.path("DNSName").asString("")));
        peers.forEach(p -> row(table, status, p));
        table.print(out);
        for (JsonNode line : status.path("Health")) {
            out.println("# " + line.asString());
        }
        if (status.path("SetupToken").isString()) {
            out.println("# not set up yet, the setup token is " + text(status, "SetupToken"));
        }
        out.println();
        pairs(out, status, "Direct connections (peer-to-peer)", p -> isDirect(p));
        out.println();
        pairs(out, status, "Relayed connections (DERP)", p -> text(p, "Path").equals("relay"));
        List<JsonNode> unknown = new ArrayList<>();
        for (JsonNode p : status.path("Pairs")) {
            if (text(p, "Path").equals("unknown")) {
                unknown.add(p);
            }
        }
        if (!unknown.isEmpty()) {
            out.println();
            pairs(out, status, "Unknown", p -> text(p, "Path").equals("unknown"));
        }
    }

    private static boolean isDirect(JsonNode pair) {
        String path = text(pair, "Path");
        return path.equals("direct") || path.equals("lan");
    }

    private static void row(Table table, JsonNode status, JsonNode node) {
        JsonNode user = status.path("User").path(node.path("UserID").asString(""));
        table.add(
                node.path("TailscaleIPs").path(0).asString("-"),
                Devices.label(text(node, "DNSName")),
                text(user, "LoginName"),
                text(node, "OS"),
                state(node));
    }

    private static String state(JsonNode node) {
        List<String> words = new ArrayList<>();
        if (!node.path("InNetworkMap").asBoolean(true)) {
            words.add("needs approval");
        }
        if (node.path("UserSuspended").asBoolean()) {
            words.add("owner suspended");
        }
        if (node.path("Expired").asBoolean()) {
            words.add("expired");
        }
        if (!text(node, "CurAddr").equals("-")) {
            words.add("direct " + text(node, "CurAddr"));
        } else if (!text(node, "Relay").equals("-")) {
            words.add("relay \"" + text(node, "Relay") + "\"");
        }
        if (node.path("ExitNodeOption").asBoolean()) {
            words.add("offers exit node");
        }
        if (!node.path("Online").asBoolean()) {
            words.add("offline, last seen " + text(node, "LastSeen"));
        }
        return words.isEmpty() ? "-" : String.join("; ", words);
    }

    private static void pairs(
            PrintWriter out, JsonNode status, String title, Predicate<JsonNode> wanted) {
        out.println(title);
        Table table = new Table("  FROM", "TO", "PATH", "VIA", "LATENCY", "AGE");
        boolean any = false;
        for (JsonNode p : status.path("Pairs")) {
            if (!wanted.test(p)) {
                continue;
            }
            any = true;
            JsonNode latency = p.path("LatencyMs");
            String shown =
                    latency.isNumber()
                            ? String.format(Locale.ROOT, "%.1f ms", latency.asDouble())
                            : "-";
            table.add(
                    "  " + text(p, "From"),
                    text(p, "To"),
                    switch (text(p, "Path")) {
                        case "lan" -> "LAN";
                        case "relay" -> "relay";
                        default -> text(p, "Path");
                    },
                    text(p, "Via"),
                    shown,
                    p.path("AgeSeconds").asLong() + " s");
        }
        if (any) {
            table.print(out);
        } else {
            out.println("  none known");
        }
    }
}
