package dev.recado.interop.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.recado.Broker;
import dev.recado.Limits;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.testkit.junit.RecadoBroker;
import dev.recado.testkit.junit.RecadoBroker.Leak;
import dev.recado.testkit.junit.TestBroker;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** How long brokers live, and what makes their tests fail: test classes that are run inside these tests. */
@Isolated("looks at the threads of the whole JVM, and its cases at what others of them have left in static fields")
class RecadoBrokerTest {

    /** By the name of the test or, for what befalls a class, of the class; null where all went well. */
    private static Map<String, Throwable> run(Class<?> cases, String... parameters) {
        return run(cases, new ArrayList<>(), parameters);
    }

    private static Map<String, Throwable> run(Class<?> cases, List<ReportEntry> reported, String... parameters) {
        Map<String, Throwable> results = new TreeMap<>();
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(cases))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .configurationParameter("recado.testkit.arrivalTimeoutMillis", "500");
        for (int i = 0; i < parameters.length; i += 2) {
            request.configurationParameter(parameters[i], parameters[i + 1]);
        }
        LauncherFactory.create().execute(request.build(), new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest() || result.getThrowable().isPresent()) {
                    results.put(test.getDisplayName(), result.getThrowable().orElse(null));
                }
            }

            @Override
            public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
                reported.add(entry);
            }
        });
        assertThat(results).as("tests that ran").isNotEmpty();
        return results;
    }

    private static void expectNoFailure(Map<String, Throwable> results) {
        results.forEach((test, failure) -> assertThat(failure).as(test).isNull());
    }

    /** Nobody listens there any more. */
    private static void expectClosed(URI endpoint) {
        assertThatThrownBy(() -> new Socket(endpoint.getHost(), endpoint.getPort()).close())
                .isInstanceOf(IOException.class);
    }

    // ---- How long ----

    static class Lifetimes {
        static final Set<URI> OF_CLASS = new HashSet<>();
        static final Set<URI> OF_TESTS = new HashSet<>();
        static final Set<URI> OF_PARAMETERS = new HashSet<>();

        @RecadoBroker
        private static TestBroker ofClass;

        @RecadoBroker
        private Broker ofTest;

        @RecadoBroker
        TestBroker alsoOfTest;

        @BeforeAll
        static void shouldBeThereBefore() {
            OF_CLASS.add(ofClass.endpoint());
        }

        @BeforeEach
        void shouldBeThereBeforeEach(@RecadoBroker TestBroker parameter) {
            OF_PARAMETERS.add(parameter.endpoint());
        }

        @RepeatedTest(2)
        void shouldBeThere(@RecadoBroker TestBroker parameter) {
            OF_CLASS.add(ofClass.endpoint());
            OF_TESTS.add(ofTest.endpoint());
            OF_TESTS.add(alsoOfTest.endpoint());
            OF_PARAMETERS.add(parameter.endpoint());
            parameter.publish("t", "x");
        }

        @AfterEach
        void shouldBeThereAfterEach(@RecadoBroker TestBroker parameter) {
            OF_PARAMETERS.add(parameter.endpoint());
            ofClass.publish("t", "x");
            alsoOfTest.publish("t", "x");
        }

        @AfterAll
        static void shouldBeThereAfter() {
            ofClass.publish("t", "x");
        }
    }

    @Test
    void shouldLiveAsLongAsWhereTheyStand() {
        expectNoFailure(run(Lifetimes.class));

        assertThat(Lifetimes.OF_CLASS).hasSize(1);
        assertThat(Lifetimes.OF_TESTS).as("two fields, two tests").hasSize(4);
        assertThat(Lifetimes.OF_PARAMETERS).as("two tests").hasSize(2);
        Lifetimes.OF_CLASS.forEach(RecadoBrokerTest::expectClosed);
        Lifetimes.OF_TESTS.forEach(RecadoBrokerTest::expectClosed);
        Lifetimes.OF_PARAMETERS.forEach(RecadoBrokerTest::expectClosed);
    }

    static class ClassParameters {
        static final Set<URI> SEEN = new HashSet<>();

        @BeforeAll
        static void shouldBeTheClasss(@RecadoBroker Broker broker) {
            SEEN.add(broker.endpoint());
        }

        @RepeatedTest(2)
        void shouldBeTheSame(@RecadoBroker Broker broker) {
            SEEN.add(broker.endpoint());
        }

        @Test
        void shouldBeAnotherWithOtherSettings(@RecadoBroker(configuration = OneMessage.class) Broker broker) {
            assertThat(SEEN).doesNotContain(broker.endpoint());
        }

        @AfterAll
        static void shouldStillBeTheSame(@RecadoBroker Broker broker) {
            SEEN.add(broker.endpoint());
        }
    }

    @Test
    void shouldShareAParametersBrokerWithTheClass() {
        expectNoFailure(run(ClassParameters.class));

        assertThat(ClassParameters.SEEN).hasSize(1);
        ClassParameters.SEEN.forEach(RecadoBrokerTest::expectClosed);
    }

    static class Outer {
        static final Set<URI> SEEN = new HashSet<>();

        @RecadoBroker
        static TestBroker ofClass;

        @RecadoBroker
        TestBroker ofTest;

        @Nested
        @TestInstance(TestInstance.Lifecycle.PER_CLASS)
        class Inner {
            @RecadoBroker
            TestBroker own;

            @RepeatedTest(2)
            void shouldHaveAll() {
                SEEN.add(ofClass.endpoint());
                ofTest.publish("t", "x");
                SEEN.add(own.endpoint());
            }
        }
    }

    @Test
    void shouldServeNestedClasses() {
        expectNoFailure(run(Outer.class));

        assertThat(Outer.SEEN).as("one of the class, two of the tests").hasSize(3);
        Outer.SEEN.forEach(RecadoBrokerTest::expectClosed);
    }

    // ---- Settings ----

    static final class OneMessage implements RecadoBroker.Configuration {
        @Override
        public void configure(Broker.Builder builder) {
            builder.limits(limits -> limits.maxQueuedMessages(1)).history(3);
        }
    }

    static class Configured {
        @RecadoBroker(configuration = OneMessage.class)
        TestBroker broker;

        @Test
        void shouldBeConfiguredAndStayItWhenRestarted() {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 5; i++) {
                    broker.publish("t", "x");
                }
                assertThat(broker.broker().stats().historyMessages()).isEqualTo(3);
                broker.restart();
            }
        }
    }

    @Test
    void shouldBeConfigured() {
        expectNoFailure(run(Configured.class));
    }

    static class NeedsMore implements RecadoBroker.Configuration {
        NeedsMore(Limits limits) {}

        @Override
        public void configure(Broker.Builder builder) {}
    }

    static class WrongConfiguration {
        @Test
        void test(@RecadoBroker(configuration = NeedsMore.class) Broker broker) {}
    }

    static class WrongEndpoint {
        @Test
        void test(@RecadoBroker(listen = "mqtt://0.0.0.0:0") TestBroker broker) {}
    }

    static class WrongField {
        @RecadoBroker
        String broker;

        @Test
        void test() {}
    }

    static class FinalField {
        @RecadoBroker
        static final Broker BROKER = null;

        @Test
        void test() {}
    }

    static class WrongParameter {
        @Test
        void test(@RecadoBroker String broker) {}
    }

    static class ConstructorParameter {
        ConstructorParameter(@RecadoBroker Broker broker) {}

        @Test
        void test() {}
    }

    private static void expectFailure(Class<?> cases, String... words) {
        assertThat(run(cases).values())
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasStackTraceContaining(words[0])
                        .hasStackTraceContaining(words[words.length - 1]));
    }

    @Test
    void shouldNameWhatCannotBeABroker() {
        expectFailure(WrongConfiguration.class, "constructor without parameters", "NeedsMore");
        expectFailure(WrongEndpoint.class, "loopback", "mqtt://0.0.0.0:0");
        expectFailure(WrongField.class, "must be a TestBroker or a Broker", "String");
        expectFailure(FinalField.class, "not final", "FinalField.BROKER");
        expectFailure(WrongParameter.class, "must be a TestBroker or a Broker", "String");
        expectFailure(ConstructorParameter.class, "of a method", "ConstructorParameter");
    }

    // ---- Leaks ----

    static Publisher left;
    static Socket leftSocket;
    static CountDownLatch leftThreadMayEnd;

    private static void leaveThread(String name) {
        CountDownLatch end = new CountDownLatch(1);
        leftThreadMayEnd = end;
        Thread thread = new Thread(
                () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void endWhatWasLeft() throws IOException {
        if (left != null) {
            left.close();
            left = null;
        }
        if (leftSocket != null) {
            leftSocket.close();
            leftSocket = null;
        }
        if (leftThreadMayEnd != null) {
            leftThreadMayEnd.countDown();
            leftThreadMayEnd = null;
        }
    }

    static class LeavesClient {
        @RecadoBroker(failOn = Leak.CONNECTIONS)
        TestBroker broker;

        @Test
        void leaves() {
            left = Publisher.builder(broker.endpoint())
                    .topic("t")
                    .clientId("forgotten")
                    .open();
        }
    }

    static class LeavesClientAtPlainBroker {
        @Test
        void leaves(@RecadoBroker(failOn = Leak.CONNECTIONS) Broker broker) {
            left = Publisher.builder(broker.endpoint())
                    .topic("t")
                    .clientId("forgotten")
                    .open();
        }
    }

    static class LeavesSocket {
        @Test
        void leaves(@RecadoBroker TestBroker broker) throws IOException {
            leftSocket = new Socket(broker.host(), broker.port());
            // Passed on, or the connection might not have been noticed yet.
            leftSocket.getOutputStream().write(0x10);
            while (broker.broker().stats().bytesReceived() == 0) {
                Thread.onSpinWait();
            }
        }
    }

    static class LeavesThread {
        @RecadoBroker
        TestBroker broker;

        @Test
        void leaves() {
            leaveThread("forgetful-1");
        }
    }

    static class LeavesAllowed {
        @RecadoBroker(failOn = {})
        TestBroker broker;

        @RecadoBroker(lastingThreads = "forgetful-")
        TestBroker other;

        @Test
        void leaves() {
            left = Publisher.builder(broker.endpoint()).topic("t").open();
            leaveThread("forgetful-2");
        }
    }

    static class EndsLate {
        @RecadoBroker
        static TestBroker broker;

        @Test
        void leaves() {
            left = Publisher.builder(broker.endpoint())
                    .topic("t")
                    .qos(QoS.AT_LEAST_ONCE)
                    .open();
        }

        @AfterAll
        static void ends() {
            left.close();
            left = null;
        }
    }

    @Test
    void shouldFailATestThatLeavesAConnection() {
        expectFailure(LeavesClient.class, "client 'forgotten'");
        endQuietly();
        expectFailure(LeavesClientAtPlainBroker.class, "client 'forgotten'");
        endQuietly();
        expectFailure(LeavesSocket.class, "1 connections without a client");
    }

    private void endQuietly() {
        try {
            endWhatWasLeft();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldFailATestThatLeavesAThread() {
        expectFailure(LeavesThread.class, "thread 'forgetful-1'", "leaveThread");
    }

    @Test
    void shouldAllowWhatIsToBeLeft() {
        Map<String, Throwable> results = run(LeavesAllowed.class, "recado.testkit.arrivalTimeoutMillis", "200");
        // The client that the first broker allows has threads, which the second one does not.
        assertThat(results.values())
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessageContaining("thread 'recado-")
                        .message()
                        .doesNotContain("forgetful"));
    }

    @Test
    void shouldLetAClassEndWhatItBegan() {
        expectNoFailure(run(EndsLate.class));
    }

    static class ClosesThemItself {
        @RecadoBroker
        TestBroker broker;

        @RecadoBroker
        Broker plain;

        @Test
        void closes() {
            broker.record("t");
            broker.close();
            plain.close();
        }
    }

    @Test
    void shouldNotMindATestThatClosesItsBrokers() {
        expectNoFailure(run(ClosesThemItself.class));
    }

    @Test
    void shouldSayThatNobodyLooksForThreadsInParallelRuns() {
        List<ReportEntry> reported = new ArrayList<>();
        expectNoFailure(run(LeavesThread.class, reported, "junit.jupiter.execution.parallel.enabled", "true"));

        assertThat(reported)
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.getKeyValuePairs().get("recado")).contains("parallel"));
    }
}
