package hearth.tailnet;

import hearth.base.IpAddress;
import hearth.base.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** DNS settings: checked, then kept as a whole. */
final class DnsRules {
    private static final Set<IpAddress> NOBODY =
            Set.of(
                    IpAddress.parse("0.0.0.0"),
                    IpAddress.parse("::"),
                    IpAddress.parse("100.100.100.100"), // where clients answer MagicDNS
                    IpAddress.parse("fd7a:115c:a1e0::53"));

    private DnsRules() {}

    static DnsSettings set(Draft d, Actor actor, DnsSettings wanted) throws Refused {
        Access.need(actor, Role.Right.DNS);
        for (String s : wanted.nameservers()) {
            checkServer(s);
        }
        Map<String, List<String>> split = new TreeMap<>();
        for (Map.Entry<String, List<String>> e : wanted.splitDomains().entrySet()) {
            for (String s : e.getValue()) {
                checkServer(s);
            }
            String domain = domain(e.getKey());
            if (split.put(domain, e.getValue()) != null) {
                throw Refused.invalid("domain \"" + domain + "\" is named twice");
            }
        }
        List<String> search = new ArrayList<>();
        for (String s : wanted.searchDomains()) {
            search.add(domain(s));
        }
        if (wanted.overrideLocal() && wanted.nameservers().isEmpty()) {
            throw Refused.invalid("overriding local DNS needs at least one nameserver");
        }
        var next =
                new DnsSettings(
                        wanted.magicDns(),
                        wanted.nameservers(),
                        split,
                        wanted.overrideLocal(),
                        search);
        DnsSettings was = d.view().dns();
        if (!next.equals(was)) {
            d.dns(next);
            d.audit(
                    Audit.tailnet(d, actor, "UPDATE")
                            .change("DNS_CONFIG", was.toString(), next.toString()));
        }
        return next;
    }

    private static void checkServer(String s) throws Refused {
        boolean doh = s.startsWith("https://") && s.length() > 8 && s.indexOf(' ') < 0;
        IpAddress ip = IpAddress.tryParse(s);
        if (ip != null && NOBODY.contains(ip)) {
            throw Refused.invalid(
                    "nameserver \"" + s + "\": devices cannot ask it, or would ask themselves");
        }
        if (ip == null && !doh) {
            throw Refused.invalid(
                    "nameserver \"" + s + "\": expected an IP address or an https:// address");
        }
    }

    private static String domain(String text) throws Refused {
        String t = DnsSettings.domain(text);
        String label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
        if (t.length() > 253 || !t.matches(label + "(\\." + label + ")*")) {
            throw Refused.invalid(
                    "domain \"" + text + "\": expected a DNS name, as lan or corp.example");
        }
        return t;
    }
}
