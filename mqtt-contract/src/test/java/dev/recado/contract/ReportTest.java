package dev.recado.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.contract.TestResult.Outcome;
import dev.recado.testkit.mqtt.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final String FAILED = "required_v5_3_3_1_10_x";

    private final Report report = new Report(
            "the broker at <h>:1883",
            List.of(
                    new TestResult("MQTT 5: retain", FAILED, Outcome.FAILED, "expected A & got B\n  #1 > CONNECT\n"),
                    new TestResult("MQTT 5: retain", "required_v5_3_3_1_11_x", Outcome.PASSED, ""),
                    new TestResult(
                            "MQTT 3.1.1: will",
                            "required_v311_3_1_2_8_x",
                            Outcome.SKIPPED,
                            "Assumption failed: the broker is declared to lack RETAIN"),
                    skipped("known deviation (tired): expected"),
                    skipped("known deviation (old): got\nnothing"),
                    skipped("not observable: no socket")));

    private static TestResult skipped(String message) {
        return new TestResult("MQTT 5: auth", "required_v5_4_12_0_1_x", Outcome.SKIPPED, message);
    }

    @Test
    void shouldCountByChapter() {
        assertThat(report.text().lines().filter(line -> line.endsWith("skipped")))
                .containsExactly(
                        "MQTT 3.1.1: will                     0 passed, 0 failed, 1 skipped",
                        "MQTT 5: auth                         0 passed, 0 failed, 3 skipped",
                        "MQTT 5: retain                       1 passed, 1 failed, 0 skipped",
                        "the broker at <h>:1883: 1 passed, 1 failed, 4 skipped");
    }

    @Test
    void shouldShowWithAFailureWhatTheStandardDemandsAndWhatHappened() {
        String demand = Statement.ofTest(FAILED).orElseThrow().text();

        assertThat(report.text())
                .contains("  " + FAILED + "\n    the standard: " + demand
                        + "\n    expected A & got B\n      #1 > CONNECT\n");
        assertThat(report.html())
                .contains("<tr class=\"failed\"><td>" + FAILED + "</td><td>" + demand)
                .contains("<pre>expected A &amp; got B\n  #1 &gt; CONNECT</pre>");
    }

    @Test
    void shouldGatherWhyTestsWereSkipped() {
        assertThat(report.text())
                .contains("    1  the broker is declared to lack RETAIN\n")
                .contains("    2  known deviation\n")
                .contains("    1  not observable\n");
    }

    @Test
    void shouldShowMarkupAsText() {
        assertThat(report.html()).contains("the broker at &lt;h&gt;:1883").doesNotContain("<h>");
    }
}
