package dev.recado.testkit.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

class TestNamesTest {

    private static final String NUMBERED = "(required|recommended|untested)_(v5|v311)_\\d+_\\d+_\\d+_\\d+_[a-z]\\w+";
    private static final String BY_SECTION = "(required|recommended)_(v5|v311)_section(_\\d+)+_[a-z]\\w+";

    @Test
    void shouldNameEveryTestForAStatementThatExists() throws IOException {
        Set<String> v5 = statements("mqtt5-statements.tsv");
        Set<String> v311 = statements("mqtt311-statements.tsv");
        assertThat(v5).hasSize(251);
        assertThat(v311).hasSize(141);
        assertThat(MqttContract.testNames()).isNotEmpty().allSatisfy(test -> {
            assertThat(test.matches(NUMBERED) || test.matches(BY_SECTION)).isTrue();
            String cited = StatementExtension.statement(test).split(" ")[0];
            if (test.matches(NUMBERED)) {
                assertThat(cited).isIn(test.contains("_v5_") ? v5 : v311);
            }
        });
    }

    @Test
    void shouldNameNoTwoTestsAlike() {
        List<String> names = MqttContract.tests().map(Method::getName).toList();
        assertThat(names).doesNotHaveDuplicates().hasSameSizeAs(MqttContract.testNames());
    }

    @Test
    void shouldHaveTestsInChaptersOfTheirVersion() {
        assertThat(MqttContract.tests())
                .allSatisfy(test -> assertThat(test.getName())
                        .contains(test.getDeclaringClass().getSimpleName().startsWith("V5") ? "_v5_" : "_v311_"));
    }

    @Test
    void shouldNameNoTwoCasesOfATestAlike() {
        assertThat(MqttContract.tests().filter(test -> test.isAnnotationPresent(MethodSource.class)))
                .isNotEmpty()
                .allSatisfy(test -> assertThat(MqttContract.cases(test).stream().map(Object::toString))
                        .isNotEmpty()
                        .doesNotHaveDuplicates());
    }

    private static Set<String> statements(String table) throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(MqttContract.class.getResourceAsStream(table), StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(line -> line.split("\t")[0]).collect(Collectors.toSet());
        }
    }
}
