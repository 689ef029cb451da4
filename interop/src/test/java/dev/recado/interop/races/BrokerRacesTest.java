package dev.recado.interop.races;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients do at the same time, again and again, with random delays on the broker's side of each connection. What must
 * hold is what each of them was told by an acknowledgement.
 */
@Timeout(120)
class BrokerRacesTest {

    private final long seed = System.nanoTime();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private Broker broker(String transport) {
        return Broker.builder()
                .transport(transport)
                .layer(new Jitter(seed))
                .limits(limits -> limits.closeTimeout(Duration.ofSeconds(2)))
                .listen("mqtt://127.0.0.1:0")
                .start();
    }

    private <T> Future<T> run(Callable<T> task) {
        return threads.submit(task);
    }

    /** Publishes numbers until told to stop, one after the other; returns how many were acknowledged. */
    private static int publishNumbers(RacingClient publisher, String topic, QoS qos, AtomicInteger last, int total) {
        for (int number = 0; number < total; number++) {
            publisher.publish(topic, "" + number, qos, number % 65_535 + 1);
            Packet answer = publisher.next();
            if (qos == QoS.EXACTLY_ONCE) {
                publisher.answer(PacketType.PUBREL, ((Packet.Ack) answer).packetId());
                publisher.next();
            }
            last.set(number);
        }
        return total;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldDeliverExactlyWhatIsPublishedWhileASubscriptionLasts(String transport) throws Exception {
        try (Broker broker = broker(transport);
                RacingClient publisher = new RacingClient(broker.endpoint());
                RacingClient subscriber = new RacingClient(broker.endpoint())) {
            publisher.connect("p", true, 0);
            subscriber.connect("s", true, 0);
            AtomicInteger acknowledged = new AtomicInteger(-1);
            AtomicInteger begun = new AtomicInteger();
            Future<Integer> publishing = run(() -> {
                for (int number = 0; number < 3_000; number++) {
                    begun.set(number);
                    publisher.publish("t", "" + number, QoS.AT_LEAST_ONCE, number + 1);
                    publisher.next();
                    acknowledged.set(number);
                }
                return 3_000;
            });
            while (!publishing.isDone()) {
                shouldDeliverOneSubscriptionsWorth(subscriber, acknowledged, begun);
            }
            publishing.get();
        }
    }

    private void shouldDeliverOneSubscriptionsWorth(
            RacingClient subscriber, AtomicInteger acknowledged, AtomicInteger begun) {
        List<Integer> arrived = new ArrayList<>();
        subscriber.subscribe("t", QoS.AT_LEAST_ONCE);
        await(subscriber, Packet.SubAck.class, arrived);
        // Whatever is begun after SUBACK has come is for this subscription.
        int firstForUs = begun.get() + 1;
        int enough = acknowledged.get() + 3;
        while (acknowledged.get() < enough && acknowledged.get() < 2_999) {
            subscriber.send(new Packet.PingReq());
            await(subscriber, Packet.PingResp.class, arrived);
        }
        int lastForUs = acknowledged.get();
        subscriber.unsubscribe("t");
        await(subscriber, Packet.UnsubAck.class, arrived);

        assertThat(arrived)
                .as("seed %d", seed)
                .containsAll(
                        IntStream.rangeClosed(firstForUs, lastForUs).boxed().toList())
                .isSorted()
                .doesNotHaveDuplicates();
    }

    /** Takes and acknowledges messages until this answer comes. */
    private static void await(RacingClient subscriber, Class<? extends Packet> answer, List<Integer> arrived) {
        while (true) {
            Packet packet = subscriber.next();
            if (answer.isInstance(packet)) {
                return;
            }
            Packet.Publish publish = (Packet.Publish) packet;
            arrived.add(Integer.parseInt(RacingClient.text(publish)));
            subscriber.answer(PacketType.PUBACK, publish.packetId());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldKeepEachPromiseThoughConnectionsAreTakenOverInTheMiddle(String transport) throws Exception {
        for (QoS qos : new QoS[] {QoS.AT_LEAST_ONCE, QoS.EXACTLY_ONCE}) {
            int total = 1_000;
            try (Broker broker = broker(transport);
                    RacingClient publisher = new RacingClient(broker.endpoint())) {
                Receiver receiver = new Receiver(broker, qos);
                receiver.connect();
                publisher.connect("p", true, 0);
                AtomicInteger last = new AtomicInteger();
                Future<Integer> publishing = run(() -> publishNumbers(publisher, "t", qos, last, total));
                receiver.receiveUntil(total - 1);
                publishing.get();
                receiver.close();

                assertThat(receiver.distinctInOrder())
                        .as("seed %d, %s, %d connections", seed, qos, receiver.connections)
                        .containsExactlyElementsOf(
                                IntStream.range(0, total).boxed().toList());
                if (qos == QoS.EXACTLY_ONCE) {
                    assertThat(receiver.arrived)
                            .as("seed %d: exactly once", seed)
                            .doesNotHaveDuplicates();
                }
                assertThat(receiver.connections).isGreaterThan(5);
            }
        }
    }

    /** A subscriber whose session outlives its connections, which it loses all the time, mostly by taking over from itself. */
    private final class Receiver implements AutoCloseable {

        private final Broker broker;
        private final QoS qos;
        private final Random random = new Random(seed);
        private final List<Integer> arrived = new ArrayList<>();

        /** By packet identifier: QoS 2 messages that were handed over and not released. */
        private final Map<Integer, Integer> unreleased = new HashMap<>();

        private RacingClient client;
        private int connections;

        Receiver(Broker broker, QoS qos) {
            this.broker = broker;
            this.qos = qos;
        }

        void connect() {
            RacingClient before = client;
            client = new RacingClient(broker.endpoint());
            boolean first = connections++ == 0;
            Packet.ConnAck answer = client.connect("s", first, 600);
            assertThat(answer.sessionPresent()).isEqualTo(!first);
            if (before != null) {
                before.close();
            }
            if (first) {
                client.subscribe("t", qos);
                assertThat(client.next()).isInstanceOf(Packet.SubAck.class);
            }
        }

        void receiveUntil(int last) {
            int untilLoss = 1 + random.nextInt(40);
            while (arrived.isEmpty() || distinctLast() < last || !unreleased.isEmpty()) {
                if (untilLoss-- == 0) {
                    if (random.nextBoolean()) {
                        client.close();
                    }
                    connect();
                    untilLoss = 1 + random.nextInt(40);
                }
                handle(client.next());
            }
        }

        private int distinctLast() {
            return arrived.get(arrived.size() - 1);
        }

        private void handle(Packet packet) {
            if (packet instanceof Packet.Publish publish) {
                int number = Integer.parseInt(RacingClient.text(publish));
                if (publish.qos() == QoS.AT_LEAST_ONCE) {
                    arrived.add(number);
                    client.answer(PacketType.PUBACK, publish.packetId());
                } else {
                    if (unreleased.putIfAbsent(publish.packetId(), number) == null) {
                        arrived.add(number);
                    }
                    client.answer(PacketType.PUBREC, publish.packetId());
                }
            } else if (packet instanceof Packet.Ack ack && ack.type() == PacketType.PUBREL) {
                unreleased.remove(ack.packetId());
                client.answer(PacketType.PUBCOMP, ack.packetId());
            } else {
                throw new AssertionError("seed " + seed + ": came " + packet);
            }
        }

        List<Integer> distinctInOrder() {
            return arrived.stream().distinct().toList();
        }

        @Override
        public void close() {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldLoseNothingOfASharedSubscriptionWhoseMembersComeAndGo(String transport) throws Exception {
        int total = 1_000;
        try (Broker broker = broker(transport);
                RacingClient publisher = new RacingClient(broker.endpoint())) {
            publisher.connect("p", true, 0);
            boolean[] arrived = new boolean[total];
            AtomicInteger missing = new AtomicInteger(total);
            AtomicInteger last = new AtomicInteger();
            // One stays, so that there is always somebody whom a message can be given to.
            List<Future<?>> members = new ArrayList<>();
            for (int m = 0; m < 3; m++) {
                int member = m;
                members.add(run(() -> {
                    beMember(broker, member, arrived, missing);
                    return null;
                }));
            }
            Awaitility.await()
                    .dontCatchUncaughtExceptions()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> broker.stats().subscriptions() > 0);
            publishNumbers(publisher, "t", QoS.AT_LEAST_ONCE, last, total);
            for (Future<?> member : members) {
                member.get(60, TimeUnit.SECONDS);
            }
            assertThat(missing.get()).as("seed %d", seed).isZero();
        }
    }

    private void beMember(Broker broker, int member, boolean[] arrived, AtomicInteger missing) {
        Random random = new Random(seed + member);
        while (missing.get() > 0) {
            try (RacingClient client = new RacingClient(broker.endpoint())) {
                client.connect("member" + member, true, 0);
                client.subscribe("$share/g/t", QoS.AT_LEAST_ONCE);
                int untilGone = member == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(30);
                while (untilGone-- > 0 && missing.get() > 0) {
                    client.send(new Packet.PingReq());
                    takeUntilPingResp(client, arrived, missing);
                }
            }
        }
    }

    private static void takeUntilPingResp(RacingClient client, boolean[] arrived, AtomicInteger missing) {
        Packet packet = client.next();
        while (!(packet instanceof Packet.PingResp)) {
            if (packet instanceof Packet.Publish publish) {
                int number = Integer.parseInt(RacingClient.text(publish));
                synchronized (arrived) {
                    if (!arrived[number]) {
                        arrived[number] = true;
                        missing.decrementAndGet();
                    }
                }
                client.answer(PacketType.PUBACK, publish.packetId());
            }
            packet = client.next();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldCloseInTheMiddleOfEverything(String transport) throws Exception {
        for (int round = 0; round < 20; round++) {
            Random random = new Random(seed + round);
            Broker broker = broker(transport);
            AtomicInteger done = new AtomicInteger();
            List<Future<?>> clients = new ArrayList<>();
            for (int c = 0; c < 4; c++) {
                String clientId = "c" + c % 3; // two of them take over from each other
                clients.add(run(() -> {
                    everything(broker, clientId, done);
                    return null;
                }));
            }
            int enough = random.nextInt(200);
            Awaitility.await()
                    .dontCatchUncaughtExceptions()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> done.get() > enough);
            long before = System.nanoTime();
            broker.close();
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .as("seed %d: close()", seed + round)
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(broker.awaitClosed(Duration.ZERO)).isTrue();
            for (Future<?> client : clients) {
                client.get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** Connects, subscribes, publishes and leaves, until the broker is gone. */
    private static void everything(Broker broker, String clientId, AtomicInteger done) {
        while (true) {
            try (RacingClient client = new RacingClient(broker.endpoint())) {
                if (client.connect(clientId, false, 10) == null) {
                    continue;
                }
                client.subscribe("#", QoS.EXACTLY_ONCE);
                for (int i = 1; i <= 5; i++) {
                    client.publish("t/" + i, "x", QoS.of(i % 3), i);
                }
                client.unsubscribe("#");
                Packet packet = client.next();
                while (packet != null && !(packet instanceof Packet.UnsubAck)) {
                    done.incrementAndGet();
                    packet = client.next();
                }
                client.send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
            } catch (UncheckedIOException e) {
                return; // nobody listens any more
            }
        }
    }
}
