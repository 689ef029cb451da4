package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compiles and runs a user's program with the JDK that runs this test, in a process that sees nothing but what it is given. */
final class ChildJvm {

    private static final int LIMIT_SECONDS = 50;

    private ChildJvm() {}

    /** What a process printed, and how it ended. */
    record Result(int exitCode, String output, String errors) {}

    static String path(List<Path> libraries, Path... more) {
        return Stream.concat(libraries.stream(), Stream.of(more))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    static Result javac(Path folder, List<String> arguments) throws IOException, InterruptedException {
        return run("javac", folder, arguments);
    }

    static Result java(Path folder, List<String> arguments) throws IOException, InterruptedException {
        return run("java", folder, arguments);
    }

    private static Result run(String tool, Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(arguments);
        Path output = folder.resolve(tool + ".out");
        Path errors = folder.resolve(tool + ".err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        Result result =
                new Result(ended ? process.exitValue() : -1, Files.readString(output), Files.readString(errors));
        assertThat(ended)
                .as("%s ends within %d s; so far %s", command, LIMIT_SECONDS, result)
                .isTrue();
        return result;
    }
}
