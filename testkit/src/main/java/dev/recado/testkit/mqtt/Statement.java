package dev.recado.testkit.mqtt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A normative statement of MQTT 5.0 or MQTT 3.1.1: what the tests of {@link MqttContract}, and those of clients that follow
 * it, are named for. Immutable.
 *
 * @param version {@code MQTT 5} or {@code MQTT 3.1.1}; an id may mean different things in either
 * @param id its number in the standard, such as {@code MQTT-3.3.1-10}
 * @param binds whom: {@code server}, {@code client} or {@code both}
 * @param text what it demands, in our own words
 * @param observable whether its breach shows on the wire or at a client's API
 * @since 0.1.0
 */
public record Statement(String version, String id, String binds, String text, boolean observable) {

    private static final List<Statement> ALL = Stream.of(
                    read(Version.V5, "mqtt5-statements.tsv"), read(Version.V311, "mqtt311-statements.tsv"))
            .flatMap(List::stream)
            .toList();

    /**
     * All that have a number, those of MQTT 5 first.
     *
     * @return an immutable list, in the standards' order
     */
    public static List<Statement> all() {
        return ALL;
    }

    /**
     * The statement that a test is named for.
     *
     * @param testName the name of its method, such as {@code required_v5_3_3_1_10_lastRetainedMessageIsReplaced}
     * @return empty when it is named for no number: for a section, or by other rules
     * @throws IllegalArgumentException when it is named for a number that the standard does not have
     */
    public static Optional<Statement> ofTest(String testName) {
        if (!StatementExtension.STATEMENT.matcher(testName).matches()) {
            return Optional.empty();
        }
        String cited = StatementExtension.statement(testName);
        return Optional.of(ALL.stream()
                .filter(statement -> cited.equals(statement.toString()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        testName + " is named for " + cited + ", but there is no such statement")));
    }

    /** Such as {@code MQTT-3.3.1-10 of MQTT 5}. */
    @Override
    public String toString() {
        return id + " of " + version;
    }

    private static List<Statement> read(Version version, String table) {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(Statement.class.getResourceAsStream(table), StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(line -> parse(version, line)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Statement parse(Version version, String line) {
        String[] columns = line.split("\t");
        return new Statement(
                version.toString(), columns[0], columns[1], columns[3], !columns[4].equals("not observable"));
    }
}
