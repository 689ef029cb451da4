package dev.recado.interop;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.recado.Broker;
import dev.recado.core.RecadoEngine;
import dev.recado.spi.Transport;
import dev.recado.spi.TransportProvider;
import dev.recado.testkit.TransportContract;
import dev.recado.transport.blocking.BlockingTransport;
import dev.recado.transport.nio.NioTransport;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom, and what nobody may do. */
class ArchitectureTest {

    private static final String[] API = {"dev.recado", "dev.recado.auth", "dev.recado.spi"};
    private static final String[] JDK = {"java..", "javax.net.ssl", "javax.crypto.."};
    private static final String SLF4J = "org.slf4j";

    private static final JavaClasses PUBLISHED = new ClassFileImporter()
            .importLocations(Stream.of(
                            Broker.class,
                            RecadoEngine.class,
                            NioTransport.class,
                            BlockingTransport.class,
                            TransportContract.class)
                    .map(Modules::locationOf)
                    .map(Location::of)
                    .toList());

    private static final JavaClasses SAMPLES =
            new ClassFileImporter().importPath(Path.of("..", "samples", "target", "classes"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.recado",
                "dev.recado.auth",
                "dev.recado.spi",
                "dev.recado.core",
                "dev.recado.core.broker",
                "dev.recado.core.client",
                "dev.recado.core.codec",
                "dev.recado.core.memory",
                "dev.recado.core.session",
                "dev.recado.core.tls",
                "dev.recado.transport.blocking",
                "dev.recado.transport.nio",
                "dev.recado.testkit",
                "dev.recado.testkit.mqtt"
            })
    void shouldSeeEveryModule(String packageName) {
        assertThat(PUBLISHED.containPackage(packageName)).isTrue();
    }

    @Test
    void shouldSeeTheSamples() {
        assertThat(SAMPLES).isNotEmpty().allMatch(type -> type.getPackageName().startsWith("dev.recado.samples"));
    }

    /** Or the rules below would not see it: they name packages. */
    @Test
    void shouldNotHaveAPackageThatNoRuleNames() {
        classes()
                .should()
                .resideInAnyPackage(concat(
                        API,
                        "dev.recado.core..",
                        "dev.recado.transport.nio",
                        "dev.recado.transport.blocking",
                        "dev.recado.testkit",
                        "dev.recado.testkit.internal",
                        "dev.recado.testkit.junit",
                        "dev.recado.testkit.mqtt"))
                .check(PUBLISHED);
    }

    @Test
    void shouldLetTheApiKnowNothingButTheLog() {
        mayKnowOnly(API, concat(JDK, SLF4J));
    }

    @Test
    void shouldLetTheEngineKnowOnlyTheApi() {
        mayKnowOnly(new String[] {"dev.recado.core.."}, concat(API, concat(JDK, SLF4J)));
    }

    @Test
    void shouldLetTransportsKnowOnlyTheSpi() {
        mayKnowOnly(new String[] {"dev.recado.transport.nio.."}, concat(JDK, SLF4J, "dev.recado.spi"));
        mayKnowOnly(new String[] {"dev.recado.transport.blocking.."}, concat(JDK, SLF4J, "dev.recado.spi"));
    }

    /** What a transport is made of is nobody's business. */
    @Test
    void shouldLetUsersSeeOfATransportOnlyHowToMakeIt() {
        classes()
                .that()
                .resideInAPackage("dev.recado.transport..")
                .and()
                .areTopLevelClasses()
                .and()
                .arePublic()
                .should()
                .beAssignableTo(Transport.class)
                .orShould()
                .beAssignableTo(TransportProvider.class)
                .check(PUBLISHED);
    }

    @Test
    void shouldLetTheTestkitKnowOnlyTheApiAndJUnit() {
        mayKnowOnly(
                new String[] {"dev.recado.testkit.."},
                concat(
                        API,
                        concat(
                                JDK,
                                SLF4J,
                                "org.junit.jupiter.api..",
                                "org.junit.jupiter.params..",
                                "org.junit.platform.commons.support",
                                "org.opentest4j",
                                "org.apiguardian.api")));
    }

    @Test
    void shouldLetSamplesKnowOnlyWhatUsersKnow() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.recado.core..", "dev.recado.transport..")
                        .as("are of the engine or a transport"))
                .check(SAMPLES);
    }

    @Test
    void shouldNotHaveCyclesInTheEngine() {
        slices().assignedFrom(new PackagesOfTheEngine())
                .should()
                .beFreeOfCycles()
                .check(PUBLISHED);
    }

    @Test
    void shouldNotPrintSleepOrExit() {
        noClasses().should().accessField(System.class, "out").check(PUBLISHED);
        noClasses().should().accessField(System.class, "err").check(PUBLISHED);
        noClasses().should().callMethod(Throwable.class, "printStackTrace").check(PUBLISHED);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(PUBLISHED);
        noClasses().should().callMethod(System.class, "exit", int.class).check(PUBLISHED);
        noClasses().should().callMethod(Runtime.class, "halt", int.class).check(PUBLISHED);
        noClasses()
                .should()
                .callMethod(Runtime.class, "addShutdownHook", Thread.class)
                .check(PUBLISHED);
        noClasses()
                .should()
                .callMethod(Thread.class, "setDefaultUncaughtExceptionHandler", Thread.UncaughtExceptionHandler.class)
                .check(PUBLISHED);
    }

    @Test
    void shouldNotSleepInSamples() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(SAMPLES);
    }

    @Test
    void shouldNotHaveStaticState() {
        fields().that().areStatic().should().beFinal().check(PUBLISHED);
        fields().that().areStatic().should().notHaveRawType(new StateByNature()).check(PUBLISHED);
    }

    private static void mayKnowOnly(String[] packages, String... known) {
        classes()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(concat(packages, known)))
                .check(PUBLISHED);
    }

    private static String[] concat(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }

    /**
     * Its packages; but the entry points by which the API and the JDK find the engine stand above them, and what lies beside
     * them in the root package stands below.
     */
    private static final class PackagesOfTheEngine implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            if (!type.getPackageName().startsWith("dev.recado.core")) {
                return SliceIdentifier.ignore();
            }
            return type.isEquivalentTo(RecadoEngine.class)
                    ? SliceIdentifier.of("entry point")
                    : SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages of the engine";
        }
    }

    /** Types whose objects exist in order to change. */
    private static final class StateByNature extends DescribedPredicate<JavaClass> {

        private static final Class<?>[] TYPES = {
            Thread.class,
            ThreadLocal.class,
            Executor.class,
            Lock.class,
            BlockingQueue.class,
            ConcurrentMap.class,
            Random.class,
            AtomicBoolean.class,
            AtomicInteger.class,
            AtomicLong.class,
            AtomicReference.class,
            LongAdder.class
        };

        StateByNature() {
            super("holds state by nature");
        }

        @Override
        public boolean test(JavaClass type) {
            return Stream.of(TYPES).anyMatch(type::isAssignableTo);
        }
    }
}
