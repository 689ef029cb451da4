package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.interop.StatementTable.Proof;
import dev.recado.interop.StatementTable.Row;
import dev.recado.interop.StatementTable.State;
import dev.recado.interop.TestRun.Outcome;
import dev.recado.testkit.mqtt.Statement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementTableTest {

    private static final String KIT = "dev.recado.testkit.mqtt.MqttContract$Retain5";
    private static final String CLIENT = "dev.recado.core.client.ClientStatementsV5PublishTest";

    /** "MQTT-3.3.1-5 of MQTT 5". */
    private static final Statement STATEMENT = statement("required_v5_3_3_1_5_");

    private static final String TEST = "required_v5_3_3_1_5_retainedMessageIsReplaced";

    private static Statement statement(String name) {
        return Statement.ofTest(name + "x").orElseThrow();
    }

    private static TestRun run(String name, Outcome outcome) {
        return new TestRun("Suite", KIT, name, outcome, outcome == Outcome.PASSED ? "" : "because");
    }

    private static StatementTable table(Map<String, String> open, Set<String> killers, TestRun... runs) {
        return new StatementTable(List.of(STATEMENT), List.of(runs), open, killers);
    }

    private static Row row(TestRun... runs) {
        return table(Map.of(), null, runs).rows().get(0);
    }

    // ---- states

    @Test
    void shouldCoverAStatementByARequiredTestThatPasses() {
        StatementTable table = table(Map.of(), null, run(TEST, Outcome.PASSED));

        assertThat(table.rows().get(0).state()).isEqualTo(State.COVERED);
        assertThat(table.violations()).isEmpty();
    }

    @Test
    void shouldMissAStatementWhoseTestIsLost() {
        StatementTable table = table(Map.of(), null, run("required_v311_3_3_1_5_sameNumberElsewhere", Outcome.PASSED));

        assertThat(table.rows().get(0).state()).isEqualTo(State.MISSING);
        assertThat(table.violations()).hasSize(1).first().asString().contains("MQTT-3.3.1-5 of MQTT 5");
    }

    @Test
    void shouldNotCoverAStatementByTestsThatAreSkippedFailOrOnlyRecommend() {
        assertThat(row(run(TEST, Outcome.SKIPPED)).state()).isEqualTo(State.MISSING);
        assertThat(row(run(TEST, Outcome.FAILED)).state()).isEqualTo(State.MISSING);
        assertThat(row(run("recommended_v5_3_3_1_5_x", Outcome.PASSED)).state()).isEqualTo(State.MISSING);
    }

    @Test
    void shouldCountATestAsPassedWhenItPassesSomewhereAndFailsNowhere() {
        TestRun passed = run(TEST, Outcome.PASSED);
        TestRun skipped = run(TEST, Outcome.SKIPPED);
        TestRun failed = run(TEST, Outcome.FAILED);

        assertThat(row(passed, skipped).state()).isEqualTo(State.COVERED);
        assertThat(row(skipped, passed).state()).isEqualTo(State.COVERED);
        assertThat(row(passed, failed).state()).isEqualTo(State.MISSING);
        assertThat(row(failed, passed, skipped).state()).isEqualTo(State.MISSING);
    }

    @Test
    void shouldTellWhatIsNotObservableByTestOrTable() {
        Row byTest = row(run("untested_v5_3_3_1_5_x", Outcome.SKIPPED));
        assertThat(byTest.state()).isEqualTo(State.NOT_OBSERVABLE);
        assertThat(byTest.reason()).isEqualTo("because");

        Statement unseen = statement("required_v311_4_7_3_3_");
        StatementTable byTable = new StatementTable(List.of(unseen), List.of(), Map.of(), null);
        assertThat(byTable.rows().get(0).state()).isEqualTo(State.NOT_OBSERVABLE);
        assertThat(byTable.violations()).isEmpty();
    }

    // ---- the list of open ones

    @Test
    void shouldLeaveOpenWhatIsListed() {
        StatementTable table = table(Map.of(STATEMENT.toString(), "no time"), null);

        assertThat(table.rows().get(0).state()).isEqualTo(State.OPEN);
        assertThat(table.rows().get(0).reason()).isEqualTo("no time");
        assertThat(table.violations()).isEmpty();
    }

    @Test
    void shouldNotListWhatIsCoveredNotObservableOrUnknown() {
        Map<String, String> open = Map.of(STATEMENT.toString(), "no time");

        assertThat(table(open, null, run(TEST, Outcome.PASSED)).violations())
                .containsExactly("MQTT-3.3.1-5 of MQTT 5 is listed as open, but is covered: take it off the list");
        assertThat(table(open, null, run("untested_v5_3_3_1_5_x", Outcome.SKIPPED))
                        .violations())
                .containsExactly(
                        "MQTT-3.3.1-5 of MQTT 5 is listed as open, but is not observable: take it off the list");
        assertThat(table(Map.of("MQTT-9.9.9-9 of MQTT 5", "x"), null, run(TEST, Outcome.PASSED))
                        .violations())
                .containsExactly("MQTT-9.9.9-9 of MQTT 5 is listed as open, but there is no such statement");
    }

    // ---- proof

    @Test
    void shouldProveAStatementByATestThatKillsAMutant() {
        TestRun passed = run(TEST, Outcome.PASSED);

        assertThat(proof(Set.of(TEST), passed)).isEqualTo(Proof.PROVEN);
        assertThat(proof(Set.of("required_v5_3_3_1_6_other"), passed)).isEqualTo(Proof.UNPROVEN);
        assertThat(proof(null, passed)).isEqualTo(Proof.NOT_TRIED);
        assertThat(proof(Set.of(), new TestRun("Suite", CLIENT, TEST, Outcome.PASSED, "")))
                .isEqualTo(Proof.NOT_TRIED);
    }

    private static Proof proof(Set<String> killers, TestRun... runs) {
        return table(Map.of(), killers, runs).rows().get(0).proof();
    }

    // ---- reports and pages

    @Test
    void shouldReadReportsOfThisBuildOnly(@TempDir Path folder) throws IOException {
        Path report = Files.writeString(folder.resolve("TEST-a.Suite.xml"), """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="a.Suite">
                  <properties/>
                  <testcase name="passes" classname="a.Suite$Chapter" time="0.1"><system-out>x</system-out></testcase>
                  <testcase name="takes(int)[1]" classname="a.Suite"/>
                  <testcase name="skips" classname="a.Suite">
                    <skipped type="A"><![CDATA[org.opentest4j.TestAbortedException: not observable: <why>
                	at a.Suite.skips(Suite.java:1)]]></skipped>
                  </testcase>
                  <testcase name="fails" classname="a.Suite"><failure message="1 is not 2">trace</failure></testcase>
                  <testcase name="errs" classname="a.Suite"><error type="E">java.io.IOException: closed</error></testcase>
                </testsuite>
                """);
        Instant written = Files.getLastModifiedTime(report).toInstant();

        assertThat(TestRun.since(written, folder))
                .containsExactly(
                        new TestRun("a.Suite", "a.Suite$Chapter", "passes", Outcome.PASSED, ""),
                        new TestRun("a.Suite", "a.Suite", "takes", Outcome.PASSED, ""),
                        new TestRun("a.Suite", "a.Suite", "skips", Outcome.SKIPPED, "not observable: <why>"),
                        new TestRun("a.Suite", "a.Suite", "fails", Outcome.FAILED, "1 is not 2"),
                        new TestRun("a.Suite", "a.Suite", "errs", Outcome.FAILED, "closed"));
        assertThat(TestRun.since(written.plusMillis(1), folder)).isEmpty();
        assertThat(TestRun.since(written, folder.resolve("none"))).isEmpty();
    }

    @Test
    void shouldShowEachStatementInARow() {
        Statement other = statement("required_v5_1_5_4_1_");
        StatementTable table = new StatementTable(
                List.of(STATEMENT, other),
                List.of(run(TEST, Outcome.PASSED), run("required_v5_3_3_1_5_a_less_b", Outcome.SKIPPED)),
                Map.of(),
                Set.of());

        assertThat(table.summary())
                .isEqualTo("2 statements: 1 covered, 0 not observable, 0 open, 1 missing;"
                        + " 0 covered ones proven, 1 unproven");
        assertThat(TablePages.markdown(table).lines())
                .contains(Stream.of(
                                "MQTT-3.3.1-5",
                                "MQTT 5",
                                STATEMENT.binds(),
                                STATEMENT.text(),
                                "required_v5_3_3_1_5_a_less_b (skipped: because) <br> " + TEST,
                                "covered",
                                "unproven")
                        .reduce("|", (line, cell) -> line + " " + cell + " |"));
        assertThat(TablePages.html(table))
                .contains("<tr class=\"covered unproven\"><td>MQTT-3.3.1-5</td>")
                .contains("<tr class=\"missing not-tried\"><td>MQTT-1.5.4-1</td>");
    }

    @Test
    void shouldShowMarkupInMessagesAsText() {
        StatementTable table = table(Map.of(), null, new TestRun("Suite", KIT, TEST, Outcome.SKIPPED, "a<b & c | d"));

        assertThat(TablePages.html(table)).contains("a&lt;b &amp; c | d");
        assertThat(TablePages.markdown(table)).contains("a<b & c \\| d");
    }
}
