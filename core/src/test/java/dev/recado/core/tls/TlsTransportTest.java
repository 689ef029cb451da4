package dev.recado.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.recado.Tls;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What surrounds the connections: endpoints, engines, and who closes what. */
class TlsTransportTest extends TlsRig {

    /** A transport that is asked, and carries nothing. */
    private static final class Below implements Transport {

        final List<String> calls = new ArrayList<>();
        Acceptor acceptor;

        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor ofListener) {
            calls.add("listen " + endpoint);
            acceptor = ofListener;
            return new Listener() {
                @Override
                public URI endpoint() {
                    return URI.create("mqtt://127.0.0.1:40000");
                }

                @Override
                public void close() {
                    calls.add("listener closed");
                }
            };
        }

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor ofConnection) {
            calls.add("connect " + endpoint);
            acceptor = ofConnection;
        }

        @Override
        public void close() {
            calls.add("closed");
        }
    }

    private final Below below = new Below();

    // ---- Endpoints

    @ParameterizedTest
    @CsvSource({
        "mqtts://broker.example:8883, mqtt://broker.example:8883",
        "MQTTS://broker.example:1, mqtt://broker.example:1",
        "mqtts://broker.example, mqtt://broker.example:8883",
        "mqtts://[::1]:9, mqtt://[::1]:9",
        "mqtts://broker.example:9/path?key=value, mqtt://broker.example:9/path?key=value",
        "mqtt://broker.example, mqtt://broker.example",
        "unix:/run/broker, unix:/run/broker"
    })
    void shouldAskTheTransportBelowForThePlainEndpoint(URI endpoint, URI plain) throws Exception {
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), below, timers, tasks);
        transport.listen(endpoint, ListenOptions.defaults(), server);
        transport.connect(endpoint, ConnectOptions.defaults(), client);

        assertThat(below.calls).containsExactly("listen " + plain, "connect " + plain);
        assertThat(TlsTransport.below(endpoint)).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtts:broker", "mqtts:///path", "mqtts://broker.example:65536"})
    void shouldRefuseEndpointsWithoutAHostOrWithAnImpossiblePort(URI endpoint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsTransport.below(endpoint))
                .withMessageContaining("'" + endpoint + "'");
        assertThat(below.calls).isEmpty();
    }

    @Test
    void shouldStateTheRealPortUnderTheSchemeThatWasAskedFor() throws Exception {
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), below, timers, tasks);
        Listener secure = transport.listen(URI.create("mqtts://127.0.0.1:0"), ListenOptions.defaults(), server);
        Listener plain = transport.listen(URI.create("mqtt://127.0.0.1:0"), ListenOptions.defaults(), server);

        assertThat(secure.endpoint()).isEqualTo(URI.create("mqtts://127.0.0.1:40000"));
        assertThat(plain.endpoint()).isEqualTo(URI.create("mqtt://127.0.0.1:40000"));
        below.calls.clear();
        secure.close();
        assertThat(below.calls).containsExactly("listener closed");
    }

    // ---- Who closes what

    @Test
    void shouldCloseTheTransportBelowThatIsItsOwn() {
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), below);
        transport.close();

        assertThat(below.calls).containsExactly("closed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeaveToTheBrokerWhatIsTheBrokers(boolean ownsBelow) {
        ManualTimers ofBroker = new ManualTimers();
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), below, ownsBelow, ofBroker);
        transport.close();

        assertThat(ofBroker.isClosed()).isFalse();
        assertThat(below.calls).hasSize(ownsBelow ? 1 : 0);
    }

    @Test
    void shouldAbortItsConnectionsWhenTheTransportBelowLivesOn() throws Exception {
        Wire another = new Wire();
        Side end = new Side();
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), another, false, timers);
        transport.listen(ENDPOINT, ListenOptions.defaults(), end);
        another.client.handler = new Side();
        another.step(() -> 1);
        transport.close();
        while (another.step(() -> 1)) {
            // until both ends know
        }

        assertThat(end.calls).containsExactly("closed");
        assertThat(end.cause).isNull();
    }

    @Test
    void shouldNeitherListenNorConnectAfterItsEnd() {
        TlsTransport transport = over(tls("TLSv1.3"));
        transport.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> transport.listen(ENDPOINT, ListenOptions.defaults(), server))
                .withMessageContaining("closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> transport.connect(ENDPOINT, ConnectOptions.defaults(), client))
                .withMessageContaining("closed");
        assertThat(server.connection).isNull();
        assertThat(client.connection).isNull();
    }

    @Test
    void shouldEndItsConnectionsOrderlyWhenItIsClosed() throws Exception {
        TlsTransport ofServer = over(tls("TLSv1.3"));
        ofServer.listen(ENDPOINT, ListenOptions.defaults(), server);
        connect(tls("TLSv1.3"));
        run();
        ofServer.close();

        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause)
                .as("no close_notify came, but this end asked for the end")
                .isNull();
    }

    // ---- Acceptors and engines

    @Test
    void shouldPassOnThatAnAcceptorHasNoHandler() throws Exception {
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), below, timers, tasks);
        transport.listen(ENDPOINT, ListenOptions.defaults(), connection -> null);

        assertThat(below.acceptor.accept(wire.server)).isNull();
    }

    private String helloTo(String endpoint) {
        over(tls("TLSv1.3").withoutHostVerification()).connect(URI.create(endpoint), ConnectOptions.defaults(), client);
        run();
        return new String(wire.client.everything(), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]"})
    void shouldNotSendAnAddressAsTheServersName(String host) {
        // RFC 6066, section 3.
        assertThat(helloTo("mqtts://" + host + ":8883"))
                .isNotEmpty()
                .doesNotContain(host.replace("[", "").replace("]", ""));
    }

    @Test
    void shouldNeedNoHostWhenNoneIsVerified() {
        assertThat(helloTo("unix:/run/broker")).isNotEmpty();
    }

    @Test
    void shouldOfferTheProtocolsItWasGivenOnly() throws Exception {
        listen(Tls.of(CONTEXT).protocols("TLSv1.3", "TLSv1.2"));
        connect(tls("TLSv1.2"));
        run();

        SSLSession session = server.connection.peer().tlsSession().orElseThrow();
        assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
    }

    /** The JDK sends names with a dot by itself, others only when told to. */
    @ParameterizedTest
    @ValueSource(strings = {"broker.example", "broker"})
    void shouldSendTheServersName(String host) {
        assertThat(helloTo("mqtts://" + host + ":8883")).contains(host);
    }

    @Test
    void shouldSayWhyACertificateIsRefused() throws Exception {
        listen(Tls.of(AUTHORITY.context(AUTHORITY.issueExpired("broker", "dns:broker.example"))));
        connect(tls("TLSv1.3"));
        run();

        assertThat(client.cause)
                .hasMessageStartingWith("TLS handshake with 'mqtts://broker.example:8883' failed: ")
                .hasMessageContaining(": NotAfter: ");
    }

    @Test
    void shouldForgetConnectionsThatHaveEnded() throws Exception {
        TlsTransport transport = TlsTransport.over(tls("TLSv1.3"), wire, false, timers);
        transport.listen(ENDPOINT, ListenOptions.defaults(), server);
        wire.client.handler = new Side();
        wire.client.endOutput();
        run();
        assertThat(server.calls).containsExactly("closed");
        transport.close();

        assertThat(wire.server.isAborted()).isFalse();
    }
}
