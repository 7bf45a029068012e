package hearth.console;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.console.view.Chip;
import hearth.console.view.Machines.Fact;
import hearth.console.view.Machines.Facts;
import hearth.console.view.Machines.Row;
import hearth.tailnet.Node;
import hearth.tailnet.Presence;
import hearth.tailnet.Snapshot;
import hearth.tailnet.User;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Nodes in words. */
final class MachineFacts {
    private static final Duration SOON = Duration.ofDays(7);

    private final Paths paths;
    private final Times times;

    MachineFacts(Paths paths, Times times) {
        this.paths = paths;
        this.times = times;
    }

    Row row(Snapshot now, Node n) {
        Presence presence = now.presence(n.id());
        boolean online = n.local() || presence.online();
        User owner = now.userOf(n);
        Paths.Report path = online && !n.local() ? paths.of(n.id()) : Paths.Report.UNKNOWN;
        Instant seen = presence.lastSeen();
        return new Row(
                n.id(),
                n.name(),
                icon(n.hostinfo().os()),
                os(n),
                owner.isTaggedDevices() ? "" : owner.login(),
                n.tags(),
                badges(n),
                n.v4().toString(),
                n.v6().toString(),
                state(n, owner, online),
                online && !n.local() ? chip(path) : null,
                path.via(),
                online,
                seen == null ? null : times.when(seen),
                version(n),
                expiry(n),
                expiryKind(n),
                !n.local());
    }

    private static Chip state(Node n, User owner, boolean online) {
        if (n.expired()) {
            return new Chip("bad", "clock", n.loggedOut() ? "Logged out" : "Expired");
        }
        if (!n.authorized()) {
            return new Chip("warn", "alert", "Needs approval");
        }
        if (owner.suspended()) {
            return new Chip("bad", "stop", "Owner suspended");
        }
        return online ? new Chip("ok", "check", "Online") : new Chip("off", "off", "Offline");
    }

    private static Chip chip(Paths.Report path) {
        Duration latency = path.latency();
        String time = latency == null ? "" : " " + Times.latency(latency);
        return switch (path.kind()) {
            case DIRECT -> new Chip("ok", "direct", "Direct" + time);
            case RELAYED -> new Chip("warn", "relayed", "Relayed" + time);
            case WIREGUARD -> new Chip("ok", "direct", "WireGuard" + time);
            case UNKNOWN -> new Chip("off", "off", "Not measured");
        };
    }

    private static List<Chip> badges(Node n) {
        List<Chip> out = new ArrayList<>();
        if (n.local()) {
            out.add(new Chip("info", "home", "This appliance"));
        }
        List<IpPrefix> enabled = n.enabledRoutes();
        if (enabled.stream().anyMatch(IpPrefix::isDefaultRoute)) {
            out.add(new Chip("info", "exit", "Exit"));
        }
        if (enabled.stream().anyMatch(p -> !p.isDefaultRoute())) {
            out.add(new Chip("info", "network", "Subnets"));
        }
        if (RouteFacts.waiting(n)) {
            out.add(new Chip("warn", "network", "Route waiting"));
        }
        if (n.ephemeral()) {
            out.add(new Chip("off", "clock", "Ephemeral"));
        }
        return out;
    }

    Facts facts(Snapshot now, Node n) {
        Row row = row(now, n);
        List<Fact> out = new ArrayList<>();
        out.add(Fact.chip("State", row.state(), ""));
        if (row.path() != null) {
            out.add(Fact.chip("Path from here", row.path(), pathText(n)));
        }
        if (row.online()) {
            out.add(Fact.of("Last seen", "now"));
        } else {
            out.add(Fact.at("Last seen", row.seen() == null ? "never" : "", row.seen()));
        }
        out.add(Fact.mono("Addresses", row.v4() + "\n" + row.v6()));
        out.add(Fact.mono("Full name", now.fullName(n)));
        out.add(Fact.of("Owner", row.owner().isEmpty() ? "nobody: it has tags" : row.owner()));
        out.add(Fact.of("System", row.os().isEmpty() ? "not told" : row.os()));
        out.add(
                Fact.of(
                        row.program() + " version",
                        row.version().isEmpty() ? "not told" : row.version()));
        out.add(Fact.at("In the network", "since ", times.when(n.created())));
        Instant expiry = n.keyExpiry();
        out.add(
                expiry == null
                        ? Fact.of("Key", "never expires")
                        : Fact.at("Key", n.expired() ? "ended " : "expires ", times.when(expiry)));
        if (!n.endpoints().isEmpty()) {
            out.add(Fact.mono("Tells of itself", endpoints(n)));
        }
        if (n.homeDerp() != 0) {
            out.add(Fact.of("Home relay", "region " + n.homeDerp()));
        }
        String address = "/admin/_/machines/" + n.id() + "/facts?v=" + Pages.version(out);
        return new Facts(n.name(), out, address);
    }

    private String pathText(Node n) {
        Paths.Report path = paths.of(n.id());
        Instant measured = path.measured();
        String age = measured == null ? "" : "measured " + times.when(measured).relative();
        return path.via().isEmpty() ? age : age.isEmpty() ? path.via() : path.via() + ", " + age;
    }

    private static String endpoints(Node n) {
        List<String> out = new ArrayList<>();
        for (InetSocketAddress e : n.endpoints()) {
            out.add(IpAddress.of(e.getAddress()).withPort(e.getPort()));
        }
        return String.join("\n", out);
    }

    private String expiry(Node n) {
        Instant at = n.keyExpiry();
        if (n.loggedOut()) {
            return "logged out";
        }
        return at == null ? "never" : times.when(at).relative();
    }

    private String expiryKind(Node n) {
        Instant at = n.keyExpiry();
        if (n.expired()) {
            return "bad";
        }
        return at != null && at.isBefore(times.now().plus(SOON)) ? "warn" : "";
    }

    static String version(Node n) {
        String v = n.hostinfo().ipnVersion();
        int dash = v.indexOf('-');
        return Text.cut(dash < 0 ? v : v.substring(0, dash), 20);
    }

    private static String os(Node n) {
        return osName(n.hostinfo().os())
                + (n.hostinfo().osVersion().isEmpty()
                        ? ""
                        : " " + Text.cut(n.hostinfo().osVersion(), 24));
    }

    /** The names that people know. */
    static String osName(String os) {
        return switch (os.toLowerCase(Locale.ROOT)) {
            case "linux" -> "Linux";
            case "macos", "darwin" -> "macOS";
            case "ios" -> "iOS";
            case "tvos" -> "tvOS";
            case "windows" -> "Windows";
            case "android" -> "Android";
            case "freebsd" -> "FreeBSD";
            default -> Text.cut(os, 24);
        };
    }

    private static String icon(String os) {
        return switch (os.toLowerCase(Locale.ROOT)) {
            case "ios", "android" -> "phone";
            case "macos", "windows", "darwin" -> "laptop";
            case "linux", "freebsd" -> "server";
            default -> "monitor";
        };
    }
}
