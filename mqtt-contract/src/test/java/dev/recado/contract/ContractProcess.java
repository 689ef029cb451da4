package dev.recado.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What a process of the packaged jar did. */
record ContractProcess(int exitCode, String output, List<String> errors) {

    /** Below what a test method may take. */
    private static final long PATIENCE_SECONDS = 50;

    /** Runs {@code java -jar mqtt-contract.jar arguments...} to its end. */
    static ContractProcess run(Path folder, String... arguments) throws IOException, InterruptedException {
        String jar = Objects.requireNonNull(
                System.getProperty("contract.jar"),
                "contract.jar is not set: run these tests with mvn verify, which packages it");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                jar));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "output", ".txt");
        Path errors = Files.createTempFile(folder, "errors", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("%s has ended within %d s", command, PATIENCE_SECONDS)
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new ContractProcess(process.exitValue(), Files.readString(output), Files.readAllLines(errors));
    }
}
