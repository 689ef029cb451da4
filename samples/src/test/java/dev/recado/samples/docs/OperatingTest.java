package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.BrokerStats;
import dev.recado.Limits;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of {@code docs/operating.md} have what the code has. */
class OperatingTest {

    private static final Pattern LIMIT = Pattern.compile("^\\| `(\\w+)` \\| (\\S+) \\|", Pattern.MULTILINE);
    private static final Pattern NUMBER = Pattern.compile("`(\\w+)`");

    private final String document;

    OperatingTest() throws IOException {
        document = Files.readString(Path.of("../docs/operating.md"));
    }

    @Test
    void shouldListEachLimitWithItsDefault() throws Exception {
        Map<String, String> defaults = new TreeMap<>();
        for (Method method : Limits.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())
                    && !Modifier.isStatic(method.getModifiers())
                    && method.getParameterCount() == 0) {
                defaults.put(method.getName(), String.valueOf(method.invoke(Limits.defaults())));
            }
        }

        Map<String, String> listed = LIMIT.matcher(section("Limits"))
                .results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2), (one, other) -> one, TreeMap::new));

        assertThat(listed).isEqualTo(defaults);
    }

    @Test
    void shouldListEachNumberOfTheStatistics() {
        assertThat(NUMBER.matcher(section("What to look at")).results().map((MatchResult name) -> name.group(1)))
                .containsAll(Stream.of(BrokerStats.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
    }

    private String section(String title) {
        int begin = document.indexOf("\n## " + title + "\n");
        int end = document.indexOf("\n## ", begin + 1);
        assertThat(begin).as("section '%s'", title).isPositive();
        return document.substring(begin, end < 0 ? document.length() : end);
    }
}
