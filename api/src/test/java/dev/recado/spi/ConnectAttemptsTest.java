package dev.recado.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectAttemptsTest {

    private static final URI ENDPOINT = URI.create("mqtt://some.host:1234");
    private static final long MILLI = 1_000_000;

    private long now = Long.MAX_VALUE - 10 * MILLI;

    private ConnectAttempts attempts(Resolver resolver) {
        return new ConnectAttempts(ENDPOINT, Duration.ofMillis(90), resolver, () -> now);
    }

    private static ConnectAttempts attempts(String endpoint) {
        return new ConnectAttempts(URI.create(endpoint), Duration.ofSeconds(1), host -> {
            throw new AssertionError("looked up " + host);
        });
    }

    private static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] result = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            result[i] = InetAddress.getByName(literals[i]);
        }
        return result;
    }

    @Test
    void shouldGiveTheAddressesInTheirOrder() throws Exception {
        ConnectAttempts attempts = attempts(host -> addresses("127.0.0.3", "::1"));

        assertThat(attempts.needsLookup()).isTrue();
        attempts.lookUp();

        assertThat(attempts.next()).isEqualTo(new InetSocketAddress("127.0.0.3", 1234));
        assertThat(attempts.next()).isEqualTo(new InetSocketAddress("::1", 1234));
        assertThat(attempts.next()).isNull();
    }

    @Test
    void shouldLookNoAddressUp() {
        for (String literal : new String[] {"127.0.0.1", "255.249.10.0", "[::1]", "[fe80::1:2]"}) {
            ConnectAttempts attempts = attempts("mqtt://" + literal + ":1");
            assertThat(attempts.needsLookup()).as(literal).isFalse();
            attempts.lookUp();
            assertThat(attempts.next().isUnresolved()).isFalse();
            assertThat(attempts.next()).isNull();
        }
        for (String name : new String[] {"localhost", "1.2.3.4.org", "a.1.2.3.4.b"}) {
            assertThat(attempts("mqtt://" + name + ":1").needsLookup()).as(name).isTrue();
        }
    }

    @Test
    void shouldShareTheTimeLeftAmongTheAddressesLeft() {
        ConnectAttempts attempts = attempts(host -> addresses("127.0.0.1", "127.0.0.2", "127.0.0.3"));
        assertThat(attempts.nanosLeft()).isEqualTo(90 * MILLI);
        now += 30 * MILLI;
        assertThat(attempts.nanosLeft()).isEqualTo(60 * MILLI);

        attempts.lookUp();
        assertThat(attempts.nanosLeft()).as("not seen yet").isEqualTo(60 * MILLI);
        attempts.next();
        assertThat(attempts.nanosLeft()).isEqualTo(20 * MILLI);
        attempts.next();
        assertThat(attempts.nanosLeft()).as("the first was quick").isEqualTo(30 * MILLI);
        now += 50 * MILLI;
        attempts.next();
        assertThat(attempts.nanosLeft()).as("the second was slow").isEqualTo(10 * MILLI);
    }

    /** A loop that was kept busy until the deadline has not given the next address any time. */
    @Test
    void shouldLeaveALateCallerAMomentForEachAddress() {
        ConnectAttempts attempts = attempts(host -> addresses("127.0.0.1", "127.0.0.2"));
        attempts.lookUp();
        attempts.next();
        now += 500 * MILLI;

        assertThat(attempts.next()).isNotNull();
        assertThat(attempts.nanosLeft()).isEqualTo(MILLI);
    }

    /** T20. */
    @Test
    void shouldNameTheEndpointAndEveryAddressThatFailed() {
        ConnectAttempts attempts = attempts(host -> addresses("127.0.0.1", "127.0.0.2"));
        attempts.lookUp();
        attempts.next();
        NoRouteToHostException cause = new NoRouteToHostException("no route");
        attempts.refused(cause);
        attempts.next();
        attempts.unanswered();

        assertThat(attempts.failure())
                .isInstanceOf(ConnectException.class)
                .hasMessage("cannot connect to 'mqtt://some.host:1234' at /127.0.0.1:1234: no route")
                .hasCause(cause);
        assertThat(attempts.failure().getSuppressed())
                .singleElement()
                .satisfies(second -> assertThat(second)
                        .isInstanceOf(SocketTimeoutException.class)
                        .hasMessage("no connection to 'mqtt://some.host:1234' within 90 ms"));
    }

    /** T20. A resolver is anybody's code: what it throws must not leave a connection waiting for its answer. */
    @Test
    void shouldTellAnUnknownHost() {
        UnknownHostException unknown = new UnknownHostException("some.host");
        SecurityException forbidden = new SecurityException("not allowed");
        assertUnknown(
                host -> {
                    throw unknown;
                },
                unknown);
        assertUnknown(
                host -> {
                    throw forbidden;
                },
                forbidden);
        assertUnknown(host -> new InetAddress[0], null);
    }

    private void assertUnknown(Resolver resolver, Exception cause) {
        ConnectAttempts attempts = attempts(resolver);
        attempts.lookUp();

        assertThat(attempts.next()).isNull();
        assertThat(attempts.failure())
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("unknown host 'some.host' in endpoint 'mqtt://some.host:1234'");
        assertThat(attempts.failure().getCause()).isSameAs(cause);
    }

    @Test
    void shouldTellALookupThatDidNotAnswer() {
        ConnectAttempts attempts = attempts(host -> addresses("127.0.0.1"));
        attempts.unanswered();

        assertThat(attempts.failure()).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void shouldRefuseAnEndpointWithoutAHost() {
        assertThatThrownBy(() -> attempts("mqtt:topic"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mqtt:topic");
    }
}
