package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents link to files that are there. */
class LinksTest {

    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\((?!https?:)([^)#]+)(#[^)]*)?\\)");

    @ParameterizedTest
    @MethodSource("dev.recado.samples.docs.Documents#all")
    void shouldLinkToWhatIsThere(Path document) throws IOException {
        List<Path> linked = LINK.matcher(Files.readString(document))
                .results()
                .map(link -> document.resolveSibling(link.group(1)))
                .toList();

        assertThat(linked).allSatisfy(file -> assertThat(file).exists());
    }
}
