package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The READMEs say the same in both languages, and the same as the benchmarks. */
final class ReadmeTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK =
            Pattern.compile("^```(java|xml|sh)\\n.*?^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void shouldShowTheSameProgramDependencyAndCommandsInBothLanguages() throws IOException {
        List<String> english = blocks("README.md");
        List<String> portuguese = blocks("README.pt-BR.md");

        assertThat(portuguese).isNotEmpty().isEqualTo(english.subList(0, portuguese.size()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages/s, one to one", "first message after, ms"})
    void shouldQuoteFiguresThatTheBenchmarksHave(String row) throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Matcher cells = Pattern.compile("^\\| " + row + " \\|(.*)\\|$", Pattern.MULTILINE)
                .matcher(readme);
        assertThat(cells.find()).as("row '%s'", row).isTrue();
        List<String> figures = Stream.of(cells.group(1).split("\\|"))
                .map(String::strip)
                .filter(cell -> cell.matches("[0-9.,]+"))
                .toList();

        assertThat(figures).isNotEmpty();
        assertThat(Files.readString(ROOT.resolve("bench/README.md")))
                .contains(figures.stream().map(figure -> "| " + figure + " |").toList());
    }

    private static List<String> blocks(String readme) throws IOException {
        return BLOCK.matcher(Files.readString(ROOT.resolve(readme)))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}
