package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.auth.Access;
import dev.recado.auth.Permission;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.ConnectionHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many messages in one received buffer: {@link Run}. What comes of them is what would come of each by itself. */
class BrokerRunTest {

    private BrokerFixture fixture;

    @AfterEach
    void close() {
        fixture.close();
    }

    private void start() {
        start(broker -> broker);
    }

    private void start(UnaryOperator<Broker.Builder> configure) {
        fixture = new BrokerFixture(configure);
    }

    private static Packet.Publish message(String topic, String text) {
        return message(topic, text, Properties.NONE);
    }

    private static Packet.Publish message(String topic, String text, Properties properties) {
        return WireClient.publishPacket(topic, text, AT_MOST_ONCE, false, properties);
    }

    private static Packet.Publish retained(String topic, String text) {
        return WireClient.publishPacket(topic, text, AT_MOST_ONCE, true, Properties.NONE);
    }

    private static Packet.Publish atLeastOnce(String topic, String text) {
        return WireClient.publishPacket(topic, text, AT_LEAST_ONCE, false, Properties.NONE);
    }

    /** So many, numbered from 0, each with a payload of this length. */
    private static List<Packet.Publish> numbered(String topic, int count, int length) {
        return IntStream.range(0, count)
                .mapToObj(i -> message(
                        topic,
                        i + " ".repeat(Math.max(0, length - String.valueOf(i).length()))))
                .toList();
    }

    private WireClient subscriber(String clientId, String filter) {
        WireClient client = fixture.connect(clientId);
        client.subscribe(AT_MOST_ONCE, filter);
        return client;
    }

    private static List<String> texts(WireClient client) {
        return client.drain().stream()
                .map(packet -> WireClient.text((Packet.Publish) packet))
                .toList();
    }

    // ---- The bytes ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverTheBytesThatWerePublished(boolean direct) {
        start();
        WireClient one = subscriber("1", "t/#");
        WireClient two = subscriber("2", "t/#");
        one.drainBytes();
        two.drainBytes();
        WireClient publisher = fixture.connect("p");
        List<Packet.Publish> messages = List.of(
                message("t/1", "first"),
                message("t/2", "with properties", described("x")),
                message("t/1", ""),
                message("t/2", "longer than 127 bytes ".repeat(10)),
                message("t/a topic with a longer name, and \u00E4\u20AC\uD83D\uDE00", "last"));
        ByteBuffer bytes = publisher.encode(messages);

        // In the midst of a buffer that has other bytes, too.
        ByteBuffer received = direct ? ByteBuffer.allocateDirect(2_000) : ByteBuffer.allocate(2_000);
        received.put(0, bytes, 0, bytes.limit())
                .put(13, bytes, 0, bytes.limit())
                .limit(13 + bytes.limit())
                .position(13);
        publisher.receivedByBroker(received);

