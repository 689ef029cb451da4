package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java that the documents show is compiled: each block stands behind a comment that names a file and a tag in it.
 * After a change in the code, {@code -Drecado.docs.update=true} puts the new text into the documents.
 */
class DocsTest {

    private static final Pattern MARKED = Pattern.compile(
            "^<!-- (?<file>[^ #]+)#(?<tag>[^ ]+) -->\\n```java\\n(?<shown>.*?)^```$",
            Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern BLOCK = Pattern.compile("^```java$", Pattern.MULTILINE);

    @ParameterizedTest
    @MethodSource("dev.recado.samples.docs.Documents#all")
    void shouldShowWhatIsCompiled(Path document) throws IOException {
        String text = Files.readString(document);
        String compiled = MARKED.matcher(text).replaceAll(DocsTest::compiled);
        if (Documents.UPDATE) {
            Files.writeString(document, compiled);
            return;
        }
        assertThat(text).as("%s", document).isEqualTo(compiled);
    }

    @ParameterizedTest
    @MethodSource("dev.recado.samples.docs.Documents#all")
    void shouldShowNoJavaThatIsNotCompiled(Path document) throws IOException {
        String text = Files.readString(document);

        assertThat(MARKED.matcher(text).results().count())
                .as("blocks of Java in %s with a mark before them", document)
                .isEqualTo(BLOCK.matcher(text).results().count());
    }

    private static String compiled(MatchResult mark) {
        String block = "<!-- " + mark.group(1) + "#" + mark.group(2) + " -->\n```java\n"
                + tagged(Documents.ROOT.resolve(mark.group(1)), mark.group(2)) + "```";
        return Matcher.quoteReplacement(block);
    }

    /** What stands between the tag's begin and end, without the indentation that all lines have. */
    private static String tagged(Path file, String tag) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int begin = indexOf(lines, "// tag::" + tag + "[]", file);
        int end = indexOf(lines, "// end::" + tag + "[]", file);
        return String.join("\n", lines.subList(begin + 1, end)).stripIndent() + "\n";
    }

    private static int indexOf(List<String> lines, String mark, Path file) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(mark)) {
                return i;
            }
        }
        throw new AssertionError(file + " has no line '" + mark + "'");
    }
}
