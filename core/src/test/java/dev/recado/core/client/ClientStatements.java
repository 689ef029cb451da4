package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.ack;
import static dev.recado.core.client.ScriptedBroker.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.auth.Credentials;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.time.ManualTimers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;

/**
 * What the standards oblige a client to, tried on a publisher and a subscriber of one version. Each method is a behaviour; the
 * tests of the subclasses name the statement that asks for it.
 */
abstract class ClientStatements {

    static final Duration SOON = Duration.ofSeconds(20);
    static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    /** A surrogate, which is no UTF-8. */
    static final int[] SURROGATE = {0xED, 0xA0, 0x80};

    /** AUTH 0x18 with the Authentication Method "riddle" and the Authentication Data "1!", and nothing else. */
    static final String RIDDLE_ANSWERED = "F0 10 18 0E 15 00 06 72 69 64 64 6C 65 16 00 02 31 21";

    /** AUTH 0x19 with the Authentication Method "riddle" and the Authentication Data "hello", and nothing else. */
    static final String RIDDLE_BEGUN_AGAIN = "F0 13 19 11 15 00 06 72 69 64 64 6C 65 16 00 05 68 65 6C 6C 6F";

    final ScriptedBroker broker = new ScriptedBroker().accepting(Properties.NONE);
    final ManualTimers timers = new ManualTimers();
    final MqttVersion version;

    ClientStatements(MqttVersion version) {
        this.version = version;
    }

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    // ---- clients

    Publisher.Builder publisher() {
        return broker.publisher().version(version).retain(false).reconnect(QUICKLY);
    }

    Subscriber.Builder subscriber() {
        return broker.subscriber().version(version).qos(QoS.EXACTLY_ONCE).reconnect(QUICKLY);
    }

    Publisher.Builder durablePublisher() {
        broker.resuming();
        return publisher().clientId("p").sessionExpiry(Duration.ofHours(1));
    }

    Subscriber.Builder durableSubscriber() {
        broker.resuming();
        return subscriber().clientId("s").sessionExpiry(Duration.ofHours(1));
    }

    static Message message(QoS qos, String payload) {
        return Message.builder("t").qos(qos).payload(payload).build();
    }

    /** The broker leaves packets of this type unanswered. */
    void ignoring(PacketType... types) {
        for (PacketType type : types) {
            broker.on(type, (session, packet) -> {});
        }
    }

    /** Ends an {@code untested_} test. */
    static void notObservable(String reason) {
        Assumptions.abort("not observable: " + reason);
    }

    // ---- bytes

    private boolean isV5() {
        return version == MqttVersion.V5;
    }

    /** A PUBLISH with these flags, this topic, and what follows it. */
    static int[] publish(int flags, int[] topic, int... rest) {
        return IntStream.concat(
                        IntStream.of(0x30 | flags, 2 + topic.length + rest.length, 0, topic.length),
                        IntStream.concat(IntStream.of(topic), IntStream.of(rest)))
                .toArray();
    }

    /** A PUBLISH of QoS 0 without properties or payload. */
    int[] publishTo(int... topic) {
        return isV5() ? publish(0, topic, 0) : publish(0, topic);
    }

    static int[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
    }

    // ---- refusing what the server must not send

    /** A subscriber that gets these bytes closes, and says why where it can. */
    void subscriberRefuses(ReasonCode code, int... bytes) {
        try (Subscriber subscriber = subscriber().reconnect(Reconnect.never()).open()) {
            refuses(code, bytes);
            assertThat(subscriber.receive(Duration.ZERO.plusMillis(1)).isPresent())
                    .isFalse();
        } catch (RecadoException e) {
            assertThat(e).hasMessageContaining("broke the protocol");
        }
    }

    /** A publisher that gets these bytes closes, and says why where it can. */
    void publisherRefuses(ReasonCode code, int... bytes) {
        try (Publisher publisher = publisher().reconnect(Reconnect.never()).open()) {
            refuses(code, bytes);
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        }
    }

