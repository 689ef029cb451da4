package dev.recado.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests of a contract inside a test, and tells how each of them ended. */
final class ContractRun {

    private ContractRun() {}

    static Map<String, TestExecutionResult> of(
            Class<? extends TransportContract> contract, Collection<String> tests, Map<String, String> parameters) {
        Map<String, TestExecutionResult> results = new HashMap<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(
                        tests.stream().map(test -> selectMethod(contract, test)).toList())
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .configurationParameters(parameters)
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                test.getSource()
                        .filter(MethodSource.class::isInstance)
                        .map(MethodSource.class::cast)
                        .ifPresent(source -> results.put(source.getMethodName(), result));
            }
        });
        return results;
    }

    /** The messages of those that failed, by test. */
    static Map<String, String> failures(Map<String, TestExecutionResult> results) {
        Map<String, String> failures = new TreeMap<>();
        results.forEach((test, result) -> {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                failures.put(
                        test, String.valueOf(result.getThrowable().orElseThrow().getMessage()));
            }
        });
        return failures;
    }
}
