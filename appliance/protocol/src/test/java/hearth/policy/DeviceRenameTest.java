package hearth.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hearth.base.Refused;
import org.junit.jupiter.api.Test;

final class DeviceRenameTest {
    private static final String TEXT =
            """
            // nas is in the cellar
            {
              "hosts": {"printer": "10.0.0.7", "attic": "10.0.0.8"},
              "groups": {"group:boxes": ["Nas", "printer"], "group:nas": ["ana@x.org"]}, // nas
              "tagOwners": {"tag:nas": []},
              "acls": [
                {"action": "accept", "src": ["group:nas", "nas"], "dst": ["device:nas:22", "tag:nas:*"]},
                {"action": "deny", "src": ["*"], "dst": ["nas.hearth.internal:80,443", "nas2:1"],},
              ],
              "ssh": [{"action": "accept", "src": ["group:nas"], "dst": ["tag:nas"], "users": ["nas"]}],
              "nodeAttrs": [{"target": ["n\\u0061s"], "attr": ["funnel"]}],
              "autoApprovers": {"exitNode": ["nas"]},
              "tests": [{"src": "nas", "deny": ["nas:443"]}],
            }
            """;

    @Test
    void onlyWhatMeansTheDeviceChanges() throws Exception {
        String expected =
                TEXT.replace("[\"Nas\",", "[\"store\",")
                        .replace(
                                "\"nas\"], \"dst\": [\"device:nas:22",
                                "\"store\"], \"dst\": [\"device:store:22")
                        .replace("nas.hearth.internal:80,443", "store.hearth.internal:80,443")
                        .replace("n\\u0061s", "store")
                        .replace("\"exitNode\": [\"nas\"]", "\"exitNode\": [\"store\"]")
                        .replace(
                                "\"src\": \"nas\", \"deny\": [\"nas:443\"]",
                                "\"src\": \"store\", \"deny\": [\"store:443\"]");
        assertEquals(expected, DeviceRename.rewrite(TEXT, "nas", "store", "hearth.internal"));
    }

    @Test
    void anAliasOfTheNewNameDoesNotTakeItsPlace() throws Exception {
        assertEquals(
                "{\"hosts\": {\"attic\": \"10.0.0.8\"}, \"grants\": [{\"src\": [\"device:attic\"],"
                        + " \"dst\": [\"device:attic\"], \"ip\": [\"*\"]}]}",
                DeviceRename.rewrite(
                        "{\"hosts\": {\"attic\": \"10.0.0.8\"}, \"grants\": [{\"src\": [\"nas\"],"
                                + " \"dst\": [\"device:nas\"], \"ip\": [\"*\"]}]}",
                        "nas",
                        "attic",
                        ""));
    }

    @Test
    void whatIsNotThereOrCannotBeANameIsRefused() {
        assertThrows(Refused.class, () -> DeviceRename.rewrite(TEXT, "tv", "store", ""));
        assertThrows(Refused.class, () -> DeviceRename.rewrite("{}", "nas", "store", ""));
        String text =
                "{\"acls\": [{\"action\": \"accept\", \"src\": [\"nas\"], \"dst\": [\"*:*\"]}]}";
        assertThrows(Refused.class, () -> DeviceRename.rewrite(text, "nas", "10.0.0.1", ""));
        assertThrows(InvalidPolicy.class, () -> DeviceRename.rewrite(text, "nas", "a b", ""));
        assertThrows(InvalidPolicy.class, () -> DeviceRename.rewrite("{", "nas", "tv", ""));
    }
}
