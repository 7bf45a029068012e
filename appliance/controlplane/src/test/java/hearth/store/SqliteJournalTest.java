package hearth.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hearth.base.IpAddress;
import hearth.base.IpPrefix;
import hearth.base.Refused;
import hearth.control.Hostinfo;
import hearth.crypto.DiscoKey;
import hearth.crypto.MachineKey;
import hearth.crypto.NodeKey;
import hearth.policy.Policy;
import hearth.tailnet.Actor;
import hearth.tailnet.ApplianceNode;
import hearth.tailnet.AuditEntry;
import hearth.tailnet.DnsSettings;
import hearth.tailnet.KeyOptions;
import hearth.tailnet.Node;
import hearth.tailnet.NodeUpdate;
import hearth.tailnet.RegisterFacts;
import hearth.tailnet.RegisterOutcome;
import hearth.tailnet.Role;
import hearth.tailnet.Settings;
import hearth.tailnet.Snapshot;
import hearth.tailnet.Tailnet;
import hearth.tailnet.TailnetOptions;
import hearth.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after a restart, whatever else lies in the folder. */
final class SqliteJournalTest {
    private static final Actor ROOT = Actor.socket("owner@hearth.internal", "root");

    private final ManualClock clock = new ManualClock();
    private final Random random = new Random(7);
    @TempDir Path folder = Path.of("");

    private Tailnet open() throws IOException {
        return open(folder);
    }

    private Tailnet open(Path where) throws IOException {
        var options =
                new TailnetOptions("hearth.internal", () -> "https://hearth.test", clock, random);
        return Tailnet.open(options, SqliteJournal.open(where));
    }

    private byte[] bytes() {
        byte[] b = new byte[32];
        random.nextBytes(b);
        return b;
    }

    private Node join(Tailnet t, KeyOptions o) throws Exception {
        String key = t.createKey(ROOT, o).secret();
        var facts =
                new RegisterFacts(
                        new MachineKey(bytes()),
                        new NodeKey(bytes()),
                        null,
                        key,
                        null,
                        null,
                        Hostinfo.parse("{\"Hostname\":\"box\",\"OS\":\"linux\"}"),
                        false,
                        113,
                        IpAddress.parse("192.0.2.7"));
        return assertInstanceOf(RegisterOutcome.Accepted.class, t.register(facts)).node();
    }

    /** Everything that must be the same after a restart, as text. */
    private static String all(Snapshot s) {
        return String.join(
                "\n",
                s.nodes().toString(),
                s.users().toString(),
                s.keys().stream()
                        .map(k -> k + " " + k.uses() + " " + k.revoked() + k.secretHash())
                        .toList()
                        .toString(),
                s.dns().toString(),
                s.settings().toString(),
                s.policy().saved().toString(),
                Long.toString(s.policy().inForce()));
    }

    @Test
    void reopenedStoreGivesTheSameSnapshot() throws Exception {
        String before;
        List<AuditEntry> log;
        try (Tailnet t = open()) {
            t.ensureApplianceNode(
                    new ApplianceNode(
                            "Home Box",
                            new MachineKey(bytes()),
                            new NodeKey(bytes()),
                            new DiscoKey(bytes()),
                            Hostinfo.EMPTY,
                            List.of(IpPrefix.parse("192.168.1.0/24")),
                            113));
            Node a = join(t, KeyOptions.oneOff());
            Node b = join(t, KeyOptions.manyTimes().withTags("tag:server"));
            Node c = join(t, KeyOptions.manyTimes());
            t.updateNode(
                    new NodeUpdate(
                            a.id(),
                            new DiscoKey(bytes()),
                            List.of(
                                    new InetSocketAddress("192.0.2.1", 41641),
                                    new InetSocketAddress("2001:db8::1", 41641)),
                            900,
                            Hostinfo.parse(
                                    "{\"Hostname\":\"laptop\",\"RoutableIPs\":[\"10.1.0.0/16\","
                                            + "\"0.0.0.0/0\",\"::/0\"]}"),
                            130));
            t.approveRoutes(ROOT, a.id(), List.of(IpPrefix.ALL_V4));
            t.renameNode(ROOT, b.id(), "nas");
            t.removeNode(ROOT, c.id());
            t.createUser(ROOT, "ana", "Ana", Role.ADMIN);
            t.moveToUser(ROOT, a.id(), "ana");
            t.setDns(
                    ROOT,
                    new DnsSettings(
                            true,
                            List.of("9.9.9.9"),
                            Map.of("corp.example", List.of("10.0.0.1")),
                            true,
                            List.of("corp.example")));
            t.setSettings(ROOT, new Settings(true, true, Duration.ofDays(30)));
            t.setPolicy(ROOT, Policy.DEFAULT_TEXT, null, "first");
            t.shelf("accounts").put("ana@hearth.internal", "$argon2id$x");
            t.revokeKey(ROOT, t.snapshot().keys().getFirst().id());
            before = all(t.snapshot());
            log = t.audit(Long.MAX_VALUE, 100);
        }
        try (Tailnet t = open()) {
            assertEquals(before, all(t.snapshot()));
            assertEquals(log, t.audit(Long.MAX_VALUE, 100));
            assertEquals("$argon2id$x", t.shelf("accounts").get("ana@hearth.internal"));
            assertEquals("first", t.policyHistory(5).getFirst().comment());
            Node next = join(t, KeyOptions.oneOff());
            assertEquals("100.64.0.5", next.v4().toString(), "no address twice");
            assertEquals(5, next.id(), "no id twice");
        }
    }

