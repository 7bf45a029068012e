package hearth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rooms and their doors (docs/architecture.md), held by the build. */
@AnalyzeClasses(packages = "hearth", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String[] PROTOCOL = {
        "hearth.base..", "hearth.packet..", "hearth.crypto..", "hearth.wireguard..",
                "hearth.disco..",
        "hearth.derp..", "hearth.stun..", "hearth.dns..", "hearth.policy..", "hearth.control.."
    };
    private static final String[] DATAPLANE = {
        "hearth.os..", "hearth.engine..", "hearth.relay..", "hearth.resolver.."
    };
    private static final String[] CONTROLPLANE = {
        "hearth.store..", "hearth.tailnet..", "hearth.ts2021..", "hearth.login..", "hearth.api.."
    };
    private static final String[] CONSOLE = {"hearth.console.."};
    private static final String[] LAUNCHER = {"hearth.app..", "hearth.listen..", "hearth.cli.."};

    private static final ArchRule LAYERS =
            layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .withOptionalLayers(true)
                    .layer("protocol")
                    .definedBy(PROTOCOL)
                    .layer("dataplane")
                    .definedBy(DATAPLANE)
                    .layer("controlplane")
                    .definedBy(CONTROLPLANE)
                    .layer("console")
                    .definedBy(CONSOLE)
                    .layer("launcher")
                    .definedBy(LAUNCHER)
                    .whereLayer("launcher")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("console")
                    .mayOnlyBeAccessedByLayers("launcher")
                    .whereLayer("controlplane")
                    .mayOnlyBeAccessedByLayers("console", "launcher")
                    .whereLayer("dataplane")
                    .mayOnlyBeAccessedByLayers("launcher");

    private static final ArchRule NO_CYCLES =
            slices().matching("hearth.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    private static final ArchRule CORES_WITHOUT_IO =
            noClasses()
                    .that()
                    .resideInAnyPackage(PROTOCOL)
                    .should()
                    .dependOnClassesThat()
                    .haveNameMatching(
                            "java\\.io\\.(File|RandomAccess|.*InputStream|.*OutputStream).*"
                                    + "|java\\.nio\\.(channels|file)\\..*"
                                    + "|java\\.net\\.(.*Socket|URLConnection|http\\..*)"
                                    + "|java\\.lang\\.(Thread|ProcessBuilder|Process)(\\..*|\\$.*)?"
                                    + "|java\\.util\\.concurrent\\.(Executor.*|.*Executor|Future.*)"
                                    + "|java\\.security\\.SecureRandom"
                                    + "|java\\.lang\\.System\\$Logger.*|java\\.util\\.logging\\..*"
                                    + "|com\\.sun\\.jna\\..*|io\\.helidon\\..*|java\\.sql\\..*");

    private static final ArchRule CORES_WITHOUT_CLOCK =
            noClasses()
                    .that()
                    .resideInAnyPackage(PROTOCOL)
                    .should()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(Instant.class, "now");

    private static final ArchRule CLOCKS_ARE_MADE_IN_APP =
            noClasses()
                    .that()
                    .resideInAnyPackage(CONTROLPLANE)
                    .should()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static void everyPackageIsDocumented(JavaClasses classes) {
        var undocumented = new TreeSet<String>();
        for (JavaClass c : classes) {
            String name = c.getPackageName();
            boolean generated = name.startsWith("hearth.console.jte");
            if (!generated && !classes.contain(name + ".package-info")) {
                undocumented.add(name);
            }
        }
        assertEquals(List.of(), List.copyOf(undocumented), "packages without package-info.java");
    }

    @ArchTest
    static void nobodyIsCalledHelper(JavaClasses classes) {
        var bad =
                classes.stream()
                        .map(JavaClass::getPackageName)
                        .filter(
                                p ->
                                        p.matches(
                                                ".*\\.(util|utils|common|impl|helper|manager)(\\..*)?"))
                        .collect(Collectors.toSet());
        assertFalse(!bad.isEmpty(), () -> "packages named by what they are not: " + bad);
    }

    @ArchTest
    static void roomsKeepTheirDoors(JavaClasses classes) {
        LAYERS.check(classes);
    }

    @ArchTest
    static void packagesHaveNoCycles(JavaClasses classes) {
        NO_CYCLES.check(classes);
    }

    @ArchTest
    static void coresDoNoIo(JavaClasses classes) {
        CORES_WITHOUT_IO.check(classes);
    }

    @ArchTest
    static void coresReadNoClock(JavaClasses classes) {
        CORES_WITHOUT_CLOCK.check(classes);
    }

    @ArchTest
    static void clocksAreMadeInApp(JavaClasses classes) {
        CLOCKS_ARE_MADE_IN_APP.check(classes);
    }

    @ArchTest
    static void noTestIsSwitchedOff(JavaClasses classes) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("mvnw"))) {
            root = root.getParent();
        }
        try (Stream<Path> files = Files.walk(root)) {
            var off =
                    files.filter(f -> f.toString().contains("/src/test/java/"))
                            .filter(f -> f.toString().endsWith(".java"))
                            .filter(ArchitectureTest::isSwitchedOff)
                            .toList();
            assertEquals(List.of(), off, "switched off tests");
        }
    }

    private static boolean isSwitchedOff(Path file) {
        try {
            return Files.readString(file).contains("@" + "Disabled");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