        assertThat(one.drainBytes()).isEqualTo(bytes.array());
        assertThat(two.drainBytes()).isEqualTo(bytes.array());
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(5);
        assertThat(fixture.broker.stats().messagesDelivered()).isEqualTo(10);
    }

    private static Properties described(String contentType) {
        return Properties.builder()
                .set(Property.CONTENT_TYPE, contentType)
                .userProperty("name", "value")
                .userProperty("name", "another")
                .build();
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "256, 1", "257, 1", "600, 10", "17, 1000", "60, 1000", "3, 16000", "2, 16377", "3, 20000"})
    void shouldDeliverAsManyAndAsLongAsThereAre(int count, int length) {
        start();
        WireClient plain = subscriber("plain", "t");
        WireClient old = fixture.connect311("old");
        old.subscribe(AT_MOST_ONCE, "t");
        plain.drainBytes();
        WireClient publisher = fixture.connect("p");
        List<Packet.Publish> messages = numbered("t", count, length);

        publisher.sendAtOnce(messages);

        assertThat(plain.drainBytes()).isEqualTo(publisher.encode(messages).array());
        assertThat(old.drain()).isEqualTo(messages);
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(count);
        assertThat(fixture.broker.stats().messagesDelivered()).isEqualTo(2L * count);
    }

    @Test
    void shouldGoOnBehindAMessageThatIsTooLongForARun() {
        start();
        WireClient subscriber = subscriber("s", "t");
        List<Packet.Publish> messages = new ArrayList<>(numbered("t", 10, 5));
        messages.add(5, message("t", "x".repeat(Run.MOST_BYTES)));

        fixture.connect("p").sendAtOnce(messages);

        assertThat(subscriber.drain()).isEqualTo(messages);
    }

    @Test
    void shouldForgetOneBatchBeforeTheNext() {
        start();
        WireClient subscriber = subscriber("s", "t/#");
        List<WireClient> publishers = List.of(fixture.connect("p1"), fixture.connect311("p2"), fixture.connect("p3"));
        List<Packet.Publish> expected = new ArrayList<>();
        for (int round = 0; round < 9; round++) {
            List<Packet.Publish> messages = new ArrayList<>();
            for (int i = 0; i <= round; i++) {
                messages.add(round % 2 == 0 ? message("t/" + i, round + "-" + i) : retained("t/" + i, round + "-" + i));
            }
            publishers.get(round % 3).sendAtOnce(messages);
            messages.forEach(sent -> expected.add(message(sent.topic(), WireClient.text(sent))));
        }

        assertThat(subscriber.drain()).isEqualTo(expected);
    }

    // ---- RETAIN ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepRetainOnlyForThoseWhoWantItAsPublished(boolean asPublishedFirst) {
        start();
        WireClient asPublished = fixture.connect("as published");
        WireClient ordinary = fixture.connect("ordinary");
        Runnable first = () -> asPublished.subscribe(new Packet.Subscription("t/#", AT_MOST_ONCE, false, true, 0));
        if (asPublishedFirst) {
            first.run();
        }
        ordinary.subscribe(AT_MOST_ONCE, "t/#");
        if (!asPublishedFirst) {
            first.run();
        }
        List<Packet.Publish> messages = new ArrayList<>();
        List<Packet.Publish> cleared = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean retain = i % 7 != 3;
            messages.add(retain ? retained("t/" + i % 2, "" + i) : message("t/" + i % 2, "" + i));
            cleared.add(message("t/" + i % 2, "" + i));
        }

        fixture.connect("p").sendAtOnce(messages);

        assertThat(asPublished.drain()).isEqualTo(messages);
        assertThat(ordinary.drain()).isEqualTo(cleared);
        WireClient late = subscriber("late", "t/#");
        assertThat(late.drain()).containsExactlyInAnyOrder(retained("t/0", "18"), retained("t/1", "19"));
    }

    @Test
    void shouldClearTheLastValueInTheMidstOfABatch() {
        start();
        WireClient subscriber = subscriber("s", "t/#");
        fixture.connect("p")
                .sendAtOnce(
                        List.of(retained("t/1", "x"), retained("t/2", "y"), retained("t/1", ""), retained("t/3", "z")));

        assertThat(texts(subscriber)).containsExactly("x", "y", "", "z");
        assertThat(texts(subscriber("late", "t/#"))).containsExactlyInAnyOrder("y", "z");
    }

    // ---- All kinds of subscribers and of messages ----

    /** What is sent to a subscriber depends on what it is. */
    private enum Kind {
        PLAIN,
        OLD,
        IDENTIFIED,
        ALIASED,
        NARROW,
        AS_PUBLISHED,
        AT_LEAST_ONCE,
        PUBLISHER,
        TWICE;

        private static final int NARROWEST = 40;

        WireClient connect(BrokerFixture fixture, boolean oldPublisher) {
            Properties.Builder properties = Properties.builder();
            if (this == ALIASED) {
                properties.set(Property.TOPIC_ALIAS_MAXIMUM, 2);
            } else if (this == NARROW) {
                properties.set(Property.MAXIMUM_PACKET_SIZE, NARROWEST);
            }
            boolean isOld = this == OLD || this == PUBLISHER && oldPublisher;
            return isOld
                    ? fixture.connect311(name())
                    : fixture.connect(BrokerFixture.connectPacket(name(), properties.build()));
        }

        void subscribe(WireClient client) {
            Properties properties = this == IDENTIFIED
                    ? Properties.builder().subscriptionIdentifier(5).build()
                    : Properties.NONE;
            QoS qos = this == AT_LEAST_ONCE ? QoS.AT_LEAST_ONCE : AT_MOST_ONCE;
            client.send(new Packet.Subscribe(
                    1, properties, List.of(new Packet.Subscription("t/#", qos, false, this == AS_PUBLISHED, 0))));
            client.expect(Packet.SubAck.class);
            if (this == TWICE) {
                client.subscribe(AT_MOST_ONCE, "t/1");
            }
        }
    }

    /** A message as somebody gets it, or is to get it. */
    private record Got(QoS qos, boolean retain, String topic, Properties properties, String text) {}

    private static Got expected(Kind kind, Packet.Publish sent, String topic, boolean oldPublisher) {
        boolean isOld = kind == Kind.OLD || kind == Kind.PUBLISHER && oldPublisher;
        return new Got(
                kind == Kind.AT_LEAST_ONCE ? sent.qos() : AT_MOST_ONCE,
                kind == Kind.AS_PUBLISHED && sent.retain(),
                topic,
                isOld ? Properties.NONE : sent.properties().without(Property.TOPIC_ALIAS),
                WireClient.text(sent));
    }

    private static List<Got> expected(Kind kind, List<Packet.Publish> messages, boolean oldPublisher) {
        List<Got> expected = new ArrayList<>();
        Map<Long, String> aliases = new HashMap<>();
        for (Packet.Publish sent : messages) {
            long alias = sent.properties().number(Property.TOPIC_ALIAS, 0);
            String topic = sent.topic().isEmpty() ? aliases.get(alias) : sent.topic();
            aliases.put(alias, topic);
            if (topic.startsWith("t/") && (kind != Kind.NARROW || sent.payload().remaining() < 20)) {
                expected.add(expected(kind, sent, topic, oldPublisher));
            }
        }
        return expected;
    }

    private static List<Got> got(Kind kind, List<Packet> packets) {
        List<Got> got = new ArrayList<>();
        Map<Long, String> aliases = new HashMap<>();
        for (Packet packet : packets) {
            if (!(packet instanceof Packet.Publish message)) {
                assertThat(packet.type()).as("%s gets", kind).isEqualTo(PacketType.PUBACK);
                assertThat(kind).isEqualTo(Kind.PUBLISHER);
                continue;
            }
            Properties properties = message.properties();
            assertThat(properties.subscriptionIdentifiers())
                    .isEqualTo(kind == Kind.IDENTIFIED ? List.of(5) : List.of());
            long alias = properties.number(Property.TOPIC_ALIAS, 0);
            assertThat(alias).isBetween(0L, kind == Kind.ALIASED ? 2L : 0L);
            String topic = message.topic().isEmpty() ? aliases.get(alias) : message.topic();
            aliases.put(alias, topic);
            got.add(new Got(
                    message.qos(),
                    message.retain(),
                    topic,
                    properties.without(Property.TOPIC_ALIAS).without(Property.SUBSCRIPTION_IDENTIFIER),
                    WireClient.text(message)));
        }
        return got;
    }

    private static List<Packet.Publish> allKindsOfMessages(boolean oldPublisher) {
        List<Packet.Publish> messages = new ArrayList<>(List.of(
                message("t/1", "1"),
                message("t/1", "2"),
                retained("t/2", "3"),
                retained("t/3", "4"),
                message("t/1", "5")));
        if (!oldPublisher) {
            Properties expiry = Properties.builder()
                    .set(Property.MESSAGE_EXPIRY_INTERVAL, 100)
                    .build();
            Properties alias = Properties.builder().set(Property.TOPIC_ALIAS, 1).build();
            messages.addAll(List.of(
                    message(
                            "t/1",
                            "6",
                            Properties.builder().userProperty("k", "v").build()),
                    message(
                            "t/2",
                            "7",
                            Properties.builder().set(Property.CONTENT_TYPE, "c").build()),
                    message("t/1", "8", alias),
                    message("", "9", alias),
                    message("t/1", "10"),
                    message("t/1", "11", expiry),
                    message("t/1", "12"),
                    message("t/2", "13")));
        }
        messages.addAll(List.of(
                atLeastOnce("t/1", "14"),
                message("t/1", "15"),
                message("t/1", "16 ".repeat(30)),
                message("t/1", "17"),
                message("nobody's", "18"),
                message("t/1", "19"),
                retained("t/3", "20"),
                retained("t/3", ""),
                retained("t/3", "21")));
        return messages;
    }

    /** Connects all kinds, gives the broker the packets in these pieces, and checks what everybody gets. */
    private void check(boolean oldPublisher, List<Packet.Publish> messages, List<ByteBuffer> pieces) {
        try (BrokerFixture all = new BrokerFixture()) {
            Map<Kind, WireClient> clients = new HashMap<>();
            for (Kind kind : Kind.values()) {
                clients.put(kind, kind.connect(all, oldPublisher));
                kind.subscribe(clients.get(kind));
            }
            WireClient publisher = clients.get(Kind.PUBLISHER);

            pieces.forEach(publisher::receivedByBroker);

            long delivered = 0;
            for (Kind kind : Kind.values()) {
                List<Got> got = got(kind, clients.get(kind).drain());
                assertThat(got)
                        .as("what %s gets of %s", kind, pieces)
                        .isEqualTo(expected(kind, messages, oldPublisher));
                delivered += got.size();
            }
            assertThat(all.broker.stats().messagesReceived()).isEqualTo(messages.size());
            assertThat(all.broker.stats().messagesDelivered()).isEqualTo(delivered);
            assertThat(all.broker.stats().messagesDropped())
                    .as("too long for one")
                    .isEqualTo(1);
            WireClient late = all.connect("late");
            late.subscribe(AT_MOST_ONCE, "t/#");
            assertThat(late.drain()).containsExactlyInAnyOrder(retained("t/2", "3"), retained("t/3", "21"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveEachSubscriberWhatItWouldGetOfEachMessageByItself(boolean oldPublisher) {
        start();
        WireClient publisher = oldPublisher ? fixture.connect311("p") : fixture.connect("p");
        List<Packet.Publish> messages = allKindsOfMessages(oldPublisher);

        check(oldPublisher, messages, List.of(publisher.encode(messages)));
        check(
                oldPublisher,
                messages,
                messages.stream()
                        .map(message -> publisher.encode(List.of(message)))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveEachSubscriberTheSameWhereverTheBytesAreCut(boolean oldPublisher) {
        start();
        WireClient publisher = oldPublisher ? fixture.connect311("p") : fixture.connect("p");
        List<Packet.Publish> messages = allKindsOfMessages(oldPublisher);
        ByteBuffer bytes = publisher.encode(messages);
        for (int cut = 1; cut < bytes.limit(); cut++) {
            check(
                    oldPublisher,
                    messages,
                    List.of(bytes.duplicate().limit(cut), bytes.duplicate().position(cut)));
        }
    }

    @Test
    void shouldNotGiveAPublisherItsOwnMessagesWhenItSaysNoLocal() {
        start();
        WireClient publisher = fixture.connect("p");
        publisher.subscribe(new Packet.Subscription("t", AT_MOST_ONCE, true, false, 0));
        WireClient other = fixture.connect("o");
        other.subscribe(new Packet.Subscription("t", AT_MOST_ONCE, true, false, 0));

        publisher.sendAtOnce(numbered("t", 10, 1));
        other.sendAtOnce(numbered("t", 5, 2));

        assertThat(publisher.drain()).isEqualTo(numbered("t", 5, 2));
        assertThat(other.drain()).isEqualTo(numbered("t", 10, 1));
        assertThat(fixture.broker.stats().messagesDelivered()).isEqualTo(15);
    }

    @Test
    void shouldDropAndCountForASessionThatIsAwayWhatIsOfQoS0() {
        start();
        WireClient away = fixture.connect(BrokerFixture.resume("away", 60));
        away.subscribe(AT_LEAST_ONCE, "t");
        away.cut();
        WireClient there = subscriber("there", "t");

        fixture.connect("p")
                .sendAtOnce(List.of(message("t", "1"), message("t", "2"), atLeastOnce("t", "3"), message("t", "4")));

        assertThat(texts(there)).containsExactly("1", "2", "3", "4");
        assertThat(fixture.broker.stats().messagesDropped()).isEqualTo(3);
        assertThat(fixture.broker.stats().messagesDelivered()).isEqualTo(4);
        WireClient back = fixture.connect(BrokerFixture.resume("away", 60));
        assertThat(texts(back)).containsExactly("3");
    }

    @Test
    void shouldSendAtMostOnceBehindWhatWaitsForTheSubscriber() {
        start();
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
        subscriber.subscribe(AT_LEAST_ONCE, "t");

        fixture.connect("p")
                .sendAtOnce(List.of(
                        message("t", "1"),
                        atLeastOnce("t", "2"),
                        message("t", "3"),
                        atLeastOnce("t", "4"),
                        message("t", "5"),
                        message("t", "6")));

        subscriber.expectMessage("t", "1");
        int first = subscriber.expectMessage("t", "2").packetId();
        subscriber.expectMessage("t", "3");
        subscriber.expectNothing();
        subscriber.acknowledge(first);
        assertThat(texts(subscriber)).containsExactly("4", "5", "6");
    }

    @Test
    void shouldGiveAMessageToOneOfAGroupBesideThoseWhoGetAll() {
        start();
        WireClient all = subscriber("all", "t/#");
        WireClient one = subscriber("1", "$share/g/t/1");
        WireClient two = subscriber("2", "$share/g/t/1");
        List<Packet.Publish> messages = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            messages.add(message("t/" + (i / 3 % 2), "" + i));
        }

        fixture.connect("p").sendAtOnce(messages);

        assertThat(all.drain()).isEqualTo(messages);
        List<Packet> ofOne = one.drain();
        List<Packet> ofTwo = two.drain();
        List<Packet.Publish> shared = messages.stream()
                .filter(message -> message.topic().equals("t/1"))
                .toList();
        assertThat(ofOne).hasSize(shared.size() - shared.size() / 2).isSubsetOf(shared);
        assertThat(Stream.concat(ofOne.stream(), ofTwo.stream())).containsExactlyInAnyOrderElementsOf(shared);
    }

    @Test
    void shouldKeepOrderAmongTopicsOfWhichSomeHaveAHistory() {
        start(broker -> broker.history("t/h", 3));
        WireClient subscriber = subscriber("s", "t/#");
        List<Packet.Publish> messages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            messages.add(message(i % 5 == 2 ? "t/h" : "t/" + i % 2, "" + i));
        }

        fixture.connect("p").sendAtOnce(messages);

        assertThat(subscriber.drain()).isEqualTo(messages);
        WireClient late = fixture.connect("late");
        late.send(new Packet.Subscribe(
                1,
                Properties.builder().userProperty("recado-replay", "3").build(),
                List.of(new Packet.Subscription("t/#", AT_MOST_ONCE, false, false, 0))));
        late.expect(Packet.SubAck.class);
        assertThat(texts(late)).containsExactly("7", "12", "17");
    }

    // ---- What else the publisher says ----

    @Test
    void shouldDeliverWhatWasPublishedBeforeItSubscribes() {
        start();
        WireClient other = subscriber("o", "t");
        WireClient publisher = fixture.connect("p");

        publisher.sendAtOnce(List.of(
                message("t", "1"),
                retained("t", "2"),
                retained("t", "3"),
                new Packet.Subscribe(
                        1, Properties.NONE, List.of(new Packet.Subscription("t", AT_MOST_ONCE, false, false, 0))),
                message("t", "4"),
                message("t", "5")));

        assertThat(texts(other)).containsExactly("1", "2", "3", "4", "5");
        publisher.expect(Packet.SubAck.class);
        assertThat(publisher.drain()).containsExactly(retained("t", "3"), message("t", "4"), message("t", "5"));
    }

    @Test
    void shouldDeliverWhatWasPublishedBeforeItUnsubscribes() {
        start();
        WireClient publisher = subscriber("p", "t");

        publisher.sendAtOnce(List.of(
                message("t", "1"),
                message("t", "2"),
                new Packet.Unsubscribe(1, Properties.NONE, List.of("t")),
                message("t", "3")));

        publisher.expectMessage("t", "1");
        publisher.expectMessage("t", "2");
        publisher.expect(Packet.UnsubAck.class);
        publisher.expectNothing();
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(3);
    }

    @Test
    void shouldAnswerAPingBehindWhatWasPublishedBefore() {
        start();
        WireClient publisher = subscriber("p", "t");

        publisher.sendAtOnce(List.of(message("t", "1"), message("t", "2"), new Packet.PingReq(), message("t", "3")));

        List<Packet> packets = publisher.drain();
        assertThat(packets).hasSize(4).containsSubsequence(message("t", "1"), message("t", "2"), new Packet.PingResp());
        assertThat(packets).containsSubsequence(message("t", "2"), message("t", "3"));
    }

    @ParameterizedTest
    @EnumSource(
            value = ReasonCode.class,
            names = {"SUCCESS", "DISCONNECT_WITH_WILL_MESSAGE"})
    void shouldDeliverWhatWasPublishedBeforeItDisconnects(ReasonCode reason) {
        start();
        WireClient other = subscriber("o", "t");
        Packet.Will will =
                new Packet.Will(AT_MOST_ONCE, false, Properties.NONE, "t", ByteBuffer.wrap(new byte[] {'w'}));
        WireClient publisher = fixture.connect(
                new Packet.Connect(ProtocolVersion.MQTT_5, true, 0, Properties.NONE, "p", will, null, null));
        publisher.subscribe(AT_MOST_ONCE, "t");

        publisher.sendAtOnce(List.of(
                message("t", "1"),
                message("t", "2"),
                new Packet.Disconnect(reason, Properties.NONE),
                message("t", "3")));

        assertThat(texts(other)).isEqualTo(reason == ReasonCode.SUCCESS ? List.of("1", "2") : List.of("1", "2", "w"));
        assertThat(texts(publisher)).containsExactly("1", "2");
        publisher.expectClosed();
    }

    @ParameterizedTest
    @CsvSource({
        "'00 00', MALFORMED_PACKET", // a packet type that is reserved
        "'36 04 00 01 74 00', MALFORMED_PACKET", // QoS 3
        "'30 04 00 09 74 00', MALFORMED_PACKET", // a topic longer than its packet
        "'30 04 00 01 2B 00', TOPIC_NAME_INVALID", // to '+'
        "'30 04 00 01 FF 00', MALFORMED_PACKET", // to what is no UTF-8
        "'30 03 00 00 00', PROTOCOL_ERROR", // to nothing
        "'30 07 00 01 74 03 23 FF FF', TOPIC_ALIAS_INVALID",
        "'30 06 00 01 74 02 0B 01', PROTOCOL_ERROR", // with a subscription identifier
        "'D0 00', PROTOCOL_ERROR", // PINGRESP
        "'30 FF FF FF 7F', PACKET_TOO_LARGE"
    })
    void shouldDeliverWhatWasPublishedBeforeItBrokeARule(String tail, ReasonCode reason) {
        start();
        WireClient other = subscriber("o", "t");
        WireClient publisher = subscriber("p", "t");
        List<Packet.Publish> messages = numbered("t", 5, 1);
        ByteBuffer bytes = ByteBuffer.allocate(200).put(publisher.encode(messages));
        for (String octet : tail.split(" ")) {
            bytes.put((byte) Integer.parseInt(octet, 16));
        }

        publisher.receivedByBroker(
                bytes.put(publisher.encode(numbered("t", 3, 2))).flip());

        assertThat(other.drain()).isEqualTo(messages);
        List<Packet> own = publisher.drain();
        assertThat(own).hasSize(6).startsWith(messages.toArray(new Packet[0]));
        assertThat(((Packet.Disconnect) own.get(5)).reasonCode()).isEqualTo(reason);
        publisher.expectClosed();
    }

    @Test
    void shouldGoOnBehindAMessageThatIsRefused() {
        start(broker -> broker.limits(limits -> limits.maxUserProperties(1)));
        WireClient subscriber = subscriber("s", "t");

        fixture.connect("p")
                .sendAtOnce(List.of(
                        message("t", "1"), message("t", "2"), message("t", "no", described("x")), message("t", "3")));

        assertThat(texts(subscriber)).containsExactly("1", "2", "3");
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(3);
    }

    @Test
    void shouldDeliverWhatWasPublishedBeforeAMessageThatWaitsForPermission() {
        CompletableFuture<Permission> answer = new CompletableFuture<>();
        start(broker -> broker.authorizer((who, access, topic) -> access == Access.PUBLISH && topic.equals("t/2")
                ? answer
                : Permission.granted().now()));
        WireClient subscriber = subscriber("s", "t/#");
        List<Packet.Publish> messages = List.of(
                message("t/1", "1"),
                message("t/1", "2"),
                message("t/2", "3"),
                message("t/1", "4"),
                message("t/2", "5"));

        fixture.connect("p").sendAtOnce(messages);

        assertThat(texts(subscriber)).containsExactly("1", "2");
        answer.complete(Permission.granted());
        assertThat(texts(subscriber)).containsExactly("3", "4", "5");
        assertThat(fixture.broker.stats().packetsReceived())
                .isEqualTo(3 + messages.size()); // CONNECT, SUBSCRIBE, CONNECT
    }

    // ---- Slow subscribers ----

    private static final int MOST_OUTBOUND = 10_000;

    private void startNarrow() {
        start(broker ->
                broker.limits(limits -> limits.maxOutboundBytes(MOST_OUTBOUND).stallLimit(Duration.ofMillis(100))));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"PLAIN", "OLD", "IDENTIFIED", "ALIASED"})
    void shouldPauseAPublisherOnceAndLoseNothingWhileItsSubscriberLags(Kind kind) {
        startNarrow();
        WireClient subscriber = kind.connect(fixture, false);
        kind.subscribe(subscriber);
        subscriber.connection.pauseReading();
        List<Packet.Publish> messages = numbered("t/1", 60, 1_000);

        fixture.connect("p").sendAtOnce(messages);

        assertThat(fixture.broker.stats().stalls()).isEqualTo(1);
        assertThat(fixture.broker.stats().messagesReceived()).isLessThan(35);
        assertThat(fixture.broker.stats().messagesDelivered())
                .isEqualTo(fixture.broker.stats().messagesReceived());
        subscriber.connection.resumeReading();
        assertThat(got(kind, subscriber.drain())).isEqualTo(expected(kind, messages, false));
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(60);
        assertThat(fixture.broker.stats().messagesDelivered()).isEqualTo(60);
        assertThat(fixture.broker.stats().messagesDropped()).isZero();
    }

    @Test
    void shouldPauseAPublisherOnceForTwoThatLag() {
        startNarrow();
        WireClient one = subscriber("1", "t");
        WireClient two = subscriber("2", "t");
        one.connection.pauseReading();
        two.connection.pauseReading();
        List<Packet.Publish> messages = numbered("t", 60, 1_000);

        fixture.connect("p").sendAtOnce(messages);

        assertThat(fixture.broker.stats().stalls()).isEqualTo(1);
        one.connection.resumeReading();
        fixture.settle();
        assertThat(fixture.broker.stats().messagesReceived())
                .as("the other still lags")
                .isLessThan(35);
        two.connection.resumeReading();
        assertThat(one.drain()).isEqualTo(messages);
        assertThat(two.drain()).isEqualTo(messages);
    }

    @Test
    void shouldDropAndCountEachMessageForASubscriberThatStaysSlow() {
        startNarrow();
        WireClient slow = subscriber("slow", "t");
        slow.connection.pauseReading();
        WireClient healthy = subscriber("healthy", "t");
        List<Packet.Publish> messages = numbered("t", 25, 1_000);
        WireClient publisher = fixture.connect("p");
        publisher.sendAtOnce(messages);

        fixture.advance(Duration.ofMillis(101));

        assertThat(healthy.drain()).isEqualTo(messages);
        long dropped = fixture.broker.stats().messagesDropped();
        assertThat(dropped).isBetween(1L, 10L);
        publisher.sendAtOnce(numbered("t", 7, 1));
        assertThat(healthy.drain()).isEqualTo(numbered("t", 7, 1));
        assertThat(fixture.broker.stats().messagesDropped()).isEqualTo(dropped + 7);
        slow.connection.resumeReading();
        assertThat(slow.drain()).isEqualTo(messages.subList(0, 25 - (int) dropped));
        assertThat(fixture.broker.stats().messagesDelivered()).isEqualTo(25 + 7 + 25 - dropped);
    }

    // ---- Subscribers that are sent last values meanwhile ----

    @Test
    void shouldHaveNoGapAndNoRepeatForASubscriberWhoseReplayIsSlow() {
        start();
        WireClient publisher = fixture.connect("p");
        int topics = 20;
        for (int i = 0; i < topics; i++) {
            publisher.publish("t/" + i, "old", AT_LEAST_ONCE, true).expect(Packet.Ack.class);
        }
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
        subscriber.subscribe(AT_LEAST_ONCE, "t/+");
        WireClient other = fixture.connect("o");
        other.subscribe(new Packet.Subscription("t/+", AT_MOST_ONCE, false, true, 2));
        List<Packet.Publish> messages = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            for (int i = 0; i < topics; i++) {
                messages.add(retained("t/" + i, i + "=" + round));
            }
        }

        publisher.sendAtOnce(messages);

        assertThat(other.drain()).isEqualTo(messages);
        List<String> got = new ArrayList<>();
        for (List<Packet> some = subscriber.drain(); !some.isEmpty(); some = subscriber.drain()) {
            for (Packet packet : some) {
                Packet.Publish message = (Packet.Publish) packet;
                got.add(WireClient.text(message));
                if (message.qos() == AT_LEAST_ONCE) {
                    subscriber.acknowledge(message.packetId());
                }
            }
        }
        assertThat(got).filteredOn(text -> !text.equals("old")).doesNotHaveDuplicates();
        for (int i = 0; i < topics; i++) {
            assertThat(got).containsSubsequence(i + "=1", i + "=2", i + "=3");
        }
        publisher.sendAtOnce(numbered("t/1", 5, 1));
        assertThat(texts(subscriber)).containsExactly("0", "1", "2", "3", "4");
    }

    private static Packet.Subscribe subscribe(String filter, int identifier) {
        return new Packet.Subscribe(
                identifier, Properties.NONE, List.of(new Packet.Subscription(filter, AT_MOST_ONCE, false, false, 0)));
    }

    /** Its last value is stored already, and somebody else has got it, but not this one, who gets it for another filter. */
    @ParameterizedTest
    @CsvSource({"t, t/#, t/+", "t, t/#, #", "t/#, t, t/+", "t/#, t, +", "t, t, #", "t, t, t"})
    void shouldSendNoLastValueBeforeWhatWasPublishedEarlier(String others, String its, String meanwhile) {
        start();
        WireClient publisher = fixture.connect("p");
        publisher.sendAtOnce(List.of(retained("t", "0")));
        WireClient other = subscriber("o", others);
        WireClient subscriber = subscriber("s", its);
        other.drain();
        subscriber.drain();
        other.beforeNextWrite(() -> subscriber.receivedMeanwhile(subscribe(meanwhile, 1)));

        publisher.sendAtOnce(List.of(retained("t", "1"), retained("t", "2"), retained("t", "3")));

        assertThat(texts(other)).containsExactly("1", "2", "3");
        List<Packet> got = subscriber.drain();
        assertThat(got).hasAtLeastOneElementOfType(Packet.SubAck.class);
        got.removeIf(packet -> packet instanceof Packet.SubAck);
        List<String> texts = got.stream()
                .map(packet -> WireClient.text((Packet.Publish) packet))
                .toList();
        // Whoever had them all before it subscribed again gets the last value once more.
        assertThat(texts).isIn(List.of("1", "2", "3"), List.of("1", "2", "3", "3"));
        publisher.sendAtOnce(List.of(retained("t", "4"), retained("t", "5")));
        assertThat(texts(subscriber)).containsExactly("4", "5");
    }

    @Test
    void shouldSendALastValueToOneWhoComesDuringTheDeliveryToOthers() {
        start();
        WireClient publisher = fixture.connect("p");
        publisher.sendAtOnce(List.of(retained("t", "0"), retained("u", "0")));
        WireClient other = subscriber("o", "#");
        other.drain();
        WireClient subscriber = fixture.connect("s");
        other.beforeNextWrite(() -> subscriber.receivedMeanwhile(subscribe("#", 1)));

        publisher.sendAtOnce(List.of(retained("t", "1"), retained("u", "1"), retained("t", "2"), message("t", "x")));

        assertThat(texts(other)).containsExactly("1", "1", "2", "x");
        subscriber.expect(Packet.SubAck.class);
        assertThat(subscriber.drain()).containsExactlyInAnyOrder(retained("t", "2"), retained("u", "1"));
    }

    /** Something happens when the broker asks whether somebody may publish to the topic "new". */
    private void startWithSomethingBeforeNew(List<Runnable> meanwhile) {
        start(broker -> broker.authorizer((who, access, topic) -> {
            if (topic.equals("new")) {
                meanwhile.forEach(Runnable::run);
                meanwhile.clear();
            }
            return Permission.granted().now();
        }));
    }

    /** It finds a last value that is about to be replaced, by a message that was matched before it came. */
    @Test
    void shouldDeliverARunToOneWhoComesBeforeItsLastValuesAreStored() {
        List<Runnable> meanwhile = new ArrayList<>();
        startWithSomethingBeforeNew(meanwhile);
        WireClient publisher = fixture.connect("p");
        publisher.sendAtOnce(List.of(retained("t", "0")));
        WireClient other = subscriber("o", "#");
        other.drain();
        WireClient subscriber = fixture.connect("s");
        meanwhile.add(() -> subscriber.receivedMeanwhile(subscribe("t", 1)));

        publisher.sendAtOnce(List.of(retained("t", "1"), retained("t", "2"), message("new", "3"), retained("t", "4")));

        assertThat(texts(other)).containsExactly("1", "2", "3", "4");
        subscriber.expect(Packet.SubAck.class);
        assertThat(texts(subscriber)).containsExactly("0", "1", "2", "4");
    }

    @Test
    void shouldKeepAndDeliverRetainedMessagesOfEachLength() {
        start(broker -> broker.limits(limits -> limits.maxRetainedBytes(12_000)));
        WireClient subscriber = subscriber("s", "t");
        WireClient publisher = fixture.connect("p");
        List<String> texts = Stream.of(5, 3, 5, 6, 1, 9_000, 8_999, 4_903, 2, 1, 12_000, 7)
                .map("x"::repeat)
                .toList();

        publisher.sendAtOnce(texts.stream().map(text -> retained("t", text)).toList());

        assertThat(texts(subscriber)).isEqualTo(texts);
        assertThat(texts(subscriber("late", "t"))).containsExactly("xxxxxxx");
        publisher.sendAtOnce(List.of(retained("t", "x".repeat(12_001))));
        subscriber.expectNothing();
        assertThat(fixture.warnings).anyMatch(line -> line.contains("no room for the last value of 't'"));
        publisher.sendAtOnce(List.of(retained("t", "")));
        assertThat(fixture.broker.stats().retainedBytes()).isZero();
        assertThat(fixture.broker.stats().retainedMessages()).isZero();
    }

    @Test
    void shouldKeepTheLastValueOfATopicThatNobodySubscribes() {
        start();
        WireClient publisher = fixture.connect("p");
        publisher.sendAtOnce(List.of(
                retained("t", "1"), retained("t", "2"), message("t", "x"), retained("t", "3"), retained("u", "4")));
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(5);
        assertThat(texts(subscriber("s", "#"))).containsExactlyInAnyOrder("3", "4");
    }

    /** Between a message of the run and its end. */
    @Test
    void shouldKeepWhatSomebodyElseDidToALastValueThatARunHasStillToStore() {
        List<Runnable> meanwhile = new ArrayList<>();
        startWithSomethingBeforeNew(meanwhile);
        WireClient publisher = fixture.connect("p");
        publisher.sendAtOnce(List.of(retained("t", "0")));
        WireClient other = fixture.connect("o");
        WireClient subscriber = subscriber("s", "#");
        subscriber.drain();
        meanwhile.add(() -> other.receivedMeanwhile(retained("t", "")));

        publisher.sendAtOnce(List.of(retained("t", "1"), message("new", "2")));

        assertThat(texts(subscriber)).containsExactlyInAnyOrder("", "1", "2");
        subscriber("late", "#").expectNothing();
        assertThat(fixture.broker.stats().retainedMessages()).isZero();
    }

    /** It subscribes while another thread publishes: somewhere between a run's last values and its delivery, too. */
    @Test
    void shouldHaveNoGapAndNoRepeatForASubscriberThatComesDuringARun() throws Exception {
        start();
        WireClient publisher = fixture.connect("p");
        WireClient always = subscriber("always", "#");
        List<Packet.Publish> messages =
                IntStream.range(0, 2_000).mapToObj(i -> retained("t", "" + i)).toList();
        List<ByteBuffer> batches = IntStream.range(0, 20)
                .mapToObj(i -> publisher.encode(messages.subList(100 * i, 100 * i + 100)))
                .toList();
        ExecutorService another = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 300; round++) {
                // Nothing moves on the stepped transport meanwhile: the broker's ends are all that the threads touch.
                WireClient subscriber = fixture.connect("s" + round);
                ConnectionHandler subscribing = fixture.accepted.get(fixture.accepted.size() - 1);
                ConnectionHandler publishing = fixture.accepted.get(0);
                ByteBuffer subscribe = subscriber.encode(List.of(new Packet.Subscribe(
                        1, Properties.NONE, List.of(new Packet.Subscription("t", AT_MOST_ONCE, false, false, 0)))));
                CountDownLatch begun = new CountDownLatch(1 + round % 10);

                Future<?> published = another.submit(() -> batches.forEach(batch -> {
                    publishing.received(batch.duplicate());
                    begun.countDown();
                }));
                assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
                subscribing.received(subscribe);
                published.get(10, TimeUnit.SECONDS);

                subscriber.expect(Packet.SubAck.class);
                List<String> got = texts(subscriber);
                assertThat(fixture.broker.stats().messagesDropped())
                        .as("dropped for one that lags")
                        .isZero();
                assertThat(got).isNotEmpty();
                int first = Integer.parseInt(got.get(0));
                assertThat(got)
                        .isEqualTo(IntStream.range(first, 2_000)
                                .mapToObj(String::valueOf)
                                .toList());
                assertThat(texts(always)).hasSize(2_000);
                subscriber.cut();
            }
        } finally {
            another.shutdownNow();
        }
    }
}
