package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README shows is what is compiled and run here. */
final class ReadmeTest {

    private static final Pattern FIRST_JAVA_BLOCK =
            Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern OTHER_BLOCK =
            Pattern.compile("^```(xml|sh)\\n.*?^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern TAGGED = Pattern.compile(
            "^// tag::quickstart\\[\\]\\n(.*?)^// end::quickstart\\[\\]$", Pattern.MULTILINE | Pattern.DOTALL);

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "README.pt-BR.md"})
    void shouldShowTheQuickstartAsItIsCompiled(String readme) throws IOException {
        String shown = only(FIRST_JAVA_BLOCK, Path.of("..").resolve(readme));
        String compiled = only(TAGGED, Path.of("src/main/java/dev/recado/samples/Quickstart.java"));

        assertThat(shown).isEqualTo(compiled);
    }

    @Test
    void shouldSayTheSameCommandsAndDependencyInBothLanguages() throws IOException {
        List<String> english = otherBlocks("README.md");
        List<String> portuguese = otherBlocks("README.pt-BR.md");

        assertThat(portuguese).isNotEmpty().isEqualTo(english.subList(0, portuguese.size()));
    }

    private static List<String> otherBlocks(String readme) throws IOException {
        return OTHER_BLOCK
                .matcher(Files.readString(Path.of("..").resolve(readme)))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static String only(Pattern pattern, Path file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file));
        assertThat(matcher.find()).as("%s contains %s", file, pattern).isTrue();
        return matcher.group(1);
    }
}
