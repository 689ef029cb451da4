package dev.recado.samples.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The documents of this repository: each {@code .md} in its root and in the folders below. */
final class Documents {

    static final Path ROOT = Path.of("..");

    /** Puts what was generated into the documents instead of comparing it. */
    static final boolean UPDATE = Boolean.getBoolean("recado.docs.update");

    private static final Set<String> NOT_OURS = Set.of("target", "src", ".git");

    private Documents() {}

    static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 2)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> StreamSupport.stream(file.spliterator(), false)
                            .map(Path::toString)
                            .noneMatch(NOT_OURS::contains))
                    .sorted()
                    .toList();
        }
    }
}
