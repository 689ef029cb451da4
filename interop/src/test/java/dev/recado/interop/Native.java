package dev.recado.interop;

import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs of others: Mosquitto's and OpenSSL's. Where they are missing, tests that need them are skipped on a developer's machine and fail in
 * continuous integration ({@code CI=true}); {@code -Drecado.interop.skipNative=true} skips them everywhere.
 */
enum Native {
    MOSQUITTO("mosquitto"),
    MOSQUITTO_PASSWD("mosquitto_passwd"),
    MOSQUITTO_PUB("mosquitto_pub"),
    MOSQUITTO_RR("mosquitto_rr"),
    MOSQUITTO_SUB("mosquitto_sub"),
    OPENSSL("openssl");

    private final String program;

    Native(String program) {
        this.program = program;
    }

    /** Where it is; ends the test when it is nowhere. */
    String path() {
        Assumptions.assumeFalse(Boolean.getBoolean("recado.interop.skipNative"), "recado.interop.skipNative is set");
        Optional<Path> found = find();
        if (found.isEmpty()) {
            String missing = "there is no program '" + program
                    + "': apt-get install mosquitto mosquitto-clients openssl, or run with -Drecado.interop.skipNative=true";
            if ("true".equals(System.getenv("CI"))) {
                fail(missing);
            }
            Assumptions.abort(missing);
        }
        return found.orElseThrow().toString();
    }

    /** Servers lie in folders that are not on everybody's path. */
    private Optional<Path> find() {
        String folders =
                System.getenv("PATH") + File.pathSeparator + "/usr/local/sbin" + File.pathSeparator + "/usr/sbin";
        return Stream.of(folders.split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
