package dev.recado.testkit.junit;

import dev.recado.Broker;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test a broker of its own, on a free port of the loopback interface, and stops it afterwards.
 *
 * <p>The field or parameter is a {@link TestBroker}, or a plain {@link Broker}, which has no helpers and no faults. A broker
 * lives as long as where it stands:
 *
 * <table>
 * <caption>How long a broker lives</caption>
 * <tr><th>annotated</th><th>the broker is that of</th></tr>
 * <tr><td>a static field</td><td>the test class, from before its {@code @BeforeAll} methods until after its
 *     {@code @AfterAll} methods</td></tr>
 * <tr><td>an instance field</td><td>each test, from before its {@code @BeforeEach} methods until after its
 *     {@code @AfterEach} methods</td></tr>
 * <tr><td>a parameter of a {@code @BeforeAll} or {@code @AfterAll} method</td><td>the test class</td></tr>
 * <tr><td>a parameter of a test, a {@code @BeforeEach} or an {@code @AfterEach} method</td><td>the test</td></tr>
 * </table>
 *
 * <p>Each field has a broker of its own. Parameters with equal settings share one, that of the class when there is one.
 * Constructors have none.
 *
 * <p>At the end the test fails when something {@linkplain #failOn leaks}. Works with JUnit 5, from 5.10, and 6.
 *
 * @since 0.1.0
 */
@Documented
@SuppressWarnings("exports") // The extension is JUnit's business alone, to which its package is open.
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RecadoBrokerExtension.class)
public @interface RecadoBroker {

    /**
     * Where the broker listens. The host is a loopback address, and the port 0: a free one.
     *
     * @return {@code mqtt://} or {@code mqtts://}, host and port
     */
    String listen() default "mqtt://127.0.0.1:0";

    /**
     * Changes the broker before it starts: its limits, accounts, history, TLS.
     *
     * @return a class with a constructor without parameters
     */
    Class<? extends Configuration> configuration() default AsItIs.class;

    /**
     * What must not be left when the broker's time is over, or the test fails. Each has a while to end by itself, as long as
     * messages have to arrive: see {@link Recording#next()}.
     *
     * @return everything, unless stated otherwise; <code>{}</code> for nothing
     */
    Leak[] failOn() default {Leak.CONNECTIONS, Leak.THREADS};

    /**
     * Threads that libraries keep as long as the program runs, and that are no leak therefore.
     *
     * @return how their names begin
     */
    String[] lastingThreads() default {};

    /** What may be left over by a test. */
    enum Leak {
        /** Clients that are still connected. */
        CONNECTIONS,
        /**
         * Platform threads that were started since the broker was, and still run. Those of the JDK and of JUnit do not count.
         * When tests run in parallel nobody can tell whose thread is whose: then there is no such check, and a report entry
         * says so.
         */
        THREADS
    }

    /** Changes a broker before it starts. */
    interface Configuration {

        /**
         * Called once for each broker, on the thread that starts it.
         *
         * @param builder already told where to listen
         */
        void configure(Broker.Builder builder);
    }

    /** Changes nothing. */
    final class AsItIs implements Configuration {

        /** For the extension. */
        public AsItIs() {}

        @Override
        public void configure(Broker.Builder builder) {}
    }
}
