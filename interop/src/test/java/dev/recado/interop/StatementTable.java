package dev.recado.interop;

import dev.recado.interop.TestRun.Outcome;
import dev.recado.testkit.mqtt.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which statement of the standards is tested by what. The open ones are listed in a file, which can only shrink: a statement
 * that loses its last test is a violation, and so is a listed one that has got a test.
 */
final class StatementTable {

    enum State {
        COVERED,
        NOT_OBSERVABLE,
        OPEN,
        MISSING
    }

    /** Whether a test has been seen to fail when a broker breaks the statement. Only the kit's tests are tried so. */
    enum Proof {
        PROVEN,
        UNPROVEN,
        NOT_TRIED
    }

    /** One test on all that it was run on. */
    record Test(String name, boolean ofKit, Outcome outcome, String reason) {

        boolean covers() {
            return name.startsWith("required_") && outcome == Outcome.PASSED;
        }

        boolean deniesObservability() {
            return name.startsWith("untested_");
        }
    }

    /** {@code reason} says why it is not covered. */
    record Row(Statement statement, List<Test> tests, State state, Proof proof, String reason) {}

    private final List<Row> rows;
    private final List<String> violations = new ArrayList<>();

    /**
     * @param runs of our own implementations
     * @param open by statement as {@link Statement#toString} writes it: why it has no test yet
     * @param killers tests that have failed when a broker was made to break a statement; {@code null} when none was tried
     */
    StatementTable(List<Statement> statements, List<TestRun> runs, Map<String, String> open, Set<String> killers) {
        Map<Statement, Map<String, Test>> tests = byStatement(runs);
        rows = statements.stream()
                .map(statement -> row(
                        statement,
                        List.copyOf(tests.getOrDefault(statement, Map.of()).values()),
                        open,
                        killers))
                .toList();
        check(open);
    }

    private static Map<Statement, Map<String, Test>> byStatement(List<TestRun> runs) {
        Map<Statement, Map<String, Test>> tests = new LinkedHashMap<>();
        for (TestRun run : runs) {
            Statement.ofTest(run.name())
                    .ifPresent(statement -> tests.computeIfAbsent(statement, s -> new TreeMap<>())
                            .merge(
                                    run.name(),
                                    new Test(
                                            run.name(),
                                            run.owner().contains("MqttContract"),
                                            run.outcome(),
                                            run.reason()),
                                    StatementTable::both));
        }
        return tests;
    }

    /** A test that fails anywhere has failed; one that is skipped here and passes there has passed. */
    private static Test both(Test a, Test b) {
        if (a.outcome == Outcome.FAILED || b.outcome == Outcome.SKIPPED) {
            return a;
        }
        return b.outcome == Outcome.FAILED || a.outcome == Outcome.SKIPPED ? b : a;
    }

    private static Row row(Statement statement, List<Test> tests, Map<String, String> open, Set<String> killers) {
        if (tests.stream().anyMatch(Test::covers)) {
            return new Row(statement, tests, State.COVERED, proof(tests, killers), "");
        }
        for (Test test : tests) {
            if (test.deniesObservability()) {
                return new Row(statement, tests, State.NOT_OBSERVABLE, Proof.NOT_TRIED, test.reason);
            }
        }
        if (!statement.observable()) {
            return new Row(statement, tests, State.NOT_OBSERVABLE, Proof.NOT_TRIED, "not observable");
        }
        String reason = open.get(statement.toString());
        return reason != null
                ? new Row(statement, tests, State.OPEN, Proof.NOT_TRIED, reason)
                : new Row(statement, tests, State.MISSING, Proof.NOT_TRIED, "no required test has passed");
    }

    private static Proof proof(List<Test> tests, Set<String> killers) {
        if (killers == null || tests.stream().noneMatch(Test::ofKit)) {
            return Proof.NOT_TRIED;
        }
        return tests.stream().anyMatch(test -> killers.contains(test.name)) ? Proof.PROVEN : Proof.UNPROVEN;
    }

    private void check(Map<String, String> open) {
        Map<String, State> states = new LinkedHashMap<>();
        for (Row row : rows) {
            states.put(row.statement.toString(), row.state);
            if (row.state == State.MISSING) {
                violations.add(row.statement + " (binds " + row.statement.binds() + "): " + row.reason);
            }
        }
        open.keySet().forEach(listed -> {
            State state = states.get(listed);
            if (state == null) {
                violations.add(listed + " is listed as open, but there is no such statement");
            } else if (state != State.OPEN) {
                violations.add(listed + " is listed as open, but is " + words(state) + ": take it off the list");
            }
        });
    }

    List<Row> rows() {
        return rows;
    }

    /** What has to be mended, each in a line that names the statement. */
    List<String> violations() {
        return violations;
    }

    String summary() {
        return "%d statements: %d covered, %d not observable, %d open, %d missing; %d covered ones proven, %d unproven"
                .formatted(
                        rows.size(),
                        count(State.COVERED),
                        count(State.NOT_OBSERVABLE),
                        count(State.OPEN),
                        count(State.MISSING),
                        count(Proof.PROVEN),
                        count(Proof.UNPROVEN));
    }

    private long count(State state) {
        return rows.stream().filter(row -> row.state == state).count();
    }

    private long count(Proof proof) {
        return rows.stream().filter(row -> row.proof == proof).count();
    }

    /** As people write it. */
    static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
