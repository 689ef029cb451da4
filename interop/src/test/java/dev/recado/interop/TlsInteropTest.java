package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Subscriber;
import dev.recado.Tls;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our TLS with that of others: OpenSSL by itself, OpenSSL under Mosquitto in both roles, Java's own sockets in both,
 * and the clients that Java programs use. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class TlsInteropTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] CONNECT = RawMqtt.connect(4, 0);
    private static final byte[] CONNACK = {0x20, 2, 0, 0};
    private static final byte[] PINGREQ = {(byte) 0xC0, 0};
    private static final byte[] PINGRESP = {(byte) 0xD0, 0};
    private static final byte[] DISCONNECT = {(byte) 0xE0, 0};

    @TempDir
    Path folder;

    private static Broker start(String transport, Tls tls) {
        return Broker.builder()
                .listen("mqtts://127.0.0.1:0")
                .transport(transport)
                .tls(tls)
                .start();
    }

    // ---- OpenSSL

    @ParameterizedTest
    @CsvSource({"nio, -tls1_3", "nio, -tls1_2", "blocking, -tls1_3", "blocking, -tls1_2"})
    void shouldSpeakWithOpenSsl(String transport, String version) throws Exception {
        try (Broker broker = start(transport, Tls.of(Certificates.OF_BROKER));
                OpenSsl client = OpenSsl.connect(broker.endpoint(), Certificates.authorityFile(folder), version)) {
            client.send(CONNECT);
            assertThat(client.awaitBytes(4)).isEqualTo(CONNACK);
            client.send(DISCONNECT);

            // Without close_notify it would end with 'unexpected eof'.
            assertThat(client.awaitExit()).as(client::notes).isZero();
            assertThat(client.notes()).contains("Verification: OK");
        }
    }

    @Test
    void shouldFollowOpenSslWhenItUpdatesKeys() throws Exception {
        try (Broker broker = start("nio", Tls.of(Certificates.OF_BROKER));
                OpenSsl client = OpenSsl.connect(broker.endpoint(), Certificates.authorityFile(folder), "-tls1_3")) {
            client.send(CONNECT);
            client.awaitBytes(4);
            for (int round = 1; round <= 3; round++) {
                client.send("K\n".getBytes(StandardCharsets.US_ASCII));
                int updates = round;
                // A command is a chunk of its own: the next bytes have to wait until it has been read.
                Eventually.within20Seconds().until(() -> client.notes().split("KEYUPDATE", -1).length > updates);
                client.send(PINGREQ);
                client.awaitBytes(4 + 2 * round);
            }
            assertThat(client.awaitBytes(10)).isEqualTo(RawMqtt.join(CONNACK, PINGRESP, PINGRESP, PINGRESP));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldNotNegotiateAgainWithOpenSsl(String transport) throws Exception {
        try (Broker broker = start(transport, Tls.of(Certificates.OF_BROKER));
                OpenSsl client = OpenSsl.connect(broker.endpoint(), Certificates.authorityFile(folder), "-tls1_2")) {
            client.send(CONNECT);
            client.awaitBytes(4);
            client.send("R\n".getBytes(StandardCharsets.US_ASCII));

            client.awaitExit();
            assertThat(client.notes()).contains("RENEGOTIATING");
            Eventually.within20Seconds().until(() -> broker.clients().isEmpty());
        }
    }

    // ---- Mosquitto

    @ParameterizedTest
    @CsvSource({"nio, mqttv311", "blocking, mqttv5"})
    void shouldServeMosquittosClients(String transport, String protocol) throws Exception {
        String[] options = {
            "--cafile", Certificates.authorityFile(folder).toString(),
            "--cert", Certificates.certificateFile(folder, Certificates.ALICE).toString(),
            "--key", Certificates.keyFile(folder, Certificates.ALICE).toString()
        };
        Client mosquitto = new MosquittoClients(protocol, options);
        Tls required = Tls.of(Certificates.OF_BROKER).clientAuth(Tls.ClientAuth.REQUIRED);
        try (Broker broker = start(transport, required);
                Inbox inbox = mosquitto.subscribe(broker.endpoint(), "reader", "news/#", QoS.AT_LEAST_ONCE);
                Outbox outbox = mosquitto.publishTo(broker.endpoint(), "writer", "news/br")) {
            byte[] payload = "bom dia".repeat(10_000).getBytes(StandardCharsets.UTF_8);
            outbox.publish(payload, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe("news/br", payload, QoS.AT_LEAST_ONCE, false);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldUseMosquittoAsBroker(String transport) throws Exception {
        // Root's Mosquitto would become another user, who may not read the folder.
        String config = """
                user %s
                cafile %s
                certfile %s
                keyfile %s
                require_certificate true
                """.formatted(
                        System.getProperty("user.name"),
                        Certificates.authorityFile(folder),
                        Certificates.certificateFile(folder, Certificates.BROKER),
                        Certificates.keyFile(folder, Certificates.BROKER));
        try (Mosquitto broker = Mosquitto.start(folder, config)) {
            URI endpoint = URI.create("mqtts://127.0.0.1:" + broker.endpoint().getPort());
            try (Subscriber subscriber = Subscriber.builder(endpoint)
                            .transport(transport)
                            .tls(Certificates.OF_ALICE)
                            .topic("news/#")
                            .open();
                    Publisher publisher = Publisher.builder(endpoint)
                            .transport(transport)
                            .tls(Certificates.OF_ALICE)
                            .topic("news/br")
                            .open()) {
                publisher.publish("bom dia");
                assertThat(subscriber.receive(PATIENCE).orElseThrow().text()).isEqualTo("bom dia");
            }
        }
    }

    // ---- Clients in Java

    static Stream<Arguments> clients() throws Exception {
        return Stream.of(
                        new Paho5(Certificates.OF_ALICE),
                        new Paho3(Certificates.OF_ALICE),
                        new HiveMq5(Certificates.ofAliceForHiveMq()),
                        new HiveMq3(Certificates.ofAliceForHiveMq()))
                .flatMap(client -> Stream.of("TLSv1.3", "TLSv1.2")
                        .flatMap(protocol -> Pairs.TRANSPORTS.stream()
                                .map(transport -> Arguments.of(
                                        transport,
                                        protocol,
                                        named(client.getClass().getSimpleName(), client)))));
    }

    @ParameterizedTest(name = "broker on {0}, {1}: {2}")
    @MethodSource("clients")
    void shouldServeClientsInJava(String transport, String protocol, Client client) throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(7).nextBytes(large);
        Tls required = Tls.of(Certificates.OF_BROKER).protocols(protocol).clientAuth(Tls.ClientAuth.REQUIRED);
        try (Broker broker = start(transport, required);
                Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/#", QoS.AT_LEAST_ONCE);
                Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
            outbox.publish(large, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe("news/br", large, QoS.AT_LEAST_ONCE, false);
            for (int i = 0; i < 100; i++) {
                outbox.publish(new byte[] {(byte) i}, QoS.AT_MOST_ONCE, false);
            }
            for (int i = 0; i < 100; i++) {
                inbox.next().shouldBe("news/br", new byte[] {(byte) i}, QoS.AT_MOST_ONCE, false);
            }
        }
    }

    // ---- Java's sockets

    @ParameterizedTest
    @CsvSource({"nio, TLSv1.3", "nio, TLSv1.2", "blocking, TLSv1.3", "blocking, TLSv1.2"})
    void shouldServeJavasSockets(String transport, String protocol) throws Exception {
        Tls tls = Tls.of(Certificates.OF_BROKER).protocols(protocol);
        try (Broker broker = start(transport, tls);
                Socket socket = Certificates.OF_ANYBODY
                        .getSocketFactory()
                        .createSocket("127.0.0.1", broker.endpoint().getPort());
                RawMqtt client = new RawMqtt(socket)) {
            client.send(CONNECT).awaitConnAck();
            client.send(RawMqtt.subscribe(4, "news/#", 1));
            assertThat(socket.getInputStream().readNBytes(5)).containsExactly(0x90, 3, 0, 1, 1);
            byte[] large = new byte[200_000];
            client.send(RawMqtt.publish(4, "news/br", 2, large));
            // PUBACK and PUBLISH, in either order.
            assertThat(socket.getInputStream().readNBytes(4 + 4 + 2 + 7 + 2 + large.length))
                    .hasSize(large.length + 19);
            client.send(DISCONNECT);
            client.awaitEnd();
        }
    }

    @ParameterizedTest
    @CsvSource({"nio, TLSv1.3", "nio, TLSv1.2", "blocking, TLSv1.3", "blocking, TLSv1.2"})
    void shouldConnectToJavasSockets(String transport, String protocol) throws Exception {
        try (SSLServerSocket listener = (SSLServerSocket) Certificates.OF_BROKER
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            listener.setEnabledProtocols(new String[] {protocol});
            CompletableFuture<byte[]> heard = new CompletableFuture<>();
            Thread server = new Thread(() -> serve(listener, heard), "a broker on Java's sockets");
            server.setDaemon(true);
            server.start();
            Publisher.builder(URI.create("mqtts://127.0.0.1:" + listener.getLocalPort()))
                    .transport(transport)
                    .tls(Certificates.OF_ANYBODY)
                    .topic("news/br")
                    .open()
                    .close();

            assertThat(heard.get(20, TimeUnit.SECONDS))
                    .as("CONNECT begins, DISCONNECT ends what it heard")
                    .startsWith(0x10)
                    .endsWith(0xE0, 0x00);
        }
    }

    /** Accepts one client, and takes down what it says up to its end. */
    private static void serve(SSLServerSocket listener, CompletableFuture<byte[]> heard) {
        try (Socket socket = listener.accept()) {
            InputStream in = socket.getInputStream();
            byte[] head = in.readNBytes(2);
            byte[] body = in.readNBytes(head[1]);
            OutputStream out = socket.getOutputStream();
            out.write(new byte[] {0x20, 3, 0, 0, 0});
            out.flush();
            heard.complete(RawMqtt.join(head, body, in.readAllBytes()));
        } catch (Exception | Error e) {
            heard.completeExceptionally(e);
        }
    }
}
