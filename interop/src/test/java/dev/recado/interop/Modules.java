package dev.recado.interop;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where the classes of other modules come from in this build: a folder, or a jar once it has been packaged. */
final class Modules {

    private Modules() {}

    static URI locationOf(Class<?> type) {
        try {
            return type.getProtectionDomain().getCodeSource().getLocation().toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path pathOf(Class<?> type) {
        return Path.of(locationOf(type));
    }
}