    @Test
    void auditRowsAreChained() throws Exception {
        try (Tailnet t = open()) {
            join(t, KeyOptions.oneOff());
            join(t, KeyOptions.oneOff());
            List<AuditEntry> log = t.audit(Long.MAX_VALUE, 100).reversed();
            String last = "";
            for (AuditEntry e : log) {
                assertEquals(last, e.prevHash());
                last = e.hash();
            }
            assertEquals(7, log.size());
        }
    }

    @Test
    void newerDatabaseIsRefusedAndLeftAlone() throws Exception {
        open().close();
        try (Sql sql = Sql.open(folder.resolve("hearth.db"), "FULL")) {
            sql.run("PRAGMA user_version = 99");
        }
        var e = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(e.getMessage()).contains("version 99"), e.getMessage());
    }

    @Test
    void olderDatabaseIsCopiedBeforeItIsChanged() throws Exception {
        Path file = folder.resolve("some.db");
        Schema one = new Schema(List.of("CREATE TABLE a (x INTEGER);\n"));
        Schema two =
                new Schema(
                        List.of(
                                "CREATE TABLE a (x INTEGER);\n",
                                "ALTER TABLE a ADD COLUMN y TEXT;\n"));
        Schema broken =
                new Schema(
                        List.of(
                                "CREATE TABLE a (x INTEGER);\n",
                                "ALTER TABLE a ADD COLUMN y TEXT;\n",
                                "DROP TABLE a;\nDROP TABLE nothing;\n"));
        try (Sql sql = Sql.open(file, "FULL")) {
            one.migrate(sql, file);
            sql.run("INSERT INTO a VALUES (5)");
            two.migrate(sql, file);
            sql.run("UPDATE a SET y = 'z'");
            assertThrows(IOException.class, () -> broken.migrate(sql, file));
            assertEquals(2, sql.number("PRAGMA user_version"));
            assertEquals(1, sql.number("SELECT count(*) FROM a WHERE y = 'z'"));
        }
        try (Sql old = Sql.openToRead(folder.resolve("some.db.before-2"))) {
            assertEquals(1, old.number("PRAGMA user_version"));
            assertEquals(5, old.number("SELECT x FROM a"));
        }
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(folder.resolve("some.db.before-2"))));
    }

    @Test
    void unreadableRowIsPutAsideAndTheRestIsThere() throws Exception {
        long bad;
        try (Tailnet t = open()) {
            bad = join(t, KeyOptions.oneOff()).id();
            join(t, KeyOptions.oneOff());
        }
        try (Sql sql = Sql.open(folder.resolve("hearth.db"), "FULL")) {
            sql.run("UPDATE node SET machine = 'rubbish' WHERE id = " + bad);
        }
        try (Tailnet t = open()) {
            assertEquals(1, t.snapshot().nodeCount());
            assertNotEquals(bad, join(t, KeyOptions.oneOff()).id());
        }
        try (Sql sql = Sql.openToRead(folder.resolve("hearth.db"))) {
            assertEquals(
                    1, sql.number("SELECT count(*) FROM unreadable WHERE key = '" + bad + "'"));
            assertTrue(
                    sql.query("SELECT content FROM unreadable", r -> r.getString(1))
                            .getFirst()
                            .contains("\"machine\":\"rubbish\""));
        }
    }

    @Test
    void invalidStoredPolicyKeepsTheLastGoodOneInForce() throws Exception {
        try (Tailnet t = open()) {
            t.setPolicy(ROOT, Policy.DEFAULT_TEXT, null, "");
        }
        try (Sql sql = Sql.open(folder.resolve("hearth.db"), "FULL")) {
            sql.run("INSERT INTO policy VALUES (2, '{\"acls\": 7}', 'x@y', 5, '')");
        }
        try (Tailnet t = open()) {
            assertEquals("{\"acls\": 7}", t.snapshot().policy().text(), "the text is the truth");
            assertEquals(1, t.snapshot().policy().inForce());
            assertTrue(String.valueOf(t.snapshot().policy().banner()).contains("version 1"));
            assertEquals(3, t.setPolicy(ROOT, Policy.DEFAULT_TEXT, null, "").saved().version());
            assertFalse(t.snapshot().policy().banner() != null);
        }
    }

    @Test
    void damagedFileIsRefusedInWords() throws Exception {
        open().close();
        Path file = folder.resolve("hearth.db");
        byte[] content = Files.readAllBytes(file);
        for (int i = 4096; i < content.length; i++) {
            content[i] = (byte) i;
        }
        Files.write(file, content);
        var e = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(e.getMessage()).contains("hearth.db"), e.getMessage());
        assertEquals(content.length, Files.size(file), "nothing thrown away");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedInWords() throws Exception {
        open().close();
        Files.writeString(folder.resolve("hearth.db"), "x".repeat(8192));
        var e = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(e.getMessage()).contains("restore a backup"), e.getMessage());
    }

    /**
     * After a power cut or by mistake: a new tailnet with an open set-up must not take its place.
     */
    @Test
    void anEmptyOrMissingFileBesideAUsedOneIsRefused() throws Exception {
        open().close();
        Path file = folder.resolve("hearth.db");
        Files.write(file, new byte[0]);
        var empty = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(empty.getMessage()).contains("is empty"), empty.getMessage());
        Files.delete(file);
        var missing = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(missing.getMessage()).contains("missing"), missing.getMessage());
        assertFalse(Files.exists(file));
        Files.delete(folder.resolve("live.db"));
        Files.writeString(folder.resolve("hearth.db-wal"), "what was committed last");
        assertThrows(IOException.class, this::open);
        assertTrue(Files.exists(folder.resolve("hearth.db-wal")), "nothing thrown away");
        Files.delete(folder.resolve("hearth.db-wal"));
        open().close(); // begun anew, knowingly
    }

    @Test
    void aDamagedLiveFileIsPutAside() throws Exception {
        try (Tailnet t = open()) {
            join(t, KeyOptions.oneOff());
        }
        byte[] damaged = "y".repeat(8192).getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve("live.db"), damaged);
        try (Tailnet t = open()) {
            assertEquals(1, t.snapshot().nodes().size());
        }
        assertArrayEquals(damaged, Files.readAllBytes(folder.resolve("live.db.damaged")));
        open().close();
    }

    @Test
    void whatAKilledBackupLeftIsDeletedAtAStart() throws Exception {
        Path left = Files.createDirectories(folder.resolve("unfinished-backup-123"));
        Files.writeString(left.resolve("hearth.zip.part"), "half");
        Files.writeString(folder.resolve("hearth.db.backup-copy"), "half");
        Path log = Files.writeString(folder.resolve("hearth.db.backup-copy-journal"), "SQLite's");
        Path own = Files.writeString(folder.resolve("backup-monday.zip"), "a person's");
        open().close();
        assertFalse(Files.exists(left));
        assertFalse(Files.exists(folder.resolve("hearth.db.backup-copy")));
        assertFalse(Files.exists(log));
        assertTrue(Files.exists(own));
    }

    @Test
    void folderIsHeldByOneProcess() throws Exception {
        try (Tailnet _ = open()) {
            var e = assertThrows(IOException.class, this::open);
            assertTrue(String.valueOf(e.getMessage()).contains("in use"), e.getMessage());
        }
    }

    @Test
    void secretsAreNotInTheFiles() throws Exception {
        String secret;
        try (Tailnet t = open()) {
            secret = t.createKey(ROOT, KeyOptions.oneOff()).secret();
        }
        String tail = secret.substring(secret.lastIndexOf('-') + 1);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path f : files.toList()) {
                String text = Files.readString(f, StandardCharsets.ISO_8859_1);
                assertFalse(text.contains(tail), f.toString());
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(f)),
                        f.toString());
            }
        }
    }

    @Test
    void backupRestoresEverythingElsewhere(@TempDir Path other) throws Exception {
        Path file = other.resolve("backup.zip");
        Path target = other.resolve("state");
        String before;
        Files.createDirectory(folder.resolve("keys"));
        Files.writeString(folder.resolve("keys/noise.key"), "11".repeat(32));
        Files.writeString(folder.resolve("router.switches"), "net/ipv4/ip_forward 0\n");
        try (Tailnet t = open()) {
            join(t, KeyOptions.oneOff());
            before = all(t.snapshot());
            Backup.write(folder, file); // while it runs
            join(t, KeyOptions.oneOff());
        }
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (Tailnet t = open(target)) {
            join(t, KeyOptions.oneOff());
            Files.writeString(target.resolve("router.switches"), "net/ipv4/ip_forward 1\n");
            assertThrows(IOException.class, () -> Backup.restore(file, target), "it runs");
            Backup.stage(file, target);
        }
        try (Tailnet t = open(target)) {
            assertEquals(before, all(t.snapshot()));
        }
        assertEquals("11".repeat(32), Files.readString(target.resolve("keys/noise.key")));
        assertEquals(
                "net/ipv4/ip_forward 1\n",
                Files.readString(target.resolve("router.switches")),
                "this machine's own");
        Backup.restore(file, target);
        try (Tailnet t = open(target)) {
            assertEquals(before, all(t.snapshot()));
        }
    }

    @Test
    void badBackupsChangeNothing(@TempDir Path other) throws Exception {
        String before;
        Path file = other.resolve("backup.zip");
        try (Tailnet t = open()) {
            join(t, KeyOptions.oneOff());
            before = all(t.snapshot());
            Backup.write(folder, file);
        }
        byte[] good = Files.readAllBytes(file);
        Path bad = other.resolve("bad.zip");
        Random dice = new Random(3);
        for (int i = 0; i < 40; i++) {
            byte[] broken = Arrays.copyOf(good, dice.nextInt(good.length));
            Files.write(bad, broken);
            assertThrows(IOException.class, () -> Backup.restore(bad, folder), "cut " + i);
        }
        try (var out = new ZipOutputStream(Files.newOutputStream(bad))) {
            out.putNextEntry(new ZipEntry("hearth-backup.json"));
            out.write("{\"format\": 1}".getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new ZipEntry("../evil"));
        }
        assertThrows(IOException.class, () -> Backup.restore(bad, folder));
        assertFalse(Files.exists(folder.resolveSibling("evil")));
        try (Tailnet t = open()) {
            assertEquals(before, all(t.snapshot()));
        }
    }

    @Test
    void fullDiskRefusesAndLosesNothing() throws Exception {
        SqliteJournal journal = SqliteJournal.open(folder);
        var options =
                new TailnetOptions("hearth.internal", () -> "https://hearth.test", clock, random);
        try (Tailnet t = Tailnet.open(options, journal)) {
            Node n = join(t, KeyOptions.oneOff());
            String before = all(t.snapshot());
            journal.limitPages(1); // no growth from here
            String big = "x".repeat(1 << 20);
            assertThrows(Refused.class, () -> t.shelf("accounts").put("big", big));
            assertEquals(before, all(t.snapshot()));
            assertNotNull(t.storeTrouble(), "a person is told");
            assertEquals(1, t.notStored());
            journal.limitPages(Integer.MAX_VALUE);
            t.renameNode(ROOT, n.id(), "after");
            assertNull(t.storeTrouble());
        } catch (SQLException e) {
            throw new IOException(e);
        }
        try (Tailnet t = open()) {
            assertEquals("after", t.snapshot().nodes().getFirst().name());
        }
    }
}