    private void refuses(ReasonCode code, int... bytes) {
        Session session = broker.session();
        session.sendRaw(bytes);
        session.awaitClosed();
        if (isV5()) {
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(code);
        } else {
            assertThat(session.count(Packet.Disconnect.class)).isZero();
        }
    }

    /** The first attempt fails when the server answers CONNECT with these bytes. */
    void refusesConnAck(ReasonCode code, int... bytes) {
        broker.on(PacketType.CONNECT, (session, packet) -> session.sendRaw(bytes));
        assertThatThrownBy(() -> publisher().open()).isInstanceOf(RecadoException.class);
        Session session = broker.session();
        session.awaitClosed();
        if (isV5()) {
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(code);
        }
    }

    // ---- connecting

    void sendsConnectFirst() {
        publisher().open().close();
        subscriber().open().close();
        assertThat(broker.session().nextRaw()).startsWith("10");
        assertThat(broker.session().nextRaw()).startsWith("10");
    }

    /** All bytes of a CONNECT without and with a will. */
    String rawConnect(Publisher.Builder builder) {
        builder.open().close();
        return broker.session().nextRaw();
    }

    String rawConnect(Subscriber.Builder builder) {
        builder.open().close();
        return broker.session().nextRaw();
    }

    void refusesUserNamesThatAreNoUtf8() {
        for (String name : List.of("\uD800", "a\0")) {
            assertThatThrownBy(() -> publisher().credentials(name, "segredo").open())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("User Name");
        }
        assertThat(broker.waitingSessions()).isZero();
    }

    Publisher.Builder withUserNameAlone() {
        return publisher().clientId("p").credentials(() -> new Credentials("ana", null));
    }

    Publisher.Builder withPasswordAlone() {
        return publisher().clientId("p").credentials(() -> new Credentials(null, new byte[] {'x'}));
    }

    /** All bytes of the AUTH that answers the challenge "1". */
    String rawAnswerToAChallenge() {
        broker.on(PacketType.CONNECT, (session, packet) -> session.send(Riddle.auth("1")));
        broker.on(PacketType.AUTH, (session, packet) -> session.send(Riddle.accepting(Riddle.METHOD, "bye")));
        publisher().authentication(new Riddle()).open().close();
        return broker.session().nextRaw(PacketType.AUTH);
    }

    void pingsWhenIdle() {
        Publisher publisher = broker.publisher(timers)
                .version(version)
                .keepAlive(Duration.ofSeconds(7))
                .open();
        Session session = broker.session();
        for (int i = 0; i < 3; i++) {
            timers.advance(Duration.ofMillis(6_999));
            assertThat(session.count(Packet.PingReq.class)).isZero();
            timers.advance(Duration.ofMillis(1));
            session.next(Packet.PingReq.class);
            // Behind the PINGRESP: the answer has been seen.
            publisher.publish("x");
        }
        publisher.close();
    }

    void rejoinsItsSessionUnderItsName() {
        try (Subscriber subscriber = durableSubscriber().open()) {
            Session first = broker.session();
            first.next(Packet.Connect.class);
            first.breakOff();
            Packet.Connect again = broker.session().next(Packet.Connect.class);
            assertThat(again.clientId()).isEqualTo("s");
            assertThat(again.cleanStart()).isFalse();
            assertThat(subscriber.clientId()).isEqualTo("s");
        }
    }

    void beginsAfreshAfterACleanStart() {
        ignoring(PacketType.PUBLISH);
        try (Publisher publisher = publisher().open()) {
            Session first = broker.session();
            publisher.publishAsync(message(QoS.AT_LEAST_ONCE, "1"));
            first.next(Packet.Publish.class);
            broker.onAsUsual(PacketType.PUBLISH);
            first.breakOff();
            Session second = broker.session();
            assertThat(second.next(Packet.Connect.class).cleanStart()).isTrue();
            assertThat(second.next(Packet.Publish.class).dup()).isFalse();
        }
    }

    // ---- identifiers

