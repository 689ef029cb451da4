package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is what is compiled and run here. */
final class ReadmeTest {

    private static final Pattern FIRST_JAVA_BLOCK =
            Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern TAGGED = Pattern.compile(
            "^// tag::quickstart\\[\\]\\n(.*?)^// end::quickstart\\[\\]$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void shouldShowTheQuickstartAsItIsCompiled() throws IOException {
        String shown = only(FIRST_JAVA_BLOCK, Path.of("../README.md"));
        String compiled = only(TAGGED, Path.of("src/main/java/dev/recado/samples/Quickstart.java"));

        assertThat(shown).isEqualTo(compiled);
    }

    private static String only(Pattern pattern, Path file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file));
        assertThat(matcher.find()).as("%s contains %s", file, pattern).isTrue();
        return matcher.group(1);
    }
}
