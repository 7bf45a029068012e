package hearth.console;

import hearth.base.Refused;
import hearth.console.view.Dns;
import hearth.tailnet.DnsSettings;
import hearth.tailnet.Node;
import hearth.tailnet.Role.Right;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** MagicDNS, nameservers, split domains. */
final class DnsPages {
    private static final String PAGE = "/admin/dns";

    private final Tailnet tailnet;
    private final Pages pages;

    DnsPages(Tailnet tailnet, Pages pages) {
        this.tailnet = tailnet;
        this.pages = pages;
    }

    List<Route> routes() {
        Rule dns = Rule.may(Right.DNS);
        return List.of(
                Route.page(PAGE, Rule.may(Right.READ), c -> show(c, Frame.WHOLE)),
                Route.change(PAGE, dns, this::save),
                Route.change(PAGE + "/split", dns, this::addSplit),
                Route.change(PAGE + "/split/remove", dns, this::removeSplit));
    }

    private void show(Call call, Frame frame) {
        Snapshot now = tailnet.snapshot();
        DnsSettings d = now.dns();
        List<Dns.Split> splits = new ArrayList<>();
        d.splitDomains().forEach((k, v) -> splits.add(new Dns.Split(k, String.join(", ", v))));
        String sample = "nas";
        for (Node n : now.nodes()) {
            sample = n.name();
        }
        var model =
                new Dns(
                        now.domain(),
                        sample,
                        version(d),
                        d.magicDns(),
                        d.overrideLocal(),
                        String.join("\n", d.nameservers()),
                        String.join("\n", d.searchDomains()),
                        splits,
                        order(now, d),
                        call.may(Right.DNS));
        pages.send(call, frame, "page/dns.jte", "DNS", "dns", Map.of("model", model));
    }

    /** What happens to a name, step by step. */
    private static List<String> order(Snapshot now, DnsSettings d) {
        List<String> out = new ArrayList<>();
        out.add(
                d.magicDns()
                        ? "Names below " + now.domain() + " are answered on the device itself."
                        : "MagicDNS is off: devices are reached by address only.");
        if (!d.splitDomains().isEmpty()) {
            out.add(
                    "Names below "
                            + String.join(", ", d.splitDomains().keySet())
                            + " go to the servers named here; the longest match wins.");
        }
        if (!d.nameservers().isEmpty() && d.overrideLocal()) {
            out.add("Everything else goes to " + String.join(", ", d.nameservers()) + ".");
        } else {
            out.add("Everything else goes where the device's own network sends it.");
            if (!d.nameservers().isEmpty()) {
                out.add(
                        "Devices that cannot tell the two apart ask "
                                + String.join(", ", d.nameservers())
                                + ".");
            }
        }
        return out;
    }

    private void save(Call call) throws Refused {
        Form form = call.form();
        change(
                call,
                d -> {
                    form.refuseStale(version(d), words(d));
                    return new DnsSettings(
                            form.has("magic"),
                            form.words("nameservers"),
                            d.splitDomains(),
                            form.has("override"),
                            form.words("search"));
                },
                "DNS settings saved. Devices know within seconds.");
    }

    /** Of what the form of settings holds. */
    private static String version(DnsSettings d) {
        return Pages.version(
                List.of(d.magicDns(), d.nameservers(), d.overrideLocal(), d.searchDomains()));
    }

    private static String words(DnsSettings d) {
        return "MagicDNS "
                + (d.magicDns() ? "on" : "off")
                + ", nameservers "
                + (d.nameservers().isEmpty() ? "none" : String.join(" ", d.nameservers()))
                + ", override "
                + (d.overrideLocal() ? "on" : "off")
                + ", search domains "
                + (d.searchDomains().isEmpty() ? "none" : String.join(" ", d.searchDomains()));
    }

    private void addSplit(Call call) throws Refused {
        Form form = call.form();
        String domain = DnsSettings.domain(form.text("domain"));
        List<String> servers = form.words("servers");
        change(
                call,
                d -> {
                    if (domain.isEmpty()) {
                        throw Refused.invalid("name a domain, for example corp.example");
                    }
                    Map<String, List<String>> splits = new LinkedHashMap<>(d.splitDomains());
                    splits.put(domain, servers);
                    return with(d, splits);
                },
                "Names below "
                        + Text.name(domain)
                        + (servers.isEmpty()
                                ? " are not found now, on purpose: no server is named."
                                : " have their own servers now."));
    }

    private void removeSplit(Call call) throws Refused {
        String domain = DnsSettings.domain(call.form().text("domain"));
        change(
                call,
                d -> {
                    Map<String, List<String>> splits = new LinkedHashMap<>(d.splitDomains());
                    splits.remove(domain);
                    return with(d, splits);
                },
                "Names below " + Text.name(domain) + " are nothing special any more.");
    }

    private static DnsSettings with(DnsSettings d, Map<String, List<String>> splits) {
        return new DnsSettings(
                d.magicDns(), d.nameservers(), splits, d.overrideLocal(), d.searchDomains());
    }

    private interface Edit {
        DnsSettings of(DnsSettings present) throws Refused;
    }

    private void change(Call call, Edit edit, String done) throws Refused {
        pages.change(
                call,
                PAGE,
                () -> {
                    tailnet.setDns(call.actor(), edit.of(tailnet.snapshot().dns()));
                    return done;
                },
                frame -> show(call, frame));
    }
}
