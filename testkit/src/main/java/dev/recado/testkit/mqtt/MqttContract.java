package dev.recado.testkit.mqtt;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What MQTT 5.0 and MQTT 3.1.1 demand of a server. Extend it and say where your broker is; one broker serves all tests, which
 * may run in parallel.
 *
 * <p>There are two levels. <em>Strict</em>, the default: the broker tells an MQTT 5 client why it ends a connection, with the
 * exact Reason Code (one of those that the standard has for the case), and then closes it. <em>Standard</em>, for any broker:
 * it has to close, and may do so without a word or with any error code, since the standard permits both. {@code
 * without(MqttFeature.REASON_CODES)} chooses standard (see {@link MqttFeature#REASON_CODES}); all else is tested alike.
 *
 * <p>{@code recado.testkit.arrivalTimeoutMillis} (10,000), a JUnit configuration parameter or system property, bounds the
 * wait for what must come. What must not come is never waited out.
 *
 * @since 0.1.0
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class MqttContract {

    private BrokerUnderTest underTest;

    /** For subclasses. */
    protected MqttContract() {}

    /**
     * Starts the broker, or finds one that is running; called once, before the first test. It is closed behind the last one.
     *
     * @return where it is, and what it has
     * @throws Exception when it does not start: no test runs then
     */
    protected abstract BrokerUnderTest startBroker() throws Exception;

    @BeforeAll
    final void start() throws Exception {
        underTest = startBroker();
        Set<String> unknown = new TreeSet<>(underTest.deviations().keySet());
        unknown.removeAll(testNames());
        unknown.removeAll(caseNames());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("known deviations that no test is named for: " + unknown);
        }
    }

    @AfterAll
    final void stop() throws Exception {
        if (underTest != null) {
            underTest.close();
        }
    }

    /** The names of all tests. */
    static Set<String> testNames() {
        return tests().map(Method::getName).collect(Collectors.toSet());
    }

    /** Each case of the tests with a table, as {@code test[case]}. */
    static Set<String> caseNames() {
        return tests().filter(test -> test.isAnnotationPresent(MethodSource.class))
                .flatMap(test -> cases(test).stream().map(theCase -> test.getName() + "[" + theCase + "]"))
                .collect(Collectors.toSet());
    }

    static Stream<Method> tests() {
        return Stream.of(MqttContract.class.getDeclaredClasses())
                .filter(Chapter.class::isAssignableFrom)
                .flatMap(nested -> Stream.of(nested.getSuperclass().getDeclaredMethods()))
                .filter(method ->
                        method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class));
    }

    static List<?> cases(Method test) {
        String table = test.getAnnotation(MethodSource.class).value()[0];
        try {
            return (List<?>) test.getDeclaringClass().getDeclaredMethod(table).invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    test + " must have a static method " + table + "() that lists its cases", e);
        }
    }

    // One nested class for each chapter: JUnit then shows them as such, and runs them in parallel.

    @Nested
    final class Connect5 extends V5Connect {
        Connect5() {
            super(underTest);
        }
    }

    @Nested
    final class ConnectFormat5 extends V5ConnectFormat {
        ConnectFormat5() {
            super(underTest);
        }
    }

    @Nested
    final class Connect311 extends V311Connect {
        Connect311() {
            super(underTest);
        }
    }

    @Nested
    final class ConnectFormat311 extends V311ConnectFormat {
        ConnectFormat311() {
            super(underTest);
        }
    }

    @Nested
    final class Session5 extends V5Session {
        Session5() {
            super(underTest);
        }
    }

    @Nested
    final class Session311 extends V311Session {
        Session311() {
            super(underTest);
        }
    }

    @Nested
    final class Will5 extends V5Will {
        Will5() {
            super(underTest);
        }
    }

    @Nested
    final class Will311 extends V311Will {
        Will311() {
            super(underTest);
        }
    }

    @Nested
    final class KeepAlive5 extends V5KeepAlive {
        KeepAlive5() {
            super(underTest);
        }
    }

    @Nested
    final class KeepAlive311 extends V311KeepAlive {
        KeepAlive311() {
            super(underTest);
        }
    }

    @Nested
    final class Disconnect5 extends V5Disconnect {
        Disconnect5() {
            super(underTest);
        }
    }

    @Nested
    final class Disconnect311 extends V311Disconnect {
        Disconnect311() {
            super(underTest);
        }
    }

    @Nested
    final class Encoding5 extends V5Encoding {
        Encoding5() {
            super(underTest);
        }
    }

    @Nested
    final class Encoding311 extends V311Encoding {
        Encoding311() {
            super(underTest);
        }
    }

    @Nested
    final class Errors5 extends V5Errors {
        Errors5() {
            super(underTest);
        }
    }

    @Nested
    final class Errors311 extends V311Errors {
        Errors311() {
            super(underTest);
        }
    }

    @Nested
    final class Auth5 extends V5Auth {
        Auth5() {
            super(underTest);
        }
    }

    @Nested
    final class WebSocket5 extends V5WebSocket {
        WebSocket5() {
            super(underTest);
        }
    }

    @Nested
    final class WebSocket311 extends V311WebSocket {
        WebSocket311() {
            super(underTest);
        }
    }

    @Nested
    final class Publish5 extends V5Publish {
        Publish5() {
            super(underTest);
        }
    }

    @Nested
    final class PublishProperties5 extends V5PublishProperties {
        PublishProperties5() {
            super(underTest);
        }
    }

    @Nested
    final class Qos15 extends V5Qos1 {
        Qos15() {
            super(underTest);
        }
    }

    @Nested
    final class Qos25 extends V5Qos2 {
        Qos25() {
            super(underTest);
        }
    }

    @Nested
    final class Qos2Resumed5 extends V5Qos2Resumed {
        Qos2Resumed5() {
            super(underTest);
        }
    }

    @Nested
    final class Subscribe5 extends V5Subscribe {
        Subscribe5() {
            super(underTest);
        }
    }

    @Nested
    final class Unsubscribe5 extends V5Unsubscribe {
        Unsubscribe5() {
            super(underTest);
        }
    }

    @Nested
    final class Retain5 extends V5Retain {
        Retain5() {
            super(underTest);
        }
    }

    @Nested
    final class SharedSubscriptions5 extends V5SharedSubscriptions {
        SharedSubscriptions5() {
            super(underTest);
        }
    }

    @Nested
    final class FlowControl5 extends V5FlowControl {
        FlowControl5() {
            super(underTest);
        }
    }

    @Nested
    final class TopicAlias5 extends V5TopicAlias {
        TopicAlias5() {
            super(underTest);
        }
    }

    @Nested
    final class Topics5 extends V5Topics {
        Topics5() {
            super(underTest);
        }
    }

    @Nested
    final class Publish311 extends V311Publish {
        Publish311() {
            super(underTest);
        }
    }

    @Nested
    final class Qos311 extends V311Qos {
        Qos311() {
            super(underTest);
        }
    }

    @Nested
    final class Subscribe311 extends V311Subscribe {
        Subscribe311() {
            super(underTest);
        }
    }

    @Nested
    final class Unsubscribe311 extends V311Unsubscribe {
        Unsubscribe311() {
            super(underTest);
        }
    }

    @Nested
    final class Retain311 extends V311Retain {
        Retain311() {
            super(underTest);
        }
    }

    @Nested
    final class Topics311 extends V311Topics {
        Topics311() {
            super(underTest);
        }
    }

    @Nested
    final class PropertyRules5 extends V5PropertyRules {
        PropertyRules5() {
            super(underTest);
        }
    }

    @Nested
    final class FormatRules5 extends V5FormatRules {
        FormatRules5() {
            super(underTest);
        }
    }

    @Nested
    final class FormatRules311 extends V311FormatRules {
        FormatRules311() {
            super(underTest);
        }
    }

    @Nested
    final class TurnRules5 extends V5TurnRules {
        TurnRules5() {
            super(underTest);
        }
    }

    @Nested
    final class TurnRules311 extends V311TurnRules {
        TurnRules311() {
            super(underTest);
        }
    }
}
