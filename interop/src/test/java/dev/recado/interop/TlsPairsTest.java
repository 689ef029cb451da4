package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.Tls;
import dev.recado.auth.AuthStep;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our transports talk to each other under TLS: much at once, in large pieces and in small ones. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class TlsPairsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Broker.Builder broker(String transport, String protocol) {
        return Broker.builder()
                .listen("mqtts://127.0.0.1:0")
                .transport(transport)
                .tls(Tls.of(Certificates.OF_BROKER).protocols(protocol));
    }

    private static Publisher publisher(URI broker, String transport) {
        return Publisher.builder(broker)
                .transport(transport)
                .tls(Certificates.OF_ALICE)
                .timeout(PATIENCE)
                .topic("news/br")
                .open();
    }

    private static Subscriber.Builder subscriber(URI broker, String transport) {
        return Subscriber.builder(broker)
                .transport(transport)
                .tls(Certificates.OF_ALICE)
                .topic("news/#");
    }

    @ParameterizedTest(name = "broker on {0}, clients on {1}: {2}")
    @CsvSource({"nio, blocking, TLSv1.3", "nio, blocking, TLSv1.2", "blocking, nio, TLSv1.3", "blocking, nio, TLSv1.2"})
    void shouldCarryMessagesOfAMegabyte(String transport, String other, String protocol) {
        try (Broker broker = broker(transport, protocol).start();
                Subscriber subscriber = subscriber(broker.endpoint(), other).open();
                Publisher publisher = publisher(broker.endpoint(), other)) {
            List<byte[]> sent = new ArrayList<>();
            Random random = new Random(7);
            for (int i = 0; i < 8; i++) {
                byte[] payload = new byte[(1 << 20) + i];
                random.nextBytes(payload);
                sent.add(payload);
                publisher.publishAsync(
                        Message.builder("news/br").payload(payload).build());
            }
            for (byte[] payload : sent) {
                assertThat(subscriber.receive(PATIENCE).orElseThrow().bytes()).isEqualTo(payload);
            }
            publisher.flush();
        }
    }

    @ParameterizedTest(name = "broker on {0}, clients on {1}: {2}")
    @CsvSource({"nio, blocking, TLSv1.3", "nio, blocking, TLSv1.2", "blocking, nio, TLSv1.3", "blocking, nio, TLSv1.2"})
    void shouldCarryManySmallMessagesInOrderAtFullSpeed(String transport, String other, String protocol) {
        int count = 10_000;
        try (Broker broker = broker(transport, protocol)
                        .limits(limits -> limits.maxQueuedMessages(count))
                        .start();
                Subscriber subscriber = subscriber(broker.endpoint(), other).open();
                Publisher publisher = publisher(broker.endpoint(), other)) {
            for (int i = 0; i < count; i++) {
                byte[] number = ByteBuffer.allocate(4).putInt(i).array();
                publisher.publishAsync(
                        Message.builder("news/br").payload(number).build());
            }
            for (int i = 0; i < count; i++) {
                Message message = subscriber.receive(PATIENCE).orElseThrow();
                assertThat(ByteBuffer.wrap(message.bytes()).getInt()).isEqualTo(i);
            }
            publisher.flush();
            assertThat(broker.stats().messagesDropped()).isZero();
        }
    }

    @ParameterizedTest(name = "broker on {0}, clients on {1}: {2}")
    @CsvSource({"nio, blocking, TLSv1.3", "nio, blocking, TLSv1.2", "blocking, nio, TLSv1.3", "blocking, nio, TLSv1.2"})
    void shouldKnowClientsByTheirCertificates(String transport, String other, String protocol) {
        List<String> seen = new CopyOnWriteArrayList<>();
        Tls required = Tls.of(Certificates.OF_BROKER).protocols(protocol).clientAuth(Tls.ClientAuth.REQUIRED);
        try (Broker broker = broker(transport, protocol)
                        .tls(required)
                        .authenticator(login -> {
                            String name = login.certificatePrincipal()
                                    .map(Principal::getName)
                                    .orElseThrow();
                            seen.add(name);
                            return CompletableFuture.completedFuture(AuthStep.accepted(name));
                        })
                        .start();
                Subscriber subscriber = subscriber(broker.endpoint(), other).open();
                Publisher publisher = publisher(broker.endpoint(), other)) {
            publisher.publish("bom dia");
            assertThat(subscriber.receive(PATIENCE).orElseThrow().text()).isEqualTo("bom dia");
        }
        assertThat(seen).containsExactly("CN=alice", "CN=alice");
    }

    // ---- Requests and replies

    @ParameterizedTest(name = "broker on {0}, clients on {1}: {2}")
    @CsvSource({"nio, nio, TLSv1.3", "nio, blocking, TLSv1.2", "blocking, nio, TLSv1.3", "blocking, blocking, TLSv1.2"})
    void shouldAnswerManyRequestsInFlight(String transport, String other, String protocol) {
        int inFlight = 500;
        List<CompletableFuture<Void>> held = new CopyOnWriteArrayList<>();
        try (Broker broker = broker(transport, protocol).start();
                Responder responder = Responder.builder(broker.endpoint())
                        .transport(other)
                        .tls(Certificates.OF_ALICE)
                        .topic("time/now")
                        .concurrency(inFlight)
                        .respondAsync(request -> {
                            CompletableFuture<Void> release = new CompletableFuture<>();
                            held.add(release);
                            return release.thenApply(go -> request.reply("re: " + request.text()));
                        })
                        .open();
                Requester requester = Requester.builder(broker.endpoint())
                        .transport(other)
                        .tls(Certificates.OF_ALICE)
                        .timeout(PATIENCE)
                        .topic("time/now")
                        .open()) {
            for (int round = 0; round < 4; round++) {
                List<CompletableFuture<Message>> replies = new ArrayList<>();
                for (int i = 0; i < inFlight; i++) {
                    replies.add(requester.requestAsync("" + i));
                }
                Eventually.within20Seconds().until(() -> held.size() == inFlight);
                assertThat(requester.inFlight()).isEqualTo(inFlight);
                List<CompletableFuture<Void>> all = List.copyOf(held);
                held.clear();
                // The last first.
                for (int i = inFlight - 1; i >= 0; i--) {
                    all.get(i).complete(null);
                }
                for (int i = 0; i < inFlight; i++) {
                    assertThat(replies.get(i).join().text()).isEqualTo("re: " + i);
                }
            }
            assertThat(requester.discardedReplies()).isZero();
            assertThat(responder.failedRequests()).isZero();
        }
    }
}
