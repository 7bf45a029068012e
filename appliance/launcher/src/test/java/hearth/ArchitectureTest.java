package hearth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Disabled;

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

    @ArchTest
    static final ArchRule LAYERS =
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

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("hearth.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule CORES_WITHOUT_IO =
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

    @ArchTest
    static final ArchRule CORES_WITHOUT_CLOCK =
            noClasses()
                    .that()
                    .resideInAnyPackage(PROTOCOL)
                    .should()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(java.time.Instant.class, "now");

    @ArchTest
    static final ArchRule CLOCKS_ARE_MADE_IN_APP =
            noClasses()
                    .that()
                    .resideInAnyPackage(CONTROLPLANE)
                    .should()
                    .callMethod(java.time.Instant.class, "now")
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
    static final ArchRule NO_DISABLED_TEST_SHIPS =
            methods()
                    .should()
                    .notBeAnnotatedWith(
                            DescribedPredicate.describe(
                                    "Disabled",
                                    a -> a.getRawType().isEquivalentTo(Disabled.class)));
}
