package dev.recado.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.spi.Transport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;

class ContractExtensionTest {

    @Test
    void shouldEndAHangWithAThreadDumpThatShowsIt() {
        String test = "required_T06_megabytesShouldArriveBothWaysAtOnce";

        Map<String, String> failures = ContractRun.failures(
                WrongContract.run(WrongTransport.HANGS_IN_CONNECT, List.of(test), Duration.ofSeconds(2)));

        assertThat(failures.get(test))
                .startsWith("T6: the test must end within PT2S, but did not")
                .contains("\"testkit-runner\"")
                .contains("WrongTransport");
    }

    @Test
    void shouldCiteTheRuleWhenATestFailsWithAnyException() {
        String test = "required_T06_megabytesShouldArriveBothWaysAtOnce";

        Map<String, String> failures = ContractRun.failures(ContractRun.of(Throwing.class, List.of(test), Map.of()));

        assertThat(failures.get(test))
                .isEqualTo("T6: the test failed with java.lang.NullPointerException: no transport");
    }

    @Test
    void shouldSkipWhatNeedsAnUndeclaredCapability() {
        List<String> needy = List.of(
                "required_T17_resetShouldArriveAsCause",
                "required_T20_unknownHostShouldArriveAsUnknownHostException",
                "required_T27_threadsShouldBeNamedDaemons");

        Map<String, TestExecutionResult> results = ContractRun.of(Incapable.class, needy, Map.of());

        assertThat(results.keySet()).containsExactlyInAnyOrderElementsOf(needy);
        assertThat(results.values()).allSatisfy(result -> {
            assertThat(result.getStatus()).isEqualTo(Status.ABORTED);
            assertThat(result.getThrowable().orElseThrow()).hasMessageContaining("the transport does not declare ");
        });
    }

    @Test
    void shouldRunWhatNeedsNoCapability() {
        String test = "required_T15_closeShouldSendEverythingWrittenBefore";

        Map<String, TestExecutionResult> results = ContractRun.of(Incapable.class, List.of(test), Map.of());

        assertThat(results.get(test).getStatus()).isEqualTo(Status.SUCCESSFUL);
    }

    static class Throwing extends TransportContract {

        @Override
        protected Transport createTransport() {
            throw new NullPointerException("no transport");
        }
    }

    static class Incapable extends TransportContract {

        @Override
        protected Transport createTransport() {
            return new ReferenceTransport();
        }

        @Override
        protected Set<Capability> capabilities() {
            return EnumSet.noneOf(Capability.class);
        }
    }
}
