package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** No log line, not even of the finest, no text of an object and no exception shows a password, or what is stored of one. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class SecretsTest {

    @TempDir
    Path folder;

    @Test
    void shouldShowNoSecrets() throws Exception {
        ChildJvm.Result result = ChildJvm.java(
                folder,
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        Logins.class.getName(),
                        folder.toString()));

        String said = result.output() + result.errors();
        assertThat(result.exitCode()).as(said).isZero();
        assertThat(said)
                .contains("TRACE dev.recado.", "listening on", "BAD_USER_NAME_OR_PASSWORD", "the authenticator failed");
        for (String secret : List.of(Logins.RIGHT, Logins.WRONG, Logins.HASH, Logins.SALT)) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            String inBase64 = Base64.getEncoder().encodeToString(bytes);
            assertThat(said.toLowerCase(Locale.ROOT))
                    .doesNotContain(
                            secret.toLowerCase(Locale.ROOT),
                            inBase64.toLowerCase(Locale.ROOT),
                            HexFormat.of().formatHex(bytes),
                            HexFormat.ofDelimiter(" ").formatHex(bytes),
                            Arrays.toString(bytes).replaceAll("[\\[\\]]", ""));
        }
    }
}
