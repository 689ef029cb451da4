package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code docs/architecture.md} names is in the code: types, their methods, and packages. */
class ArchitectureDocTest {

    private static final Pattern TYPE = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:\\.(\\w+)(?:\\(\\))?)?`");
    private static final Pattern PACKAGE = Pattern.compile("`(dev\\.recado[a-z.]*)`");

    /** The JDK's. */
    private static final String NOT_OURS = "ServiceLoader";

    private static String document;

    /** Simple names to source text. */
    private static Map<String, String> types;

    private static String packages;

    @BeforeAll
    static void read() throws IOException {
        document = Files.readString(Documents.ROOT.resolve("docs/architecture.md"));
        try (Stream<Path> files = Files.walk(Documents.ROOT)) {
            var sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
            types = sources.stream()
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            ArchitectureDocTest::text,
                            String::concat));
            packages = sources.stream()
                    .map(file -> file.getParent().toString().replace('/', '.') + "\n")
                    .distinct()
                    .collect(Collectors.joining());
        }
    }

    @Test
    void shouldNameTypesAndMethodsThatAreThere() {
        Matcher named = TYPE.matcher(document);
        int found = 0;
        while (named.find()) {
            String type = named.group(1);
            if (!type.equals(NOT_OURS)) {
                assertThat(types).containsKey(type);
                found++;
            }
            if (named.group(2) != null) {
                assertThat(types.get(type)).as(named.group()).contains(" " + named.group(2) + "(");
            }
        }
        assertThat(found).as("types named").isGreaterThan(50);
    }

    @Test
    void shouldNamePackagesThatAreThere() {
        assertThat(PACKAGE.matcher(document)
                        .results()
                        .map(name -> name.group(1))
                        .toList())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(packages).contains(".java." + name + "\n"));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
