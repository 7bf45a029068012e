package hearth.policy;

import hearth.base.IpAddress;
import hearth.policy.hujson.HuJson;
import hearth.policy.hujson.HuNumber;
import hearth.policy.hujson.HuObject;
import hearth.policy.hujson.HuValue;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks the {@code derpMap} section. Its members are those of tailscale/tailscale tailcfg.DERPMap;
 * a region that is null takes the region of that number away.
 */
final class DerpMapReader {
    private static final long MOST_REGIONS = (1L << 53) - 1;

    private final Sheet sheet;

    DerpMapReader(Sheet sheet) {
        this.sheet = sheet;
    }

    /** The section as written, or null when there is none. */
    @Nullable JsonNode read(Fields top) {
        Fields f = top.object("derpMap");
        HuValue v = top.get("derpMap");
        if (f == null || v == null) {
            return null;
        }
        f.flag("OmitDefaultRegions");
        Fields home = f.object("HomeParams");
        if (home != null) {
            home.entries("RegionScore").forEach(this::score);
            home.refuseOthers();
        }
        f.entries("Regions").forEach(this::region);
        f.refuseOthers();
        return HuJson.toJson(v);
    }

    private void score(Fields.Entry e) {
        id(e);
        if (!(e.value() instanceof HuNumber n) || new BigDecimal(n.raw()).signum() < 0) {
            problem(e.path(), e.value(), "expected a number that is not negative");
        }
    }

    /** The number that a region's name is, or 0 after saying that it is none. */
    private long id(Fields.Entry e) {
        String name = e.name().value();
        if (name.matches("[1-9]\\d{0,15}") && Long.parseLong(name) <= MOST_REGIONS) {
            return Long.parseLong(name);
        }
        sheet.problem(e.name().place(), "derp-map", "invalid region ID: " + name);
        return 0;
    }

    private void region(Fields.Entry e) {
        long id = id(e);
        if (Sheet.isNull(e.value())) {
            return;
        }
        if (!(e.value() instanceof HuObject o)) {
            sheet.wrongKind(new Place(e.path(), e.value().offset()), e.value(), "an object");
            return;
        }
        Fields f = new Fields(sheet, o, e.path());
        sameId(f, id);
        required(f, "RegionCode");
        f.text("RegionName");
        number(f, "Latitude", -90, 90);
        number(f, "Longitude", -180, 180);
        f.flag("Avoid");
        f.flag("NoMeasureNoHome");
        f.objects("Nodes").forEach(n -> node(n, id));
        f.refuseOthers();
    }

    private void node(Fields f, long region) {
        required(f, "Name");
        sameId(f, region);
        required(f, "HostName");
        f.text("CertName");
        address(f, "IPv4", true);
        address(f, "IPv6", false);
        number(f, "STUNPort", -1, 65535);
        f.flag("STUNOnly");
        number(f, "DERPPort", 0, 65535);
        f.flag("InsecureForTests");
        f.text("STUNTestIP");
        f.flag("CanPort80");
        f.refuseOthers();
    }

    private void sameId(Fields f, long id) {
        HuValue v = f.get("RegionID");
        boolean same = v instanceof HuNumber n && n.raw().equals(Long.toString(id));
        if (!same && id > 0) {
            problem(f.place("RegionID"), "RegionID must be " + id + ", as the region's name says");
        }
    }

    private void required(Fields f, String name) {
        Text t = f.text(name);
        if (t == null || t.value().isBlank()) {
            problem(f.place(name), name + " must be specified");
        }
    }

    private void number(Fields f, String name, int least, int most) {
        HuValue v = f.get(name);
        if (v == null) {
            return;
        }
        boolean whole = name.endsWith("Port");
        boolean fine = v instanceof HuNumber n && isBetween(n.raw(), least, most, whole);
        if (!fine) {
            problem(f.place(name), name + " must be a number from " + least + " to " + most);
        }
    }

    private static boolean isBetween(String raw, int least, int most, boolean whole) {
        double value = Double.parseDouble(raw);
        return value >= least && value <= most && (!whole || raw.matches("-?\\d+"));
    }

    /** An address of the family, or {@code none}, which says that there is none. */
    private void address(Fields f, String name, boolean v4) {
        Text t = f.text(name);
        if (t == null || t.value().isEmpty() || t.value().equals("none")) {
            return;
        }
        IpAddress a = IpAddress.tryParse(t.value());
        if (a == null || a.v4() != v4) {
            problem(t.place(), "\"" + t.value() + "\": invalid address");
        }
    }

    private void problem(String path, HuValue value, String text) {
        problem(new Place(path, value.offset()), text);
    }

    private void problem(Place at, String text) {
        sheet.problem(at, "derp-map", at.path() + ": " + text);
    }
}
