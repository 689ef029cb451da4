package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicRulesTest {

    @ParameterizedTest
    @CsvSource({
        "$share/g/a/b, g, a/b",
        "$share/g//a, g, /a",
        "$share/$share/a, $share, a",
        "$share/g/#, g, #",
        "a/b, , a/b",
        "$shared/g/a, , $shared/g/a"
    })
    void shouldTellTheShareNameFromTheFilter(String filter, String shareName, String matchedWith) {
        assertThat(TopicRules.filterViolation(filter)).isNull();
        assertThat(TopicRules.isShared(filter)).isEqualTo(shareName != null);
        assertThat(TopicRules.shareName(filter)).isEqualTo(shareName);
        assertThat(TopicRules.withoutShare(filter)).isEqualTo(matchedWith);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "//", "a/b", " ", "$SYS/x", "Ärger/€/😀", "a/b/", "$share/x"})
    void shouldAcceptTopicNames(String name) throws CodecException {
        assertThat(TopicRules.nameViolation(name)).isNull();
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        TopicRules.checkName("Topic Name", ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'topic name is empty (MQTT-4.7.3-1)'",
        "a/+, 'topic name ''a/+'' contains the wildcard ''+'' at index 2 (MQTT-3.3.2-2)'",
        "'#', 'topic name ''#'' contains the wildcard ''#'' at index 0 (MQTT-3.3.2-2)'",
        "b+c, 'topic name ''b+c'' contains the wildcard ''+'' at index 1 (MQTT-3.3.2-2)'"
    })
    void shouldSayWhatIsNoTopicName(String name, String violation) {
        assertThat(TopicRules.nameViolation(name)).isEqualTo(violation);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> TopicRules.checkName("Topic Name", ByteBuffer.wrap(bytes), 0, bytes.length))
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.TOPIC_NAME_INVALID));
    }

    @Test
    void shouldRefuseTextThatTheWireCannotCarry() {
        assertThat(TopicRules.nameViolation("a\0")).contains("MQTT-1.5.4-2");
        assertThat(TopicRules.filterViolation("a\uD800/#")).contains("MQTT-1.5.4-1");
        assertThat(TopicRules.nameViolation("x".repeat(70_000)))
                .contains("70000")
                .hasSizeLessThan(300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "/",
                "#",
                "+",
                "+/+",
                "/+",
                "+/",
                "a/#",
                "/#",
                "a/+/b",
                "+/a/#",
                "$SYS/#",
                "$share/g/a",
                "$share/g/#",
                "$share/g/+/x",
                "$share/g//",
                "$shared/+",
                "$share"
            })
    void shouldAcceptTopicFilters(String filter) {
        assertThat(TopicRules.filterViolation(filter)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', MQTT-4.7.3-1",
        "a#, MQTT-4.7.1-1",
        "a/b#, MQTT-4.7.1-1",
        "a/#/b, MQTT-4.7.1-1",
        "#/, MQTT-4.7.1-1",
        "##, MQTT-4.7.1-1",
        "a+, MQTT-4.7.1-2",
        "+a, MQTT-4.7.1-2",
        "a/+b/c, MQTT-4.7.1-2",
        "++, MQTT-4.7.1-2",
        "$share/, MQTT-4.8.2-2",
        "$share/g, MQTT-4.8.2-2",
        "$share/g/, MQTT-4.8.2-2",
        "$share//a, MQTT-4.8.2-1",
        "$share/g+/a, MQTT-4.8.2-2",
        "$share/#/a, MQTT-4.8.2-2",
        "$share/+/a, MQTT-4.8.2-2",
        "$share/g/a+, MQTT-4.7.1-2",
        "$share/g/#/a, MQTT-4.7.1-1"
    })
    void shouldSayWhatIsNoTopicFilter(String filter, String statement) {
        assertThat(TopicRules.filterViolation(filter)).contains(statement).contains(filter);
    }

    @ParameterizedTest
    @CsvSource({"a, 1", "/, 2", "a/b, 2", "a//b/, 4", "$share/g/a, 3"})
    void shouldCountLevels(String topic, int levels) {
        assertThat(TopicRules.levels(topic)).isEqualTo(levels);
    }

    @Test
    void shouldFindWildcards() {
        assertThat(TopicRules.hasWildcard("a/+")).isTrue();
        assertThat(TopicRules.hasWildcard("#")).isTrue();
        assertThat(TopicRules.hasWildcard("$share/g/a")).isFalse();
        assertThat(TopicRules.hasWildcard("a/b")).isFalse();
    }

    /** The examples of section 4.7, and others. */
    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#, sport/tennis/player1, true",
        "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
        "sport/tennis/player1/#, sport/tennis/player2, false",
        "sport/tennis/player1/#, sport/tennis, false",
        "sport/#, sport, true",
        "sport/#, sports, false",
        "#, a/b/c, true",
        "#, /, true",
        "sport/tennis/+, sport/tennis/player1, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "+, a, true",
        "+/#, a, true",
        "+/#, a/b/c, true",
        "#, $SYS/x, false",
        "+/monitor/Clients, $SYS/monitor/Clients, false",
        "+, $a, false",
        "$SYS/#, $SYS/monitor/Clients, true",
        "$SYS/monitor/+, $SYS/monitor/Clients, true",
        "a/#, a/$b, true",
        "a/+, a/$b, true",
        "a, a, true",
        "a, A, false",
        "a, a/b, false",
        "a/b, a, false",
        "a, /a, false",
        "a/, a, false",
        "a/, a/, true",
        "a, a/, false",
        "//, //, true",
        "$share/g/a/+, a/b, true",
        "$share/g/#, $SYS/x, false",
        "$share/g/a, b, false"
    })
    void shouldMatchByLevels(String filter, String name, boolean matches) {
        assertThat(TopicRules.matches(filter, name)).isEqualTo(matches);
    }

    @Test
    void shouldNotNormalize() {
        assertThat(TopicRules.matches("\u00C5", "A\u030A")).isFalse();
    }

    /** Every short filter against every short name, compared with a regular expression that says the same. */
    @Test
    void shouldAgreeWithARegularExpression() {
        List<String> topics = new ArrayList<>(List.of(""));
        for (int i = 0, from = 0; i < 5; i++) {
            int to = topics.size();
            for (; from < to; from++) {
                for (char c : "a/+#$".toCharArray()) {
                    topics.add(topics.get(from) + c);
                }
            }
        }
        List<String> names =
                topics.stream().filter(t -> TopicRules.nameViolation(t) == null).toList();
        List<String> filters = topics.stream()
                .filter(t -> TopicRules.filterViolation(t) == null)
                .toList();
        assertThat(names).hasSizeGreaterThan(300);
        assertThat(filters).hasSizeGreaterThan(500);
        for (String filter : filters) {
            Pattern pattern = Pattern.compile((filter.matches("[+#].*") ? "(?!\\$)" : "")
                    + filter.replace("$", "\\$")
                            .replace("+", "[^/]*")
                            .replaceAll("/#$", "(/.*)?")
                            .replaceAll("^#$", ".*"));
            for (String name : names) {
                if (TopicRules.matches(filter, name) != pattern.matcher(name).matches()) {
                    assertThat(filter).as("matches " + name).isEqualTo(pattern.toString());
                }
            }
        }
    }
}