    void picksIdentifiersNotInUse() {
        ignoring(PacketType.PUBLISH);
        try (Publisher publisher = publisher().timeout(Duration.ofSeconds(1)).open()) {
            Session session = broker.session();
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                publisher.publishAsync(message(QoS.of(1 + i % 2), "x"));
                ids.add(session.next(Packet.Publish.class).packetId());
            }
            assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id > 0);
            // One that is free again may come back, those in use may not.
            session.send(ack(PacketType.PUBACK, ids.remove(0)));
            for (int i = 0; i < 20; i++) {
                publisher.publishAsync(message(QoS.AT_LEAST_ONCE, "x"));
                ids.add(session.next(Packet.Publish.class).packetId());
            }
            assertThat(ids).doesNotHaveDuplicates();
            session.breakOff();
            broker.onAsUsual(PacketType.PUBLISH);
        }
    }

    void repeatsIdentifiersInAcknowledgements() {
        try (Subscriber subscriber = subscriber().onMessage(m -> {}).open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(ScriptedBroker.message("t/a", "1", 0x1234));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBACK, 0x1234));
            session.send(ScriptedBroker.message("t/a", "2", QoS.EXACTLY_ONCE, 0x2345, false));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 0x2345));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBCOMP, 0x2345));
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
        try (Publisher publisher = publisher().open()) {
            Session session = broker.session();
            publisher.publish(message(QoS.EXACTLY_ONCE, "x"));
            int id = session.next(Packet.Publish.class).packetId();
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, id));
        }
    }

    // ---- publishing

    String rawPublish(Message message) {
        try (Publisher publisher = publisher().open()) {
            publisher.publish(message);
            return broker.session().nextRaw(PacketType.PUBLISH);
        }
    }

    String rawPubRel() {
        try (Publisher publisher = publisher().open()) {
            publisher.publish(message(QoS.EXACTLY_ONCE, "x"));
            return broker.session().nextRaw(PacketType.PUBREL);
        }
    }

    /** What a subscriber answers to packet 7. */
    String rawAnswer(QoS qos, PacketType answer) {
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(ScriptedBroker.message("t/a", "x", qos, 7, false));
            assertThat(subscriber.receive(SOON)).isPresent();
            return session.nextRaw(answer);
        }
    }

    void refusesWildcardsInTopicNames() {
        assertThatThrownBy(() -> publisher().topic("a/+")).isInstanceOf(IllegalArgumentException.class);
        try (Publisher publisher = publisher().topicsUnder("#").open()) {
            for (String topic : List.of("a/+", "#", "a#")) {
                assertThatThrownBy(() -> publisher.publish(topic, "x"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(topic);
            }
        }
        broker.session();
        subscriberRefuses(ReasonCode.TOPIC_NAME_INVALID, publishTo('a', '/', '+'));
    }

    void refusesEmptyTopics() {
        assertThatThrownBy(() -> publisher().topic("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> subscriber().topic("")).isInstanceOf(IllegalArgumentException.class);
        subscriberRefuses(isV5() ? ReasonCode.PROTOCOL_ERROR : ReasonCode.TOPIC_NAME_INVALID, publishTo());
    }

    void refusesZeroInTopics() {
        assertThatThrownBy(() -> publisher().topic("a\0")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> subscriber().topic("a\0")).isInstanceOf(IllegalArgumentException.class);
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publishTo('a', 0));
    }

    void keepsByteOrderMarks() {
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.sendRaw(publishTo(0xEF, 0xBB, 0xBF, 'a'));
            assertThat(subscriber.receive(SOON)).map(Message::topic).contains("\uFEFFa");
        }
        try (Publisher publisher = publisher().topic("\uFEFFa").open()) {
            publisher.publish("x");
            assertThat(broker.session().nextRaw(PacketType.PUBLISH)).contains("00 04 EF BB BF 61");
        }
    }

    void neverSetsDupAtQos0() {
        try (Publisher publisher = durablePublisher().qos(QoS.AT_MOST_ONCE).open()) {
            Session first = broker.session();
            publisher.publish("1");
            assertThat(first.nextRaw(PacketType.PUBLISH)).startsWith("30");
            first.breakOff();
            Session second = broker.session();
            publisher.publish("2");
            assertThat(second.nextRaw(PacketType.PUBLISH)).startsWith("30");
        }
    }

    void publishesFirstWithoutDup(QoS qos) {
        try (Publisher publisher = publisher().open()) {
            publisher.publish(message(qos, "x"));
            Packet.Publish publish = broker.session().next(Packet.Publish.class);
            assertThat(publish.dup()).isFalse();
            assertThat(publish.qos()).isEqualTo(qos);
            assertThat(publish.packetId()).isPositive();
        }
    }

    /** What is not acknowledged comes again: in order, with DUP, under the old identifiers; what is, does not. */
    void sendsAgainWhatIsUnacknowledged(QoS qos) {
        ignoring(PacketType.PUBLISH);
        try (Publisher publisher = durablePublisher().open()) {
            Session first = broker.session();
            List<Integer> ids = new ArrayList<>();
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(publisher.publishAsync(message(qos, "m" + i)));
                ids.add(first.next(Packet.Publish.class).packetId());
            }
            first.send(ack(
                    qos == QoS.AT_LEAST_ONCE ? PacketType.PUBACK : PacketType.PUBREC,
                    ids.get(2),
                    isV5() ? ReasonCode.NOT_AUTHORIZED : ReasonCode.SUCCESS));
            if (isV5() || qos == QoS.AT_LEAST_ONCE) {
                await().atMost(SOON).until(calls.get(2)::isDone);
            } else {
                first.next(Packet.Ack.class);
            }
            broker.onAsUsual(PacketType.PUBLISH);
            first.breakOff();
            Session second = broker.session();
            for (int i : new int[] {0, 1, 3, 4}) {
                Packet.Publish again = second.next(Packet.Publish.class);
                assertThat(text(again)).isEqualTo("m" + i);
                assertThat(again.packetId()).isEqualTo(ids.get(i));
                assertThat(again.dup()).isTrue();
            }
            for (int i : new int[] {0, 1, 3, 4}) {
                assertThat(calls.get(i)).succeedsWithin(SOON);
            }
            assertThat(second.count(Packet.Publish.class)).isZero();
        }
    }

    /** PUBREL until PUBCOMP, also on the next connection, where the PUBLISH does not come again. */
    void releasesAgainAndPublishesNoMore() {
        ignoring(PacketType.PUBREL);
        try (Publisher publisher = durablePublisher().open()) {
            Session first = broker.session();
            CompletableFuture<Void> call = publisher.publishAsync(message(QoS.EXACTLY_ONCE, "x"));
            int id = first.next(Packet.Publish.class).packetId();
            assertThat(first.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, id));
            first.breakOff();
            Session second = broker.session();
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, id));
            assertThat(call).isNotDone();
            second.send(ack(PacketType.PUBCOMP, id));
            assertThat(call).succeedsWithin(SOON);
            assertThat(second.count(Packet.Publish.class)).isZero();
            broker.onAsUsual(PacketType.PUBREL);
        }
    }

    void answersPubRecWithPubRelInTheirOrder() {
        ignoring(PacketType.PUBLISH, PacketType.PUBREL);
        try (Publisher publisher = publisher().timeout(Duration.ofSeconds(1)).open()) {
            Session session = broker.session();
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                publisher.publishAsync(message(QoS.EXACTLY_ONCE, "m" + i));
                ids.add(session.next(Packet.Publish.class).packetId());
            }
            for (int i : new int[] {1, 2, 0}) {
                session.write(ack(PacketType.PUBREC, ids.get(i)));
            }
            session.connection.flush();
            for (int i : new int[] {1, 2, 0}) {
                assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, ids.get(i)));
            }
            session.breakOff();
            broker.onAsUsual(PacketType.PUBLISH);
        }
    }

    // ---- receiving

    void answersAsTheQosDemands() {
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(
                    ScriptedBroker.message("t/a", "0"),
                    ScriptedBroker.message("t/a", "1", 1),
                    ScriptedBroker.message("t/a", "2", QoS.EXACTLY_ONCE, 2, false));
            for (int i = 0; i < 3; i++) {
                assertThat(subscriber.receive(SOON)).map(Message::text).contains(String.valueOf(i));
            }
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBACK, 1));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 2));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBCOMP, 2));
        }
    }

    void acknowledgesWhatTheProgramFailsOn() {
        try (Subscriber subscriber = subscriber()
                .onMessage(m -> {
                    throw new IllegalStateException("for the log");
                })
                .open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(
                    ScriptedBroker.message("t/a", "1", 1),
                    ScriptedBroker.message("t/a", "2", QoS.EXACTLY_ONCE, 2, false));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBACK, 1));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 2));
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    void takesAnIdentifierAfterPubAckForANewMessage() {
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(ScriptedBroker.message("t/a", "1", 7));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("1");
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBACK, 7));
            session.send(ScriptedBroker.message("t/a", "2", QoS.AT_LEAST_ONCE, 7, true));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("2");
        }
    }

    void handsARepeatedMessageOutOnceUntilItIsReleased() {
        ignoring(PacketType.PUBREC);
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(ScriptedBroker.message("t/a", "1", QoS.EXACTLY_ONCE, 7, false));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("1");
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 7));
            session.send(ScriptedBroker.message("t/a", "1", QoS.EXACTLY_ONCE, 7, true));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 7));
            session.send(ack(PacketType.PUBREL, 7));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBCOMP, 7));
            session.send(ScriptedBroker.message("t/a", "2", QoS.EXACTLY_ONCE, 7, false));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("2");
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 7));
        }
    }

    void acknowledgesInTheOrderOfArrival(QoS qos) {
        ignoring(PacketType.PUBREC);
        PacketType answer = qos == QoS.AT_LEAST_ONCE ? PacketType.PUBACK : PacketType.PUBREC;
        try (Subscriber subscriber = subscriber().manualAck().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            List<Message> messages = new ArrayList<>();
            for (int id : new int[] {30, 10, 20}) {
                session.send(ScriptedBroker.message("t/a", "x", qos, id, false));
                messages.add(subscriber.receive(SOON).orElseThrow());
            }
            subscriber.acknowledge(messages.get(2));
            subscriber.acknowledge(messages.get(1));
            subscriber.acknowledge(messages.get(0));
            for (int id : new int[] {30, 10, 20}) {
                assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(answer, id));
            }
        }
    }

    // ---- filters

    void refusesFilters(String... filters) {
        for (String filter : filters) {
            assertThatThrownBy(() -> subscriber().topic(filter))
                    .as(filter)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("topic filter");
        }
    }

    String rawSubscribe() {
        subscriber().topic("$share/g/u").open().close();
        return broker.session().nextRaw(PacketType.SUBSCRIBE);
    }

    String rawUnsubscribe() {
        subscriber().topic("u").open().close();
        return broker.session().nextRaw(PacketType.UNSUBSCRIBE);
    }

    // ---- the end

    void closesBehindItsDisconnect() {
        publisher().open().close();
        Session session = broker.session();
        assertThat(session.nextRaw(PacketType.DISCONNECT)).isEqualTo("E0 00");
        session.awaitClosed();
    }

    void sendsNothingBehindItsDisconnect() {
        for (int round = 0; round < 20; round++) {
            Publisher publisher = publisher().open();
            Session session = broker.session();
            CompletableFuture<Void> publishing = Background.run(() -> {
                while (publisher.state() == ConnectionState.CONNECTED) {
                    publisher.publishAsync("x");
                }
            });
            session.next(Packet.Publish.class);
            publisher.close();
            assertThat(publishing)
                    .satisfiesAnyOf(
                            call -> assertThat(call).succeedsWithin(SOON),
                            call -> assertThat(call).failsWithin(SOON));
            session.awaitClosed();
            session.next(Packet.Disconnect.class);
            assertThat(session.count(Packet.class))
                    .as("packets behind DISCONNECT")
                    .isZero();
        }
    }
}
