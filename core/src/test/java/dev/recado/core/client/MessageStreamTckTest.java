package dev.recado.core.client;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/**
 * {@link Subscriber#messages} keeps the Reactive Streams specification. Its conformance kit is written for TestNG; it is run
 * from here, and not by Surefire, so that a run that finds no test, or skips one silently, fails.
 */
class MessageStreamTckTest {

    private static final int TESTS = 38;

    private static final String UNICAST = "optional: the stream is for one downstream only";
    private static final String NOT_TESTABLE = "the kit cannot see it from outside";

    /** What the kit skips, and why; everything else must pass. */
    private static final Map<String, String> SKIPPED = Map.ofEntries(
            entry("optional_spec111_maySupportMultiSubscribe", UNICAST),
            entry("optional_spec111_registeredSubscribersMustReceiveOnNextOrOnCompleteSignals", UNICAST),
            entry(
                    "optional_spec111_multicast_mustProduceTheSameElementsInTheSameSequenceToAllOfItsSubscribersWhenRequestingOneByOne",
                    UNICAST),
            entry(
                    "optional_spec111_multicast_mustProduceTheSameElementsInTheSameSequenceToAllOfItsSubscribersWhenRequestingManyUpfront",
                    UNICAST),
            entry(
                    "optional_spec111_multicast_mustProduceTheSameElementsInTheSameSequenceToAllOfItsSubscribersWhenRequestingManyUpfrontAndCompleteAsExpected",
                    UNICAST),
            entry(
                    "untested_spec106_mustConsiderSubscriptionCancelledAfterOnErrorOrOnCompleteHasBeenCalled",
                    NOT_TESTABLE),
            entry("untested_spec107_mustNotEmitFurtherSignalsOnceOnErrorHasBeenSignalled", NOT_TESTABLE),
            entry(
                    "untested_spec108_possiblyCanceledSubscriptionShouldNotReceiveOnErrorOrOnCompleteSignals",
                    NOT_TESTABLE),
            entry("untested_spec109_subscribeShouldNotThrowNonFatalThrowable", NOT_TESTABLE),
            entry("untested_spec110_rejectASubscriptionRequestIfTheSameSubscriberSubscribesTwice", NOT_TESTABLE),
            entry("untested_spec304_requestShouldNotPerformHeavyComputations", NOT_TESTABLE),
            entry("untested_spec305_cancelMustNotSynchronouslyPerformHeavyComputation", NOT_TESTABLE));

    @Test
    @Timeout(300)
    void shouldPassTheReactiveStreamsTck() {
        TestNG kit = new TestNG(false);
        TestListenerAdapter results = new TestListenerAdapter();
        kit.addListener(results);
        kit.setVerbose(0);
        kit.setTestClasses(new Class<?>[] {Verification.class});
        kit.run();
        assertThat(describe(results.getFailedTests())).isEmpty();
        assertThat(results.getConfigurationFailures()).isEmpty();
        assertThat(names(results.getSkippedTests())).containsExactlyInAnyOrderElementsOf(SKIPPED.keySet());
        assertThat(results.getPassedTests()).hasSize(TESTS - SKIPPED.size());
    }

    private static List<String> names(List<ITestResult> tests) {
        return tests.stream().map(ITestResult::getName).toList();
    }

    private static List<String> describe(List<ITestResult> tests) {
        return tests.stream()
                .map(test -> test.getName() + ": " + test.getThrowable())
                .toList();
    }

    /** Run by TestNG, which wants it public. Each publisher is that of a subscriber of its own. */
    public static final class Verification extends FlowPublisherVerification<Message> {

        private static final long ARRIVAL_MILLIS = 5_000;
        private static final long SILENCE_MILLIS = 100;

        /** The kit miscounts: while it waits for an error, it looks only once, after this time. */
        private static final long POLL_MILLIS = 2_000;

        /** A stream that is asked for more has no end: after these it just stays silent. */
        private static final long MANY = 500;

        private final ScriptedBroker broker = new ScriptedBroker();
        private final List<Subscriber> opened = new ArrayList<>();

        public Verification() {
            super(new TestEnvironment(ARRIVAL_MILLIS, SILENCE_MILLIS, POLL_MILLIS));
        }

        @Override
        public Flow.Publisher<Message> createFlowPublisher(long elements) {
            Subscriber subscriber = open(broker.subscriber().timeout(Duration.ofSeconds(10)));
            ScriptedBroker.Session session = broker.session();
            for (int i = 0; i < Math.min(elements, MANY); i++) {
                session.write(
                        i % 2 == 0
                                ? ScriptedBroker.message("t/a", "m" + i)
                                : ScriptedBroker.message("t/a", "m" + i, i));
            }
            session.connection.flush();
            Flow.Publisher<Message> messages = subscriber.messages();
            return downstream -> {
                messages.subscribe(downstream);
                if (elements <= MANY) {
                    // What ends such a stream: everything that the broker sent is handed over, then comes onComplete.
                    Background.run(subscriber::close);
                }
            };
        }

        @Override
        public Flow.Publisher<Message> createFailedFlowPublisher() {
            Subscriber subscriber = open(broker.subscriber().reconnect(Reconnect.never()));
            broker.session().breakOff();
            await().until(() -> subscriber.state() == ConnectionState.CLOSED);
            return subscriber.messages();
        }

        private Subscriber open(Subscriber.Builder builder) {
            Subscriber subscriber = builder.open();
            opened.add(subscriber);
            return subscriber;
        }

        @Override
        public boolean skipStochasticTests() {
            return false;
        }

        @org.testng.annotations.AfterClass
        public void closeBroker() {
            broker.close();
        }
    }
}
