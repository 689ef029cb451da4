package dev.recado.bench.broker;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The folder bench/ of the source tree, where the peers are built: two above bench.jar, or above the classes. */
public final class BenchHome {

    private BenchHome() {}

    public static Path folder() {
        try {
            Path code = Path.of(BenchHome.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return code.getParent().getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
