package dev.recado.testkit.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The chapter on enhanced authentication, which few brokers have, sees what it claims to see. */
class AuthTest {

    /** Of the broker that the contract starts next; one test after the other sets it. */
    private static volatile AuthenticatingServer.Fault fault;

    static class AuthenticatingServerContract extends MqttContract {
        @Override
        protected BrokerUnderTest startBroker() throws Exception {
            AuthenticatingServer server = new AuthenticatingServer(fault);
            return BrokerUnderTest.at("127.0.0.1", server.port())
                    .authenticating(AuthenticatingServer.client())
                    .closing(server);
        }
    }

    @Test
    void shouldPassWithoutFault() {
        assertThat(run(null, selectNestedClass(List.of(AuthenticatingServerContract.class), MqttContract.Auth5.class))
                        .values())
                .hasSizeGreaterThan(10)
                .allSatisfy(result ->
                        assertThat(result.getStatus()).as(result.toString()).isEqualTo(Status.SUCCESSFUL));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSeeTheFault(AuthenticatingServer.Fault wrong) {
        TestExecutionResult result = run(
                        wrong,
                        selectNestedMethod(
                                List.of(AuthenticatingServerContract.class), MqttContract.Auth5.class, wrong.test))
                .get(wrong.test);

        assertThat(result.getStatus()).isEqualTo(Status.FAILED);
        assertThat(result.getThrowable().orElseThrow())
                .hasMessageStartingWith(StatementExtension.statement(wrong.test));
    }

    /** How each of these tests ended, by name. */
    private static Map<String, TestExecutionResult> run(AuthenticatingServer.Fault wrong, DiscoverySelector what) {
        fault = wrong;
        Map<String, TestExecutionResult> results = new TreeMap<>();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(what)
                                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                                .configurationParameter("recado.testkit.arrivalTimeoutMillis", "1000")
                                .build(),
                        new TestExecutionListener() {
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
}
