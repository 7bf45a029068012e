package hearth.store;

import hearth.control.ControlJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The state directory in one zip file: {@code hearth-backup.json} first, then consistent copies of
 * both databases, then all other files (keys, certificates) below their own names. Restoring it on
 * another machine of the same name leaves every device logged in (docs/adr/0022).
 */
public final class Backup {
    /** How the names of temporary folders in the state directory begin; deleted at a start. */
    public static final String UNFINISHED = "unfinished-";

    private static final String DATABASE_COPY = ".backup-copy";
    private static final String MANIFEST = "hearth-backup.json";
    private static final int FORMAT = 1;
    private static final String STAGED = "restore.zip";

    /** The lock, kernel switches to put back, the stacks of a standstill: of no use elsewhere. */
    private static final Set<String> OF_THE_MACHINE =
            Set.of(SqliteJournal.LOCK_FILE, "router.switches", "standstill.txt");

    private static final String UNPACKED = "restore.tmp";
    private static final String ASIDE = "before-restore-";
    private static final String READY = "restore.ready";
    private static final int MAX_ENTRIES = 10_000;
    private static final long MAX_BYTES = 16L << 30;

    private Backup() {}

    /** Packs {@code folder} into {@code file}, which has mode 0600 and appears whole or not. */
    public static void write(Path folder, Path file) throws IOException {
        Path target = file.toAbsolutePath();
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.deleteIfExists(part);
        PrivateFiles.create(part);
        try {
            try (OutputStream out = Files.newOutputStream(part);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                zip.putNextEntry(new ZipEntry(MANIFEST));
                zip.write(manifest());
                database(zip, folder, SqliteJournal.MAIN_FILE);
                database(zip, folder, SqliteJournal.LIVE_FILE);
                for (Path f : others(folder)) {
                    if (!f.equals(part) && !f.equals(target)) {
                        entry(zip, folder.relativize(f).toString(), f);
                    }
                }
            }
            PrivateFiles.force(part);
            Files.move(
                    part,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            PrivateFiles.force(parent(target));
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static byte[] manifest() {
        var json = ControlJson.MAPPER.createObjectNode();
        json.put("format", FORMAT);
        json.put("schema", Schema.MAIN.version());
        return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void database(ZipOutputStream zip, Path folder, String name) throws IOException {
        Path copy = folder.resolve(name + DATABASE_COPY);
        try (Sql sql = Sql.openToRead(folder.resolve(name))) {
            Schema.copy(sql, copy);
            entry(zip, name, copy);
        } catch (SQLException e) {
            throw Sql.failed(e);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private static void entry(ZipOutputStream zip, String name, Path file) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        Files.copy(file, zip);
        zip.closeEntry();
    }

    /** All files but the databases, their copies, what a restore left and the machine's own. */
    private static List<Path> others(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile)
                    .filter(f -> belongs(folder.relativize(f)))
                    .sorted()
                    .toList();
        }
    }

    private static boolean belongs(Path name) {
        String first = name.getName(0).toString();
        boolean database =
                first.startsWith(SqliteJournal.MAIN_FILE)
                        || first.startsWith(SqliteJournal.LIVE_FILE);
        return !database
                && !staysInRestore(first)
                && !first.startsWith("backup-")
                && !first.startsWith(UNFINISHED)
                && !first.equals(MANIFEST)
                && !name.toString().endsWith(".part");
    }

    /**
     * Unpacks {@code file} in place of what {@code folder} holds, while no hearth runs on it. The
     * old content moves to a folder {@code before-restore-N} inside it.
     *
     * @throws IOException says what is wrong; nothing was changed then
     */
    public static void restore(Path file, Path folder) throws IOException {
        PrivateFiles.createFolders(folder);
        try (FileChannel _ = SqliteJournal.lock(folder)) {
            stage(file, folder);
            applyStaged(folder);
        }
    }

    /** Checks {@code file} and has it restored at the next start of a running hearth. */
    public static void stage(Path file, Path folder) throws IOException {
        Path probe = folder.resolve(UNPACKED);
        unpack(file, probe);
        delete(probe);
        Path part = folder.resolve(STAGED + ".part");
        Files.deleteIfExists(part);
        PrivateFiles.create(part);
        Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
        PrivateFiles.ensure(part);
        PrivateFiles.force(part);
        Files.move(part, folder.resolve(STAGED), StandardCopyOption.ATOMIC_MOVE);
        PrivateFiles.force(folder);
    }

    /**
     * Carries out what {@link #stage} prepared; called before any of its files is read, by whom no
     * other hearth can get at the folder. A crash on the way is made good by the next call: the
     * staged file goes last.
     */
    public static void applyStaged(Path folder) throws IOException {
        deleteUnfinished(folder);
        Path staged = folder.resolve(STAGED);
        Path ready = folder.resolve(READY);
        if (!Files.exists(ready)) {
            if (!Files.exists(staged)) {
                delete(folder.resolve(UNPACKED));
                return;
            }
            unpack(staged, folder.resolve(UNPACKED));
            moveAside(folder);
            Files.move(folder.resolve(UNPACKED), ready, StandardCopyOption.ATOMIC_MOVE);
        }
        for (Path f : children(ready)) {
            Files.move(f, folder.resolve(f.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
        PrivateFiles.force(folder);
        Files.deleteIfExists(staged);
        delete(ready);
    }

    /** What a backup or restore left that was killed on its way. */
    private static void deleteUnfinished(Path folder) throws IOException {
        for (Path f : children(folder)) {
            String name = f.getFileName().toString();
            if (name.startsWith(UNFINISHED) || name.contains(DATABASE_COPY)) {
                delete(f);
            }
        }
    }

    /** Unpacks and checks everything before anything is touched. */
    private static void unpack(Path file, Path to) throws IOException {
        delete(to);
        PrivateFiles.createFolders(to);
        try {
            int expected = entries(file);
            try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
                ZipEntry first = zip.getNextEntry();
                if (first == null || !first.getName().equals(MANIFEST)) {
                    throw new IOException(file + " is not a backup of hearth");
                }
                checkManifest(zip.readNBytes(1 << 16));
                long left = MAX_BYTES;
                int entries = 0;
                for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                    if (++entries > MAX_ENTRIES) {
                        throw new IOException("backup of more than " + MAX_ENTRIES + " files");
                    }
                    left -= unpack(zip, e, to, left);
                }
                if (entries + 1 != expected) {
                    throw new IOException(file + " is damaged: files are missing");
                }
            } catch (ZipException e) {
                throw new IOException(file + " is damaged: " + e.getMessage(), e);
            }
            checkDatabase(to.resolve(SqliteJournal.MAIN_FILE), Schema.MAIN);
            checkDatabase(to.resolve(SqliteJournal.LIVE_FILE), Schema.LIVE);
        } catch (IOException e) {
            delete(to);
            throw e;
        }
    }

    /** By the directory at the end, which a cut file lacks; checksums are checked when reading. */
    private static int entries(Path file) throws IOException {
        try (ZipFile whole = new ZipFile(file.toFile())) {
            return whole.size();
        } catch (ZipException e) {
            throw new IOException(file + " is damaged or no backup: " + e.getMessage(), e);
        }
    }

    private static void checkManifest(byte[] text) throws IOException {
        int format;
        try {
            JsonNode json = ControlJson.MAPPER.readTree(text);
            format = json.path("format").asInt(0);
        } catch (JacksonException e) {
            throw new IOException("the backup's " + MANIFEST + " cannot be read", e);
        }
        if (format != FORMAT) {
            throw new IOException(
                    "backup of format " + format + ", this program knows format " + FORMAT);
        }
    }

    private static long unpack(InputStream zip, ZipEntry e, Path to, long limit)
            throws IOException {
        Path target = to.resolve(e.getName()).normalize();
        boolean inside = target.startsWith(to) && !target.equals(to);
        if (!inside || e.isDirectory() || e.getName().indexOf('\\') >= 0) {
            throw new IOException("backup with a file outside: \"" + e.getName() + "\"");
        }
        PrivateFiles.createFolders(parent(target));
        PrivateFiles.create(target);
        long written = 0;
        try (OutputStream out = Files.newOutputStream(target)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = zip.read(buffer); n >= 0; n = zip.read(buffer)) {
                written += n;
                if (written > limit) {
                    throw new IOException("backup of more than " + MAX_BYTES + " bytes");
                }
                out.write(buffer, 0, n);
            }
        }
        PrivateFiles.force(target);
        return written;
    }

    private static void checkDatabase(Path file, Schema schema) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("backup without " + file.getFileName());
        }
        try (Sql sql = Sql.openToRead(file)) {
            List<String> found = sql.query("PRAGMA integrity_check(1)", r -> r.getString(1));
            if (!found.equals(List.of("ok"))) {
                throw new IOException(
                        file.getFileName() + " in the backup is damaged: " + found.getFirst());
            }
            long version = sql.number("PRAGMA user_version");
            if (version > schema.version() || version < 1) {
                throw new IOException(
                        file.getFileName()
                                + " in the backup is of version "
                                + version
                                + ", this program knows up to "
                                + schema.version());
            }
        } catch (SQLException e) {
            throw Sql.failed(e);
        }
    }

    private static void moveAside(Path folder) throws IOException {
        Path aside = folder.resolve(ASIDE + 1);
        for (int i = 2; Files.exists(aside); i++) {
            aside = folder.resolve(ASIDE + i);
        }
        PrivateFiles.createFolders(aside);
        for (Path f : children(folder)) {
            String name = f.getFileName().toString();
            if (!staysInRestore(name)) {
                Files.move(f, aside.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        PrivateFiles.force(folder);
    }

    /** The machine's own, and what restores are made of or left: neither packed nor moved aside. */
    private static boolean staysInRestore(String name) {
        return name.startsWith("restore.")
                || name.startsWith("restore-")
                || name.startsWith(ASIDE)
                || OF_THE_MACHINE.contains(name);
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return new ArrayList<>(all.toList());
        }
    }

    private static Path parent(Path p) {
        Path parent = p.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("no folder above " + p);
        }
        return parent;
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<Path>() {
                    @Override
                    public FileVisitResult visitFile(Path f, BasicFileAttributes a)
                            throws IOException {
                        Files.delete(f);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path d, @Nullable IOException e)
                            throws IOException {
                        Files.delete(d);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
