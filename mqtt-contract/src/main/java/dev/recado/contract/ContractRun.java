package dev.recado.contract;

import dev.recado.contract.TestResult.Outcome;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the kit against one broker. */
final class ContractRun {

    private static final Pattern CHAPTER = Pattern.compile("V(5|311)(\\w+)");

    private ContractRun() {}

    /** JUnit makes the instance, so the broker comes by a field. One run at a time. */
    static final class Contract extends MqttContract {
        private static volatile BrokerUnderTest broker;

        @Override
        protected BrokerUnderTest startBroker() {
            return broker;
        }
    }

    /**
     * @param only part of the names of the tests to run; empty for all
     * @return sorted by chapter and test
     * @throws IllegalArgumentException when the kit refuses what is declared of the broker, or no test has such a name
     */
    static List<TestResult> of(BrokerUnderTest broker, Duration patience, String only) {
        Contract.broker = broker;
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(Contract.class))
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(isPartOf(test, only)))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                // The one that our own build uses; JUnit asks for a choice.
                .configurationParameter("junit.jupiter.execution.parallel.config.executor-service", "FORK_JOIN_POOL")
                .configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent")
                .configurationParameter("recado.testkit.arrivalTimeoutMillis", String.valueOf(patience.toMillis()))
                .build();
        Listener listener = new Listener();
        LauncherFactory.create().execute(request, listener);
        if (listener.results.isEmpty()) {
            throw new IllegalArgumentException(
                    listener.refusal == null ? "no test has a name with '" + only + "' in it" : listener.refusal);
        }
        return listener.results.stream()
                .sorted(Comparator.comparing(TestResult::chapter).thenComparing(TestResult::test))
                .toList();
    }

    /** Decides about methods, of which a table of cases is one that is no test itself; classes go with their methods. */
    private static boolean isPartOf(TestDescriptor test, String only) {
        return test.getSource()
                .flatMap(ContractRun::method)
                .map(method -> method.getMethodName().contains(only))
                .orElse(true);
    }

    private static Optional<MethodSource> method(TestSource source) {
        return source instanceof MethodSource method ? Optional.of(method) : Optional.empty();
    }

    /** From the class behind the nested one: {@code V5SharedSubscriptions} is {@code MQTT 5: shared subscriptions}. */
    static String chapter(Class<?> nested) {
        Matcher name = CHAPTER.matcher(nested.getSuperclass().getSimpleName());
        if (!name.matches()) {
            throw new IllegalStateException(nested + " is not based on a chapter of the kit");
        }
        String version = name.group(1).equals("5") ? "MQTT 5" : "MQTT 3.1.1";
        return version + ": "
                + name.group(2).replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    /** Called by many threads. */
    private static final class Listener implements TestExecutionListener {
        private final Queue<TestResult> results = new ConcurrentLinkedQueue<>();
        private volatile String refusal;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            String message = result.getThrowable()
                    .map(thrown -> String.valueOf(thrown.getMessage()))
                    .orElse("");
            if (test.isTest()) {
                MethodSource method =
                        test.getSource().flatMap(ContractRun::method).orElseThrow();
                results.add(new TestResult(
                        chapter(method.getJavaClass()), method.getMethodName(), outcome(result), message));
            } else if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                refusal = message;
            }
        }
    }

    private static Outcome outcome(TestExecutionResult result) {
        return switch (result.getStatus()) {
            case SUCCESSFUL -> Outcome.PASSED;
            case ABORTED -> Outcome.SKIPPED;
            case FAILED -> Outcome.FAILED;
        };
    }
}
