package hearth.policy;

import hearth.base.IpAddress;
import hearth.control.DERPNode;
import hearth.control.DERPRegion;
import hearth.policy.hujson.HuNumber;
import hearth.policy.hujson.HuObject;
import hearth.policy.hujson.HuValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code derpMap} section. Its members are those of tailscale/tailscale tailcfg.DERPMap;
 * a region that is null takes the region of that number away.
 */
final class DerpMapReader {
    /** Clients write a region's number where a port stands (tailscale/tailscale wgengine). */
    private static final int LAST_REGION = 65535;

    /** The section and where it stands. */
    record Section(Place place, RelaySection relays) {}

    private final Sheet sheet;

    DerpMapReader(Sheet sheet) {
        this.sheet = sheet;
    }

    /** Null when there is none. */
    @Nullable Section read(Fields top) {
        Fields f = top.object("derpMap");
        if (f == null) {
            return null;
        }
        boolean omit = f.flag("OmitDefaultRegions");
        Map<Integer, Double> scores = new HashMap<>();
        Fields home = f.object("HomeParams");
        if (home != null) {
            home.entries("RegionScore").forEach(e -> score(e, scores));
            home.refuseOthers();
        }
        Map<Integer, DERPRegion> regions = new HashMap<>();
        List<Integer> removed = new ArrayList<>();
        for (Fields.Entry e : f.entries("Regions")) {
            int id = id(e);
            if (Sheet.isNull(e.value())) {
                removed.add(id);
            } else if (e.value() instanceof HuObject o) {
                regions.put(id, region(new Fields(sheet, o, e.path()), id));
            } else {
                sheet.wrongKind(new Place(e.path(), e.value().offset()), e.value(), "an object");
            }
        }
        f.refuseOthers();
        return new Section(f.place(), new RelaySection(omit, regions, removed, scores));
    }

    private void score(Fields.Entry e, Map<Integer, Double> scores) {
        int id = id(e);
        double score = e.value() instanceof HuNumber n ? Double.parseDouble(n.raw()) : -1;
        if (score >= 0 && Double.isFinite(score)) {
            scores.put(id, score);
        } else {
            problem(
                    new Place(e.path(), e.value().offset()),
                    "expected a number that is not negative");
        }
    }

    /** The number that a region's name is, or 0 after saying that it is none. */
    private int id(Fields.Entry e) {
        String name = e.name().value();
        if (name.matches("[1-9]\\d{0,4}") && Integer.parseInt(name) <= LAST_REGION) {
            return Integer.parseInt(name);
        }
        sheet.problem(e.name().place(), "derp-map", "invalid region ID: " + name);
        return 0;
    }

    private DERPRegion region(Fields f, int id) {
        sameId(f, id);
        String code = required(f, "RegionCode");
        Text name = f.text("RegionName");
        var out =
                new DERPRegion(
                        id,
                        code,
                        name == null ? code : name.value(),
                        number(f, "Latitude", -90, 90),
                        number(f, "Longitude", -180, 180),
                        f.flag("Avoid"),
                        f.flag("NoMeasureNoHome"),
                        f.objects("Nodes").stream().map(n -> node(n, id)).toList());
        f.refuseOthers();
        return out;
    }

    private DERPNode node(Fields f, int region) {
        sameId(f, region);
        var out =
                new DERPNode(
                        required(f, "Name"),
                        region,
                        required(f, "HostName"),
                        text(f, "CertName"),
                        address(f, "IPv4", true),
                        address(f, "IPv6", false),
                        (int) number(f, "STUNPort", -1, 65535),
                        f.flag("STUNOnly"),
                        (int) number(f, "DERPPort", 0, 65535),
                        f.flag("InsecureForTests"),
                        text(f, "STUNTestIP"),
                        f.flag("CanPort80"));
        f.refuseOthers();
        return out;
    }

    private void sameId(Fields f, int id) {
        HuValue v = f.get("RegionID");
        boolean same = v instanceof HuNumber n && n.raw().equals(Integer.toString(id));
        if (!same && id > 0) {
            problem(f.place("RegionID"), "RegionID must be " + id + ", as the region's name says");
        }
    }

    private String required(Fields f, String name) {
        Text t = f.text(name);
        if (t != null && !t.value().isBlank()) {
            return t.value();
        }
        problem(f.place(name), name + " must be specified");
        return "";
    }

    /** Null when it is absent or empty. */
    private static @Nullable String text(Fields f, String name) {
        Text t = f.text(name);
        return t == null || t.value().isEmpty() ? null : t.value();
    }

    /** 0 when it is absent. */
    private double number(Fields f, String name, int least, int most) {
        HuValue v = f.get(name);
        if (v == null) {
            return 0;
        }
        boolean whole = name.endsWith("Port");
        if (v instanceof HuNumber n && isBetween(n.raw(), least, most, whole)) {
            return Double.parseDouble(n.raw());
        }
        problem(f.place(name), name + " must be a number from " + least + " to " + most);
        return 0;
    }

    private static boolean isBetween(String raw, int least, int most, boolean whole) {
        double value = Double.parseDouble(raw);
        return value >= least && value <= most && (!whole || raw.matches("-?\\d+"));
    }

    /** An address of the family, or {@code none}, which says that there is none. */
    private @Nullable String address(Fields f, String name, boolean v4) {
        Text t = f.text(name);
        if (t == null || t.value().isEmpty()) {
            return null;
        }
        IpAddress a = IpAddress.tryParse(t.value());
        if (!t.value().equals("none") && (a == null || a.v4() != v4)) {
            problem(t.place(), "\"" + t.value() + "\": invalid address");
        }
        return t.value();
    }

    private void problem(Place at, String text) {
        sheet.problem(at, "derp-map", at.path() + ": " + text);
    }
}
