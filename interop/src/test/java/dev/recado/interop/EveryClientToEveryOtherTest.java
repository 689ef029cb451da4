package dev.recado.interop;

import dev.recado.Broker;
import dev.recado.QoS;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a client of one kind publishes reaches one of any other kind through our broker, on both transports. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class EveryClientToEveryOtherTest {

    private static final String TOPIC = "notícias/são paulo/天気";
    private static final byte[] TEXT = "bom dia, 世界 🌍".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest(name = "broker on {0}: {1} to {2}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndPairsOfClients")
    void shouldCarryMessagesUnchanged(String transport, Client publisher, Client subscriber) throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(7).nextBytes(large);
        try (Broker broker = Broker.builder()
                        .listen("mqtt://127.0.0.1:0")
                        .transport(transport)
                        .start();
                Inbox inbox = subscriber.subscribe(broker.endpoint(), "reader", TOPIC, QoS.AT_LEAST_ONCE);
                Outbox outbox = publisher.publishTo(broker.endpoint(), "writer", TOPIC)) {
            outbox.publish(TEXT, QoS.AT_MOST_ONCE, false);
            inbox.next().shouldBe(TOPIC, TEXT, QoS.AT_MOST_ONCE, false);

            outbox.publish(TEXT, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe(TOPIC, TEXT, QoS.AT_LEAST_ONCE, false);

            outbox.publish(large, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe(TOPIC, large, QoS.AT_LEAST_ONCE, false);
        }
    }
}
