package dev.recado.contract;

import dev.recado.testkit.mqtt.Statement;
import java.util.Optional;

/**
 * What became of one test of the kit.
 *
 * @param chapter such as {@code MQTT 5: shared subscriptions}
 * @param test the test's name
 * @param message why it failed or was skipped, in one line or more; empty when it passed
 */
record TestResult(String chapter, String test, Outcome outcome, String message) {

    enum Outcome {
        PASSED,
        FAILED,
        SKIPPED
    }

    /** What the standard demands, where the test is named for a statement that has a number. */
    Optional<String> demand() {
        return Statement.ofTest(test).map(Statement::text);
    }

    /** The message without what differs between tests that are skipped for one reason. */
    String kindOfSkip() {
        String reason = message.replaceFirst("^Assumption failed: ", "");
        return reason.replaceFirst("^(not observable|known deviation)[\\s\\S]*", "$1");
    }
}
