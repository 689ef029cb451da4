package dev.recado.samples.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionState;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.samples.OnEachTransport;
import dev.recado.samples.RecadoProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code broker}, over each transport. */
@OnEachTransport
final class BrokerIT {

    /** A process that SIGTERM ends has 128 and the signal's number for its exit code. */
    private static final int SIGTERM = 128 + 15;

    private final String transport;

    BrokerIT(String transport) {
        this.transport = transport;
    }

    @Test
    void shouldPrintTheEndpointThatItServesFirst() throws Exception {
        try (RecadoProcess broker = RecadoProcess.startBroker(transport)) {
            URI endpoint = broker.nextEndpoint();

            assertThat(endpoint).hasScheme("mqtt").hasHost("127.0.0.1");
            assertThat(endpoint.getPort()).isPositive();
            assertServes(endpoint);
        }
    }

    @Test
    void shouldTellItsClientsWhenItIsTerminated() throws Exception {
        CompletableFuture<RecadoException> end = new CompletableFuture<>();
        try (RecadoProcess broker = RecadoProcess.startBroker(transport)) {
            try (Subscriber subscriber = Subscriber.builder(broker.nextEndpoint())
                    .transport(transport)
                    .topic("news/#")
                    .reconnect(Reconnect.never())
                    .onStateChange((from, to, cause) -> {
                        if (to == ConnectionState.CLOSED) {
                            end.complete(cause);
                        }
                    })
                    .open()) {
                broker.terminate();

                assertThat(end.get(30, TimeUnit.SECONDS).reasonCode()).hasValue(ReasonCode.SERVER_SHUTTING_DOWN);
            }
            assertThat(broker.exitCode()).isEqualTo(SIGTERM);
            assertThat(broker.output()).isEmpty();
            assertThat(broker.errors()).containsExactly("recado: stopped by a signal");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sair", "/quit"})
    void shouldStopWhenToldAtItsConsole(String command) throws Exception {
        try (RecadoProcess broker = RecadoProcess.startBroker(transport)) {
            broker.nextEndpoint();

            broker.type(command);

            assertThat(broker.exitCode()).isZero();
            assertThat(broker.output()).isEmpty();
            assertThat(broker.errors()).containsExactly("recado: stopped by " + command);
        }
    }

    @Test
    void shouldGoOnWithoutAConsole() throws Exception {
        try (RecadoProcess broker = RecadoProcess.startBroker(transport)) {
            URI endpoint = broker.nextEndpoint();
            broker.type("quit, said somebody, but that is no command");
            broker.endInput();

            // A second process takes longer than the broker needs to notice the end of its input.
            try (RecadoProcess topics = client("topics", endpoint)) {
                assertThat(topics.success()).isEmpty();
            }
            assertThat(broker.isAlive()).isTrue();
            assertServes(endpoint);

            broker.terminate();
            assertThat(broker.exitCode()).isEqualTo(SIGTERM);
        }
    }

    @Test
    void shouldSayInOneLineThatThePortIsTaken() throws Exception {
        try (RecadoProcess first = RecadoProcess.startBroker(transport)) {
            URI endpoint = first.nextEndpoint();

            try (RecadoProcess second = client("broker", endpoint)) {
                assertThat(second.failure()).contains("cannot listen", endpoint.toString());
            }
            assertServes(endpoint);
        }
    }

    @Test
    void shouldListenToOthersOnlyWhenToldAndWarn() throws Exception {
        try (RecadoProcess broker =
                RecadoProcess.start("broker", "--port", "0", "--host", "0.0.0.0", "--transport", transport)) {
            URI endpoint = broker.nextEndpoint();

            assertThat(endpoint).hasHost("0.0.0.0");
            await().untilAsserted(() -> assertThat(broker.errors()).hasSize(1));
            assertThat(broker.errors().get(0)).contains("warning", endpoint.toString());
            assertServes(URI.create("mqtt://127.0.0.1:" + endpoint.getPort()));
        }
    }

    @Test
    void shouldHoldPlainClientsToOneRoleWhenToldTo() throws Exception {
        try (RecadoProcess broker =
                RecadoProcess.start("broker", "--port", "0", "--exclusive", "--transport", transport)) {
            URI endpoint = broker.nextEndpoint();
            try (Socket client = new Socket(endpoint.getHost(), endpoint.getPort())) {
                client.setSoTimeout(30_000);

                write(client, CONNECT_311, SUBSCRIBE_TO_A);
                assertThat(client.getInputStream().readNBytes(4 + 5))
                        .as("CONNACK, SUBACK")
                        .containsExactly(0x20, 2, 0, 0, 0x90, 3, 0, 1, 0);
                write(client, PUBLISH_TO_A);

                assertThat(client.getInputStream().readAllBytes())
                        .as("a subscriber that publishes is cut off")
                        .isEmpty();
            }
            await().untilAsserted(() -> assertThat(broker.errors())
                    .anySatisfy(line -> assertThat(line).contains("a subscriber must not publish")));
        }
    }

    private static final byte[] CONNECT_311 = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'c'};
    private static final byte[] SUBSCRIBE_TO_A = {(byte) 0x82, 6, 0, 1, 0, 1, 'a', 0};
    private static final byte[] PUBLISH_TO_A = {0x30, 4, 0, 1, 'a', 'x'};

    private static void write(Socket client, byte[]... packets) throws IOException {
        for (byte[] packet : packets) {
            client.getOutputStream().write(packet);
        }
    }

    @Test
    void shouldKeepLastValuesAndTopicsForProcessesThatComeLater() throws Exception {
        try (RecadoProcess broker = RecadoProcess.startBroker(transport)) {
            URI endpoint = broker.nextEndpoint();

            try (RecadoProcess pub = client("pub", endpoint, "--topic", "news/br", "bom dia", "boa noite")) {
                assertThat(pub.success()).isEmpty();
            }
            try (RecadoProcess sub = client("sub", endpoint, "--topic", "news/+", "--count", "1")) {
                assertThat(sub.success()).containsExactly("news/br: boa noite");
            }
            try (RecadoProcess topics = client("topics", endpoint)) {
                assertThat(topics.success()).containsExactly("news/br");
            }
        }
    }

    private RecadoProcess client(String command, URI endpoint, String... arguments) {
        return RecadoProcess.startAt(endpoint, transport, command, arguments);
    }

    private static void assertServes(URI endpoint) {
        try (Publisher publisher =
                Publisher.builder(endpoint).topic("probe").retain(false).open()) {
            publisher.publish("a publish that returns was acknowledged");
        }
    }
}
