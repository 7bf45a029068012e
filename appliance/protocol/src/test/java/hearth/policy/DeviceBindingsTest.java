package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hearth.base.IpAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DeviceBindingsTest {
    private static Device device(long id, String name) {
        return new Device(
                id,
                name,
                "a@x",
                List.of(),
                IpAddress.parse("100.64.0." + id),
                IpAddress.parse("fd7a:115c:a1e0::6440:" + id),
                List.of(),
                List.of());
    }

    @Test
    void aSaveBindsNewNamesAndKeepsOldOnes() {
        Map<String, Long> first =
                DeviceBindings.afterSave(
                        List.of("nas", "tv"),
                        List.of(),
                        Map.of(),
                        List.of(device(1, "NAS"), device(2, "pc")));
        assertEquals(Map.of("nas", 1L), first);
        // another device took the name, the first one was renamed
        assertEquals(
                Map.of("nas", 1L, "pc", 2L),
                DeviceBindings.afterSave(
                        List.of("nas", "pc"),
                        List.of("nas", "tv"),
                        first,
                        List.of(device(1, "old"), device(2, "pc"), device(3, "nas"))));
    }

    @Test
    void aNameThatIsNoLongerUsedIsForgottenWithItsDeviceOnly() {
        Map<String, Long> before = Map.of("nas", 1L, "tv", 2L);
        Map<String, Long> left =
                DeviceBindings.afterSave(
                        List.of(), List.of("nas", "tv"), before, List.of(device(1, "old")));
        assertEquals(Map.of("nas", 1L), left);
        // the text comes back, and another device bears the name by now
        assertEquals(
                Map.of("nas", 1L),
                DeviceBindings.afterSave(
                        List.of("nas"),
                        List.of(),
                        left,
                        List.of(device(1, "old"), device(3, "nas"))));
    }

    @Test
    void aPendingNameIsNotGivenAwayByTheNextSave() {
        assertEquals(
                Map.of("tv", 2L),
                DeviceBindings.afterSave(
                        List.of("nas", "tv"),
                        List.of("nas"),
                        Map.of(),
                        List.of(device(1, "nas"), device(2, "tv"))));
    }

    @Test
    void admissionBindsOnlyPendingNames() {
        List<String> names = List.of("nas", "tv");
        Map<String, Long> one = DeviceBindings.afterAdmission(names, Map.of(), device(4, "tv"));
        assertEquals(Map.of("tv", 4L), one);
        assertEquals(one, DeviceBindings.afterAdmission(names, one, device(5, "tv")));
        assertEquals(one, DeviceBindings.afterAdmission(names, one, device(6, "other")));
        assertEquals(Map.of("tv", 5L), DeviceBindings.rebound(one, "tv", 5));
    }

    @Test
    void labelsLoseCaseAndDomain() {
        assertEquals("nas", DeviceBindings.label("NAS.Hearth.Internal.", "hearth.internal"));
        assertEquals("nas.other", DeviceBindings.label("nas.other", "hearth.internal"));
        assertEquals("nas", DeviceBindings.label("nas", ""));
    }
}
