package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.recado.Broker;
import dev.recado.ConnectionFailedException;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.Tls;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Login;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Transport;
import dev.recado.testkit.TestCertificates;
import dev.recado.transport.nio.NioTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our broker and our clients over {@code mqtts://}: who is let in, and what those are told who are not. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class TlsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BrokerLog log = new BrokerLog();

    private Broker start(Tls tls) {
        return Broker.builder()
                .listen("mqtts://127.0.0.1:0")
                .tls(tls)
                .listener(log)
                .start();
    }

    private static Publisher.Builder publisher(URI broker, SSLContext context) {
        return Publisher.builder(broker).tls(context).timeout(PATIENCE).topic("news/br");
    }

    /** A client that is not let in; returns what it is told. */
    private static ConnectionFailedException refusal(URI broker, SSLContext context) {
        return catchThrowableOfType(
                ConnectionFailedException.class,
                () -> publisher(broker, context).open().close());
    }

    private void awaitRefusal(String words) {
        Eventually.within20Seconds()
                .untilAsserted(() -> assertThat(log.refusals()).singleElement().satisfies(refusal -> {
                    assertThat(refusal.what())
                            .contains("TLS handshake with a client of")
                            .contains(words);
                    assertThat(refusal.address()).isNotNull();
                    assertThat(refusal.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
                }));
    }

    // ---- Messages

    @ParameterizedTest
    @CsvSource({"nio, TLSv1.3", "nio, TLSv1.2", "blocking, TLSv1.3", "blocking, TLSv1.2"})
    void shouldCarryMessages(String transport, String protocol) {
        Tls ofBroker = Tls.of(Certificates.OF_BROKER).protocols(protocol);
        try (Broker broker = Broker.builder()
                        .listen("mqtts://127.0.0.1:0")
                        .transport(transport)
                        .tls(ofBroker)
                        .start();
                Subscriber subscriber = Subscriber.builder(broker.endpoint())
                        .transport(transport)
                        .tls(Certificates.OF_ANYBODY)
                        .topic("news/#")
                        .open();
                Publisher publisher = publisher(broker.endpoint(), Certificates.OF_ANYBODY)
                        .transport(transport)
                        .open()) {
            assertThat(broker.endpoint().getScheme()).isEqualTo("mqtts");
            publisher.publish("bom dia");
            assertThat(subscriber.receive(PATIENCE).orElseThrow().text()).isEqualTo("bom dia");
            String long300k = "x".repeat(300_000);
            publisher.publish(long300k);
            assertThat(subscriber.receive(PATIENCE).orElseThrow().text()).isEqualTo(long300k);
        }
    }

    @Test
    void shouldServePlainAndEncryptedClientsAtOnce() {
        try (Broker broker = Broker.builder()
                        .listen("mqtt://127.0.0.1:0")
                        .listen("mqtts://127.0.0.1:0")
                        .tls(Certificates.OF_BROKER)
                        .start();
                Subscriber plain = Subscriber.builder(broker.endpoints().get(0))
                        .topic("news/#")
                        .open();
                Publisher encrypted = publisher(broker.endpoints().get(1), Certificates.OF_ANYBODY)
                        .open()) {
            encrypted.publish("bom dia");
            assertThat(plain.receive(PATIENCE).orElseThrow().text()).isEqualTo("bom dia");
        }
    }

    @Test
    void shouldEncryptOverATransportThatItDoesNotOwn() {
        try (Transport shared = NioTransport.builder().build()) {
            for (int round = 0; round < 2; round++) {
                try (Broker broker = Broker.builder()
                                .transport(shared)
                                .listen("mqtts://127.0.0.1:0")
                                .tls(Certificates.OF_BROKER)
                                .start();
                        Publisher publisher = publisher(broker.endpoint(), Certificates.OF_ANYBODY)
                                .transport(shared)
                                .open()) {
                    publisher.publish("bom dia");
                }
            }
        }
    }

    @Test
    void shouldFindTheBrokerByName() {
        try (Broker broker = start(Tls.of(Certificates.OF_BROKER))) {
            URI byName = URI.create("mqtts://localhost:" + broker.endpoint().getPort());
            publisher(byName, Certificates.OF_ANYBODY).open().close();
        }
        assertThat(log.refusals()).isEmpty();
    }

    // ---- What does not go together

    @Test
    void shouldSayThatABrokerNeedsACertificate() {
        assertThatThrownBy(() -> Broker.builder().listen("mqtts://127.0.0.1:0").start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "endpoint 'mqtts://127.0.0.1:0' needs a certificate and its key: add tls(sslContext), with a"
                                + " context that has them");
    }

    @Test
    void shouldNotTakeEncryptionForGrantedWhereThereIsNone() {
        assertThatThrownBy(() -> Broker.builder()
                        .listen("mqtt://127.0.0.1:0")
                        .tls(Certificates.OF_BROKER)
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none of the endpoints [mqtt://127.0.0.1:0] is mqtts://");
        assertThatThrownBy(() -> publisher(URI.create("mqtt://127.0.0.1:1"), Certificates.OF_ANYBODY)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none of the endpoints [mqtt://127.0.0.1:1] is mqtts://");
    }

    // ---- Certificates of the broker

    @Test
    void shouldTrustNobodyButPublicAuthoritiesByDefault() {
        try (Broker broker = start(Tls.of(Certificates.OF_BROKER))) {
            assertThatThrownBy(() -> Publisher.builder(broker.endpoint())
                            .topic("news/br")
                            .open())
                    .isInstanceOf(ConnectionFailedException.class)
                    .hasMessageContaining("unable to find valid certification path");
            awaitRefusal("certificate");
        }
    }

    @Test
    void shouldRefuseABrokerOfAnUnknownAuthority() {
        try (Broker broker = start(Tls.of(Certificates.OF_BROKER))) {
            SSLContext other = TestCertificates.authority("another authority").context();
            ConnectionFailedException refused = refusal(broker.endpoint(), other);

            assertThat(refused)
                    .hasMessageStartingWith("TLS handshake with '" + broker.endpoint() + "' failed: ")
                    .hasMessageContaining("unable to find valid certification path")
                    .hasCauseInstanceOf(SSLHandshakeException.class);
            awaitRefusal("certificate");
        }
    }

    @Test
    void shouldRefuseABrokerWhoseCertificateHasExpired() {
        TestCertificates authority = Certificates.AUTHORITY;
        SSLContext expired = authority.context(authority.issueExpired("broker", "ip:127.0.0.1"));
        try (Broker broker = start(Tls.of(expired))) {
            assertThat(refusal(broker.endpoint(), Certificates.OF_ANYBODY)).hasMessageContaining("NotAfter: ");
            awaitRefusal("certificate");
        }
    }

    @Test
    void shouldRefuseABrokerOfAnotherName() {
        TestCertificates authority = Certificates.AUTHORITY;
        SSLContext other = authority.context(authority.issue("other", "dns:other.example"));
        try (Broker broker = start(Tls.of(other))) {
            assertThat(refusal(broker.endpoint(), Certificates.OF_ANYBODY))
                    .hasMessageContaining("No subject alternative names matching IP address 127.0.0.1 found");
            awaitRefusal("certificate");
            Publisher.builder(broker.endpoint())
                    .tls(Tls.of(Certificates.OF_ANYBODY).withoutHostVerification())
                    .topic("news/br")
                    .open()
                    .close();
        }
    }

    @Test
    void shouldUseANewCertificateForNewConnections() throws Exception {
        TestCertificates authority = Certificates.AUTHORITY;
        AtomicReference<SSLContext> current = new AtomicReference<>(Certificates.OF_BROKER);
        List<Principal> seen = new CopyOnWriteArrayList<>();
        try (Broker broker = start(Tls.of(current::get));
                Subscriber subscriber = Subscriber.builder(broker.endpoint())
                        .tls(Certificates.OF_ANYBODY)
                        .topic("news/#")
                        .open()) {
            current.set(authority.context(authority.issue("renewed", "ip:127.0.0.1")));
            try (Publisher publisher = Publisher.builder(broker.endpoint())
                    .tls(authority.context())
                    .layer(inner -> connection -> new Observer(connection, inner.accept(connection), seen))
                    .topic("news/br")
                    .open()) {
                publisher.publish("bom dia");
            }
            assertThat(seen).hasToString("[CN=renewed]");
            assertThat(subscriber.receive(PATIENCE).orElseThrow().text()).isEqualTo("bom dia");
        }
    }

    /** Sees whom a connection goes to. */
    private record Observer(Connection connection, ConnectionHandler handler, List<Principal> seen)
            implements ConnectionHandler {

        @Override
        public void opened() {
            try {
                seen.add(connection.peer().tlsSession().orElseThrow().getPeerPrincipal());
            } catch (SSLPeerUnverifiedException e) {
                throw new AssertionError(e);
            }
            handler.opened();
        }

        @Override
        public void received(ByteBuffer bytes) {
            handler.received(bytes);
        }

        @Override
        public void drained() {
            handler.drained();
        }

        @Override
        public void closed(Throwable cause) {
            handler.closed(cause);
        }
    }

    // ---- Certificates of clients

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldRefuseAClientWithoutTheCertificateThatIsRequired(String protocol) {
        Tls required = Tls.of(Certificates.OF_BROKER).protocols(protocol).clientAuth(Tls.ClientAuth.REQUIRED);
        try (Broker broker = start(required)) {
            // Which alert it is depends on the version of TLS and of the JDK.
            assertThat(refusal(broker.endpoint(), Certificates.OF_ANYBODY))
                    .hasMessageContaining("Received fatal alert");
            awaitRefusal("client cert");
            publisher(broker.endpoint(), Certificates.OF_ALICE).open().close();
        }
    }

    @Test
    void shouldRefuseAClientOfAnUnknownAuthority() {
        TestCertificates other = TestCertificates.authority("another authority");
        // It trusts the broker, and shows what the broker does not trust.
        SSLContext mallory = Certificates.AUTHORITY.context(other.issue("mallory"));
        Tls required = Tls.of(Certificates.OF_BROKER).clientAuth(Tls.ClientAuth.REQUIRED);
        try (Broker broker = start(required)) {
            assertThat(refusal(broker.endpoint(), mallory)).isNotNull();
            awaitRefusal("failed");
        }
    }

    @Test
    void shouldTellTheAuthenticatorWhoAClientIs() {
        List<Optional<String>> seen = new CopyOnWriteArrayList<>();
        Tls optional = Tls.of(Certificates.OF_BROKER).clientAuth(Tls.ClientAuth.OPTIONAL);
        try (Broker broker = Broker.builder()
                .listen("mqtts://127.0.0.1:0")
                .listen("mqtt://127.0.0.1:0")
                .tls(optional)
                .authenticator(login -> {
                    seen.add(login.certificatePrincipal().map(Principal::getName));
                    return CompletableFuture.completedFuture(decide(login));
                })
                .start()) {
            publisher(broker.endpoint(), Certificates.OF_ALICE).open().close();
            assertThatThrownBy(() -> publisher(broker.endpoint(), Certificates.OF_ANYBODY)
                            .open())
                    .hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
            assertThatThrownBy(() -> Publisher.builder(broker.endpoints().get(1))
                            .topic("news/br")
                            .open())
                    .hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
        }
        assertThat(seen).containsExactly(Optional.of("CN=alice"), Optional.empty(), Optional.empty());
    }

    private static AuthStep.Decision decide(Login login) {
        return login.certificatePrincipal()
                .map(who -> AuthStep.accepted(who.getName()))
                .orElseGet(AuthStep::badUserNameOrPassword);
    }

    // ---- One side speaks TLS, the other does not

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldTellBothWhenOnlyTheClientIsEncrypted(String transport) {
        try (Broker broker = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport(transport)
                .listener(log)
                .start()) {
            URI wrong = URI.create("mqtts://127.0.0.1:" + broker.endpoint().getPort());
            assertThat(refusal(wrong, Certificates.OF_ANYBODY))
                    .hasMessageStartingWith("TLS handshake with '" + wrong + "' failed: ");
            Eventually.within20Seconds().until(() -> !log.refusals().isEmpty());
            assertThat(log.refusals()).singleElement().satisfies(refusal -> {
                assertThat(refusal.what()).isEqualTo("what came is TLS; this endpoint speaks plain MQTT");
                assertThat(refusal.reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
            });
        }
    }

    @Test
    void shouldNotTakeRubbishForTls() throws Exception {
        try (Broker broker =
                Broker.builder().listen("mqtt://127.0.0.1:0").listener(log).start()) {
            byte[] hello = {0x16, 3, 1, 0, 1, 1};
            try (RawMqtt connected = new RawMqtt(broker.endpoint());
                    RawMqtt rubbish = new RawMqtt(broker.endpoint())) {
                connected.send(RawMqtt.connect(5, 0)).awaitConnAck();
                connected.send(hello).awaitEnd();
                rubbish.send(new byte[] {0x16, 7}).awaitEnd();
            }
            Eventually.within20Seconds().until(() -> log.refusals().size() == 2);
            assertThat(log.refusals())
                    .allSatisfy(refusal -> assertThat(refusal.what()).startsWith("flags of CONNECT are 6"));
        }
    }

    @ParameterizedTest
    @CsvSource({"nio, TLSv1.3", "nio, TLSv1.2", "blocking, TLSv1.3", "blocking, TLSv1.2"})
    void shouldTellBothWhenOnlyTheBrokerIsEncrypted(String transport, String protocol) {
        try (Broker broker = Broker.builder()
                .listen("mqtts://127.0.0.1:0")
                .transport(transport)
                .tls(Tls.of(Certificates.OF_BROKER).protocols(protocol))
                .listener(log)
                .start()) {
            URI wrong = URI.create("mqtt://127.0.0.1:" + broker.endpoint().getPort());
            assertThat(refusalOfPlain(wrong, transport))
                    .hasMessageContaining("'" + wrong + "'")
                    .hasMessageContaining("what came is TLS; does that port need mqtts://?");
            awaitRefusal("what came is not TLS; perhaps plain MQTT");
        }
    }

    /** A client without TLS that is not let in; returns what it is told. */
    private static ConnectionFailedException refusalOfPlain(URI broker, String transport) {
        return catchThrowableOfType(
                ConnectionFailedException.class,
                () -> Publisher.builder(broker)
                        .transport(transport)
                        .timeout(PATIENCE)
                        .topic("news/br")
                        .open()
                        .close());
    }

    /** A CONNACK that says no, one that is wrong, a PINGRESP, HTTP, and bytes that begin almost as TLS does. */
    @ParameterizedTest
    @ValueSource(strings = {"2003008700", "2103000000", "d000", "485454502f312e3120343030", "1502", "17030300"})
    void shouldNotBlameTlsForOtherAnswers(String answer) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Thread server =
                    new Thread(() -> answer(listener, HexFormat.of().parseHex(answer)), "a server that is none");
            server.setDaemon(true);
            server.start();
            URI endpoint = URI.create("mqtt://127.0.0.1:" + listener.getLocalPort());
            assertThatThrownBy(() -> Publisher.builder(endpoint)
                            .timeout(PATIENCE)
                            .topic("news/br")
                            .open())
                    .isInstanceOf(RecadoException.class)
                    .hasMessageContaining("'" + endpoint + "'")
                    .message()
                    .doesNotContain("TLS", "mqtts");
        }
    }

    private static void answer(ServerSocket listener, byte[] bytes) {
        try (Socket socket = listener.accept()) {
            byte[] head = socket.getInputStream().readNBytes(2);
            socket.getInputStream().readNBytes(head[1]);
            socket.getOutputStream().write(bytes);
            // The client is the first to close, or its answer could be lost.
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // A reset is an end, too.
        }
    }

    @Test
    void shouldNotBlameTlsWhenNobodyListens() throws Exception {
        URI endpoint;
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            endpoint = URI.create("mqtt://127.0.0.1:" + listener.getLocalPort());
        }
        assertThat(refusalOfPlain(endpoint, "nio").getMessage()).doesNotContain("TLS", "mqtts");
    }

    @Test
    void shouldGiveUpOnAServerThatSaysNothing() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            URI endpoint = URI.create("mqtts://127.0.0.1:" + silent.getLocalPort());
            Tls impatient = Tls.of(Certificates.OF_ANYBODY).handshakeTimeout(Duration.ofMillis(200));
            assertThatThrownBy(() -> Publisher.builder(endpoint)
                            .tls(impatient)
                            .topic("news/br")
                            .open())
                    .hasMessageContaining("no TLS handshake with '" + endpoint + "' within 200 ms");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldGiveUpOnAClientThatSaysNothing(String transport) throws Exception {
        Tls impatient = Tls.of(Certificates.OF_BROKER).handshakeTimeout(Duration.ofMillis(200));
        try (Broker broker = Broker.builder()
                        .listen("mqtts://127.0.0.1:0")
                        .transport(transport)
                        .tls(impatient)
                        .listener(log)
                        .start();
                Socket silent = new Socket("127.0.0.1", broker.endpoint().getPort())) {
            silent.setSoTimeout((int) PATIENCE.toMillis());
            assertThat(endsAt(silent)).isTrue();
            Eventually.within20Seconds()
                    .untilAsserted(() -> assertThat(log.refusals())
                            .singleElement()
                            .satisfies(refusal -> {
                                assertThat(refusal.what())
                                        .startsWith("no TLS handshake with a client of ")
                                        .endsWith(" within 200 ms");
                                assertThat(refusal.address()).isNotNull();
                            }));
        }
    }

    private static boolean endsAt(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void shouldReconnectToABrokerThatHasRestarted() throws Exception {
        Tls tls = Tls.of(Certificates.OF_BROKER);
        Broker first = start(tls);
        URI endpoint = first.endpoint();
        try (Publisher publisher = publisher(endpoint, Certificates.OF_ANYBODY)
                .reconnect(new Reconnect(Duration.ofMillis(50), Duration.ofMillis(200), 1000))
                .open()) {
            publisher.publish("before");
            first.close();
            try (Broker second = Broker.builder().listen(endpoint).tls(tls).start()) {
                publisher.publish("after");
                assertThat(second.topics()).contains("news/br");
            }
        } finally {
            first.close();
        }
    }
}
