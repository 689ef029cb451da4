package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Portuguese README begins as the English one does. */
final class ReadmeTest {

    private static final Pattern BLOCK =
            Pattern.compile("^```(java|xml|sh)\\n.*?^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void shouldShowTheSameProgramDependencyAndCommandsInBothLanguages() throws IOException {
        List<String> english = blocks("README.md");
        List<String> portuguese = blocks("README.pt-BR.md");

        assertThat(portuguese).isNotEmpty().isEqualTo(english.subList(0, portuguese.size()));
    }

    private static List<String> blocks(String readme) throws IOException {
        return BLOCK.matcher(Files.readString(Path.of("..").resolve(readme)))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}
