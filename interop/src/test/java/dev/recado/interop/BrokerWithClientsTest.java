package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.recado.Broker;
import dev.recado.ClientInfo;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every client expects of a broker, of ours, on both transports. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class BrokerWithClientsTest {

    private static final byte[] OLD = bytes("old");
    private static final byte[] NEW = bytes("new");
    private static final byte[] NOTHING = {};

    private final BrokerLog log = new BrokerLog();

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldGiveTheLastValueToALaterSubscriber(String transport, Client client) throws Exception {
        try (Broker broker = start(transport);
                Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
            outbox.publish(OLD, QoS.AT_LEAST_ONCE, true);
            outbox.publish(NEW, QoS.AT_LEAST_ONCE, true);
            outbox.publish(bytes("not kept"), QoS.AT_LEAST_ONCE, false);
            try (Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_LEAST_ONCE)) {
                inbox.next().shouldBe("news/br", NEW, QoS.AT_LEAST_ONCE, true);
                outbox.publish(OLD, QoS.AT_LEAST_ONCE, true);
                inbox.next().shouldBe("news/br", OLD, QoS.AT_LEAST_ONCE, false);
            }
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldForgetTheLastValueAfterAnEmptyMessage(String transport, Client client) throws Exception {
        try (Broker broker = start(transport);
                Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
            outbox.publish(OLD, QoS.AT_LEAST_ONCE, true);
            outbox.publish(NOTHING, QoS.AT_LEAST_ONCE, true);
            try (Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_LEAST_ONCE)) {
                outbox.publish(NEW, QoS.AT_LEAST_ONCE, false);
                inbox.next().shouldBe("news/br", NEW, QoS.AT_LEAST_ONCE, false);
            }
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldMatchWildcards(String transport, Client client) throws Exception {
        try (Broker broker = start(transport);
                Inbox oneLevel = client.subscribe(broker.endpoint(), "one", "news/+", QoS.AT_LEAST_ONCE);
                Inbox allLevels = client.subscribe(broker.endpoint(), "all", "news/#", QoS.AT_LEAST_ONCE)) {
            for (String topic : new String[] {"weather", "news/br/sport", "news", "news/br"}) {
                try (Outbox outbox = client.publishTo(broker.endpoint(), "writer", topic)) {
                    outbox.publish(bytes(topic), QoS.AT_LEAST_ONCE, false);
                }
            }
            assertThat(oneLevel.next().topic()).isEqualTo("news/br");
            assertThat(allLevels.next().topic()).isEqualTo("news/br/sport");
            assertThat(allLevels.next().topic()).isEqualTo("news");
            assertThat(allLevels.next().topic()).isEqualTo("news/br");
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldGiveTheLastValuesOfAllTopicsThatAWildcardMatches(String transport, Client client) throws Exception {
        try (Broker broker = start(transport)) {
            for (String topic : new String[] {"news/br", "news/pt", "weather"}) {
                try (Outbox outbox = client.publishTo(broker.endpoint(), "writer", topic)) {
                    outbox.publish(bytes(topic), QoS.AT_LEAST_ONCE, true);
                }
            }
            try (Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/#", QoS.AT_LEAST_ONCE)) {
                Set<String> topics = new TreeSet<>();
                for (int i = 0; i < 2; i++) {
                    Received received = inbox.next();
                    received.shouldBe(received.topic(), bytes(received.topic()), QoS.AT_LEAST_ONCE, true);
                    topics.add(received.topic());
                }
                assertThat(topics).containsExactly("news/br", "news/pt");
            }
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldDeliverWithTheLowerQoSOfPublisherAndSubscriber(String transport, Client client) throws Exception {
        try (Broker broker = start(transport);
                Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_MOST_ONCE);
                Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
            outbox.publish(NEW, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe("news/br", NEW, QoS.AT_MOST_ONCE, false);
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldKeepTheOrderOfAPublisher(String transport, Client client) throws Exception {
        try (Broker broker = start(transport);
                Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_LEAST_ONCE);
                Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
            for (int i = 0; i < 20; i++) {
                outbox.publish(bytes("message " + i), i % 2 == 0 ? QoS.AT_LEAST_ONCE : QoS.AT_MOST_ONCE, false);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(inbox.next().text()).isEqualTo("message " + i);
            }
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldLetAClientTakeOverItsName(String transport, Client client) throws Exception {
        try (Broker broker = start(transport);
                Inbox first = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_LEAST_ONCE);
                Inbox second = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_LEAST_ONCE);
                Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
            Eventually.within20Seconds()
                    .until(() -> log.disconnects()
                            .contains(new BrokerLog.Disconnect("reader", ReasonCode.SESSION_TAKEN_OVER)));
            // A client that reconnects would take its name back, and so on.
            first.close();
            Eventually.within20Seconds().until(() -> broker.stats().subscriptions() == 1);
            outbox.publish(NEW, QoS.AT_LEAST_ONCE, true);
            assertThat(second.next().text()).isEqualTo("new");
        }
    }

    @ParameterizedTest(name = "broker on {0}: {1}")
    @MethodSource("dev.recado.interop.Pairs#transportsAndClients")
    void shouldSeeClientsComeAndGo(String transport, Client client) throws Exception {
        try (Broker broker = start(transport)) {
            try (Inbox inbox = client.subscribe(broker.endpoint(), "reader", "news/br", QoS.AT_LEAST_ONCE)) {
                assertThat(broker.clients())
                        .extracting(ClientInfo::clientId, ClientInfo::protocol)
                        .containsExactly(tuple("reader", client.protocol()));
                assertThat(inbox.isEmpty()).isTrue();
            }
            try (Outbox outbox = client.publishTo(broker.endpoint(), "writer", "news/br")) {
                outbox.publish(NEW, QoS.AT_LEAST_ONCE, false);
            }
            Eventually.within20Seconds().until(() -> log.disconnects().size() == 2);
            assertThat(log.disconnects())
                    .extracting(BrokerLog.Disconnect::clientId)
                    .containsExactly("reader", "writer");
            // Both say goodbye; mosquitto_sub, when it is ended by a signal, with 0x04.
            assertThat(log.disconnects())
                    .extracting(BrokerLog.Disconnect::reason)
                    .isSubsetOf(ReasonCode.SUCCESS, ReasonCode.DISCONNECT_WITH_WILL_MESSAGE);
            assertThat(broker.clients()).isEmpty();
            assertThat(broker.stats().subscriptions()).isZero();
            assertThat(log.refusals()).isEmpty();
        }
    }

    private Broker start(String transport) {
        return Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport(transport)
                .listener(log)
                .start();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
