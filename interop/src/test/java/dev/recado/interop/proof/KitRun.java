package dev.recado.interop.proof;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * How tests of the kit end at a mutant.
 *
 * @param results by test; skipped tests are not there, and one with several cases is there as the first that failed
 */
record KitRun(Map<String, TestExecutionResult> results) {

    /** All tests of the kit, and where JUnit finds them: to look for them in each run takes longer than most tests. */
    private static final Map<String, UniqueId> TESTS = discover();

    private static Map<String, UniqueId> discover() {
        TestPlan plan = LauncherFactory.create()
                .discover(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(MutatedBroker.class))
                        .build());
        Map<String, UniqueId> tests = new TreeMap<>();
        for (TestIdentifier root : plan.getRoots()) {
            for (TestIdentifier test : plan.getDescendants(root)) {
                method(test).ifPresent(name -> tests.put(name, test.getUniqueIdObject()));
            }
        }
        return tests;
    }

    /** Of a test, one of its cases, or all of them. */
    private static Optional<String> method(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getMethodName());
    }

    /** The names of all tests of the kit. */
    static Set<String> tests() {
        return TESTS.keySet();
    }

    /**
     * Runs tests of the kit in this thread, one after the other.
     *
     * @param tests their names
     * @param patience how long to wait for what must come
     */
    static KitRun of(Mutant mutant, Collection<String> tests, Duration patience) {
        Map<String, TestExecutionResult> results = new TreeMap<>();
        List<TestExecutionResult> notStarted = new ArrayList<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(tests.stream()
                        .map(test -> selectUniqueId(TESTS.get(test)))
                        .toList())
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .configurationParameter("recado.testkit.arrivalTimeoutMillis", Long.toString(patience.toMillis()))
                .configurationParameter(MutatedBroker.PARAMETER, mutant.name())
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                    if (result.getStatus() != TestExecutionResult.Status.ABORTED) {
                        results.merge(method(test).orElseThrow(), result, KitRun::worse);
                    }
                } else if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                    notStarted.add(result);
                }
            }
        });
        if (!notStarted.isEmpty()) {
            throw new IllegalStateException(
                    "the kit did not run with " + mutant,
                    notStarted.get(0).getThrowable().orElse(null));
        }
        return new KitRun(results);
    }

    private static TestExecutionResult worse(TestExecutionResult earlier, TestExecutionResult later) {
        return earlier.getStatus() == TestExecutionResult.Status.FAILED ? earlier : later;
    }

    boolean passed(String test) {
        return results.containsKey(test) && results.get(test).getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    }

    /** Whether it failed as the kit fails: with a message that names the statement, for an expectation that was not met. */
    boolean killed(String test) {
        TestExecutionResult result = results.get(test);
        return result != null
                && result.getStatus() == TestExecutionResult.Status.FAILED
                && result.getThrowable().orElseThrow() instanceof AssertionError failure
                && failure.getCause() instanceof AssertionError
                && String.valueOf(failure.getMessage())
                        .matches("(?s)(MQTT-\\d+\\.\\d+\\.\\d+-\\d+|section [\\d.]+) of MQTT (5|3\\.1\\.1): .+");
    }

    /** For messages of our own. */
    String outcome(String test) {
        TestExecutionResult result = results.get(test);
        return test + ": "
                + (result == null
                        ? "skipped, or there is no such test"
                        : result.getThrowable().map(Throwable::toString).orElse("passed"));
    }
}
