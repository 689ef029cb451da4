package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.core.RecadoEngine;
import dev.recado.transport.blocking.BlockingTransport;
import dev.recado.transport.nio.NioTransport;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.Logger;

/** A user's program in a JVM of its own finds engine and transports by itself, on the module path and on the class path. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class ModulePathTest {

    private static final Path API = Modules.pathOf(Broker.class);
    private static final Path CORE = Modules.pathOf(RecadoEngine.class);
    private static final Path NIO = Modules.pathOf(NioTransport.class);
    private static final Path BLOCKING = Modules.pathOf(BlockingTransport.class);
    private static final Path SLF4J_API = Modules.pathOf(Logger.class);

    @TempDir
    Path folder;

    private Path sources;
    private Path program;

    @BeforeEach
    void findSources() throws URISyntaxException {
        sources = Path.of(getClass().getResource("/user/program/Main.java").toURI())
                .getParent()
                .getParent();
        program = folder.resolve("program");
    }

    @Test
    void shouldRunOnTheModulePath() throws Exception {
        List<Path> modules = List.of(API, CORE, NIO, BLOCKING, SLF4J_API);
        // Its author needs the API and what that requires, nothing else.
        compiles(ChildJvm.javac(
                folder,
                List.of(
                        "-d",
                        program.toString(),
                        "-p",
                        ChildJvm.path(List.of(API, SLF4J_API)),
                        source("module-info.java"),
                        source("program/Main.java"))));

        ChildJvm.Result result = ChildJvm.java(
                folder, List.of("-p", ChildJvm.path(modules, program), "-m", "user/program.Main", "nio", "blocking"));

        assertThat(result.output().lines())
                .as("%s", result)
                .containsExactly("module: user", "over nio", "over blocking", "in process");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void shouldHideTheEngineOnTheModulePath() throws Exception {
        Path curious = Files.writeString(
                folder.resolve("Curious.java"),
                "package program; class Curious { Object engine = new dev.recado.core.RecadoEngine(); }");

        ChildJvm.Result result = ChildJvm.javac(
                folder,
                List.of(
                        "-d",
                        program.toString(),
                        "-p",
                        ChildJvm.path(List.of(API, CORE, SLF4J_API)),
                        "--add-modules",
                        "dev.recado.core",
                        source("module-info.java"),
                        curious.toString()));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.errors()).contains("package dev.recado.core is not visible");
    }

    @Test
    void shouldRunOnTheClassPath() throws Exception {
        List<Path> libraries = List.of(API, CORE, NIO, SLF4J_API);
        compilesForTheClassPath();

        ChildJvm.Result result = onTheClassPath(libraries, "nio");

        assertThat(result.output().lines()).as("%s", result).containsExactly("module: null", "over nio", "in process");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void shouldSayWhatToAddWhenThereIsNoTransport() throws Exception {
        compilesForTheClassPath();

        ChildJvm.Result result = onTheClassPath(List.of(API, CORE, SLF4J_API), "nio");

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.errors()).contains("dev.recado:recado-nio", "dev.recado:recado-blocking");
    }

    @Test
    void shouldSayWhatToAddWhenThereIsNoEngine() throws Exception {
        compilesForTheClassPath();

        ChildJvm.Result result = onTheClassPath(List.of(API, SLF4J_API));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.errors()).contains("dev.recado:recado-core");
    }

    private void compilesForTheClassPath() throws IOException, InterruptedException {
        compiles(ChildJvm.javac(
                folder,
                List.of(
                        "-d",
                        program.toString(),
                        "-cp",
                        ChildJvm.path(List.of(API, SLF4J_API)),
                        source("program/Main.java"))));
    }

    private ChildJvm.Result onTheClassPath(List<Path> libraries, String... transports)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-cp", ChildJvm.path(libraries, program), "program.Main"));
        arguments.addAll(List.of(transports));
        return ChildJvm.java(folder, arguments);
    }

    private static void compiles(ChildJvm.Result result) {
        assertThat(result.exitCode()).as("%s", result).isZero();
    }

    private String source(String name) {
        return sources.resolve(name).toString();
    }
}
