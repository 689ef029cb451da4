package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.ack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.auth.ClientAuthentication;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** MQTT 5, chapters 4 and 6, as far as it binds a client. */
class ClientStatementsV5OperationTest extends ClientStatements {

    private static final String NO_WEB_SOCKET = "this client has no WebSocket";

    ClientStatementsV5OperationTest() {
        super(MqttVersion.V5);
    }

    @Test
    void required_v5_4_1_0_1_sessionStateShouldLastAsLongAsTheConnection() {
        handsARepeatedMessageOutOnceUntilItIsReleased();
    }

    @Test
    void untested_v5_4_2_0_1_transportShouldBeAnOrderedByteStream() {
        notObservable("it says what transports a client has");
    }

    @Test
    void required_v5_4_3_1_1_dupShouldBeZeroAtQos0() {
        neverSetsDupAtQos0();
    }

    @Test
    void required_v5_4_3_2_1_identifiersShouldNotBeInUseAtQos1() {
        picksIdentifiersNotInUse();
    }

    @Test
    void required_v5_4_3_2_2_firstTransmissionAtQos1ShouldHaveNoDup() {
        publishesFirstWithoutDup(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v5_4_3_2_3_messageShouldBeUnacknowledgedUntilPubAck() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v5_4_3_2_4_qos1ShouldBeAnsweredWithPubAck() {
        repeatsIdentifiersInAcknowledgements();
    }

    @Test
    void required_v5_4_3_2_5_identifierShouldBeNewAfterPubAck() {
        takesAnIdentifierAfterPubAckForANewMessage();
    }

    @Test
    void required_v5_4_3_3_1_identifiersShouldNotBeInUseAtQos2() {
        picksIdentifiersNotInUse();
    }

    @Test
    void required_v5_4_3_3_2_firstTransmissionAtQos2ShouldHaveNoDup() {
        publishesFirstWithoutDup(QoS.EXACTLY_ONCE);
    }

    @Test
    void required_v5_4_3_3_3_messageShouldBeUnacknowledgedUntilPubRec() {
        sendsAgainWhatIsUnacknowledged(QoS.EXACTLY_ONCE);
    }

    @Test
    void required_v5_4_3_3_4_pubRecShouldBeAnsweredWithPubRel() {
        answersPubRecWithPubRelInTheirOrder();
    }

    @Test
    void required_v5_4_3_3_5_pubRelShouldBeUnacknowledgedUntilPubComp() {
        releasesAgainAndPublishesNoMore();
    }

    @Test
    void required_v5_4_3_3_6_nothingShouldBePublishedAgainBehindItsPubRel() {
        releasesAgainAndPublishesNoMore();
    }

    @Test
    void required_v5_4_3_3_7_whatIsSentShouldNotExpire() {
        ignoring(PacketType.PUBLISH);
        broker.resuming();
        Publisher publisher = broker.publisher(timers)
                .clientId("p")
                .sessionExpiry(Duration.ofHours(1))
                .qos(QoS.EXACTLY_ONCE)
                .open();
        Session first = broker.session();
        CompletableFuture<Void> call = publisher.publishAsync(
                Message.builder("t").expiry(Duration.ofSeconds(1)).build());
        int id = first.next(Packet.Publish.class).packetId();
        timers.advance(Duration.ofSeconds(5));
        broker.onAsUsual(PacketType.PUBLISH);
        first.breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
        timers.advance(Duration.ofSeconds(1));
        assertThat(broker.session().next(Packet.Publish.class).packetId()).isEqualTo(id);
        assertThat(call).succeedsWithin(SOON);
        publisher.close();
    }

    @Test
    void required_v5_4_3_3_8_qos2ShouldBeAnsweredWithPubRec() {
        repeatsIdentifiersInAcknowledgements();
    }

    @Test
    void untested_v5_4_3_3_9_identifierShouldBeNewAfterARefusal() {
        notObservable("this client refuses no message with PUBREC");
    }

    @Test
    void required_v5_4_3_3_10_repeatedMessageShouldBeAnsweredAndNotHandedOut() {
        handsARepeatedMessageOutOnceUntilItIsReleased();
    }

    @Test
    void required_v5_4_3_3_11_pubRelShouldBeAnsweredWithPubComp() {
        repeatsIdentifiersInAcknowledgements();
    }

    @Test
    void required_v5_4_3_3_12_identifierShouldBeNewAfterPubComp() {
        handsARepeatedMessageOutOnceUntilItIsReleased();
    }

    @Test
    void required_v5_4_3_3_13_exchangeShouldEndThoughTheMessageExpires() {
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.sendRaw(publish(4, utf8("t"), 0, 7, 5, 2, 0, 0, 0, 0));
            assertThat(subscriber.receive(SOON)).isPresent();
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 7));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBCOMP, 7));
        }
    }

    @Test
    void required_v5_4_4_0_1_unacknowledgedPacketsShouldBeRepeatedUnderTheirIdentifiers() {
        sendsAgainWhatIsUnacknowledged(QoS.EXACTLY_ONCE);
        broker.onAsUsual(PacketType.PUBLISH);
    }

    @Test
    void required_v5_4_4_0_2_refusedMessagesShouldNotBeSentAgain() {
        sendsAgainWhatIsUnacknowledged(QoS.EXACTLY_ONCE);
    }

    @Test
    void required_v5_4_5_0_2_messagesShouldBeAcknowledgedWhateverTheProgramDoes() {
        acknowledgesWhatTheProgramFailsOn();
    }

    @Test
    void required_v5_4_6_0_1_messagesShouldBeSentAgainInTheirOrder() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v5_4_6_0_2_pubAcksShouldKeepTheOrderOfArrival() {
        acknowledgesInTheOrderOfArrival(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v5_4_6_0_3_pubRecsShouldKeepTheOrderOfArrival() {
        acknowledgesInTheOrderOfArrival(QoS.EXACTLY_ONCE);
    }

    @Test
    void required_v5_4_6_0_4_pubRelsShouldKeepTheOrderOfPubRecs() {
        answersPubRecWithPubRelInTheirOrder();
    }

    @Test
    void required_v5_4_7_0_1_wildcardsShouldNotBeInTopicNames() {
        refusesWildcardsInTopicNames();
    }

    @Test
    void required_v5_4_7_1_1_numberSignShouldBeTheLastLevel() {
        refusesFilters("a/#/b", "a#", "#/a");
    }

    @Test
    void required_v5_4_7_1_2_plusShouldBeAWholeLevel() {
        refusesFilters("a+", "+a/b", "a/b+/c");
        subscriber().topic("+/b").topic("a/+/c").open().close();
    }

    @Test
    void required_v5_4_7_3_1_topicsShouldNotBeEmpty() {
        refusesEmptyTopics();
    }

    @Test
    void required_v5_4_7_3_2_topicsShouldNotContainZero() {
        refusesZeroInTopics();
    }

    @Test
    void required_v5_4_7_3_3_topicsShouldNotBeTooLong() {
        assertThatThrownBy(() -> publisher().topic("x".repeat(65_536))).isInstanceOf(IllegalArgumentException.class);
        refusesFilters("x".repeat(65_536));
    }

    @Test
    void required_v5_4_8_2_1_shareNameShouldNotBeEmpty() {
        refusesFilters("$share//t");
    }

    @Test
    void required_v5_4_8_2_2_shareNameShouldBeFollowedByAFilter() {
        refusesFilters("$share/g", "$share/g/", "$share/g+/t", "$share/#/t");
    }

    @Test
    void required_v5_4_9_0_1_sendQuotaShouldBeTheReceiveMaximum() {
        ignoring(PacketType.PUBLISH);
        broker.accepting(Properties.builder().set(Property.RECEIVE_MAXIMUM, 3).build());
        try (Publisher publisher = publisher().timeout(Duration.ofSeconds(1)).open()) {
            Session session = broker.session();
            for (int i = 0; i < 5; i++) {
                publisher.publishAsync("m" + i);
            }
            for (int i = 0; i < 3; i++) {
                session.next(Packet.Publish.class);
            }
            CompletableFuture<Void> flush = Background.run(publisher::flush);
            assertThat(flush).failsWithin(SOON);
            assertThat(session.count(Packet.Publish.class)).isZero();
            session.breakOff();
            broker.onAsUsual(PacketType.PUBLISH);
        }
    }

    @Test
    void required_v5_4_9_0_2_moreThanTheReceiveMaximumShouldBeRefused() {
        try (Subscriber subscriber = subscriber().buffer(2).manualAck().open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(ScriptedBroker.message("t/a", "1", 1), ScriptedBroker.message("t/a", "2", 2));
            assertThat(subscriber.receive(SOON)).isPresent();
            assertThat(subscriber.receive(SOON)).isPresent();
            session.send(ScriptedBroker.message("t/a", "3", 3));
            assertThat(session.next(Packet.Disconnect.class).reasonCode())
                    .isEqualTo(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
            session.awaitClosed();
        }
    }

    @Test
    void required_v5_4_9_0_3_otherPacketsShouldBeHandledAtZeroQuota() {
        ignoring(PacketType.PUBLISH);
        broker.accepting(Properties.builder().set(Property.RECEIVE_MAXIMUM, 1).build());
        try (Publisher publisher = publisher().timeout(Duration.ofSeconds(1)).open()) {
            Session session = broker.session();
            publisher.publishAsync(message(QoS.EXACTLY_ONCE, "x"));
            publisher.publishAsync(message(QoS.EXACTLY_ONCE, "y"));
            int id = session.next(Packet.Publish.class).packetId();
            session.send(ack(PacketType.PUBREC, id));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, id));
            broker.onAsUsual(PacketType.PUBLISH);
        }
    }

    @Test
    void required_v5_4_12_0_3_challengesShouldBeAnsweredWithAuth() {
        assertThat(rawAnswerToAChallenge()).startsWith("F0 10 18 0E");
    }

    @Test
    void required_v5_4_12_0_5_methodShouldBeRepeated() {
        assertThat(rawAnswerToAChallenge()).isEqualTo(RIDDLE_ANSWERED);
        for (Packet other : new Packet[] {
            Riddle.auth(ReasonCode.CONTINUE_AUTHENTICATION, "other", "1"),
            Riddle.auth(ReasonCode.CONTINUE_AUTHENTICATION, null, null),
            Riddle.accepting("other", "bye"),
            Riddle.accepting(null, null)
        }) {
            broker.on(PacketType.CONNECT, (session, packet) -> session.send(other));
            assertThatThrownBy(() -> publisher().authentication(new Riddle()).open())
                    .as(other.toString())
                    .hasMessageContaining("MQTT-4.12.0-5");
            Session session = broker.session();
            session.awaitClosed();
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
        }
    }

    @Test
    void required_v5_4_12_0_7_noAuthShouldBeSentWithoutAMethod() {
        publisherRefuses(ReasonCode.PROTOCOL_ERROR, 0xF0, 2, 0x18, 0);
    }

    @Test
    void required_v5_4_12_1_1_authenticatingAgainShouldNameTheFirstMethod() {
        acceptingRiddles();
        broker.on(PacketType.AUTH, (session, packet) -> session.send(Riddle.success("bye")));
        Iterator<String> names = List.of(Riddle.METHOD, "other").iterator();
        ClientAuthentication renamed = new ClientAuthentication() {
            @Override
            public String method() {
                return names.next();
            }

            @Override
            public Exchange begin() {
                return new Riddle().begin();
            }
        };
        try (Publisher publisher = publisher().authentication(renamed).open()) {
            assertThat(publisher.reauthenticate()).succeedsWithin(SOON);
        }
        assertThat(broker.session().nextRaw(PacketType.AUTH)).isEqualTo(RIDDLE_BEGUN_AGAIN);
        try (Subscriber subscriber = subscriber().authentication(new Riddle()).open()) {
            assertThat(subscriber.reauthenticate()).succeedsWithin(SOON);
        }
        assertThat(broker.session().nextRaw(PacketType.AUTH)).isEqualTo(RIDDLE_BEGUN_AGAIN);
    }

    @Test
    void required_v5_4_12_1_2_failingToAuthenticateAgainShouldEndTheConnection() {
        acceptingRiddles();
        for (Packet answer : new Packet[] {
            Riddle.success("wrong"),
            Riddle.auth(null),
            new Packet.Disconnect(ReasonCode.NOT_AUTHORIZED, Properties.NONE)
        }) {
            broker.on(PacketType.AUTH, (session, packet) -> session.send(answer));
            try (Publisher publisher = publisher().authentication(new Riddle()).open()) {
                assertThat(publisher.reauthenticate())
                        .as(answer.toString())
                        .failsWithin(SOON)
                        .withThrowableOfType(ExecutionException.class)
                        .withCauseInstanceOf(RefusedException.class);
                Session session = broker.session();
                session.awaitClosed();
                if (answer instanceof Packet.Auth) {
                    assertThat(session.next(Packet.Disconnect.class).reasonCode())
                            .isEqualTo(ReasonCode.UNSPECIFIED_ERROR);
                }
                await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            }
        }
    }

    private void acceptingRiddles() {
        broker.on(PacketType.CONNECT, (session, packet) -> session.send(Riddle.accepting(Riddle.METHOD, "bye")));
    }

    @Test
    void required_v5_4_13_2_1_connectionShouldBeClosedAfterAnErrorOfTheServers() {
        try (Publisher publisher = publisher().open()) {
            Session session = broker.session();
            session.send(new Packet.Disconnect(ReasonCode.NOT_AUTHORIZED, Properties.NONE));
            session.awaitClosed();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        }
    }

    @Test
    void untested_v5_6_0_0_1_framesShouldBeBinary() {
        notObservable(NO_WEB_SOCKET);
    }

    @Test
    void untested_v5_6_0_0_2_packetsShouldNotDependOnFrames() {
        notObservable(NO_WEB_SOCKET);
    }

    @Test
    void untested_v5_6_0_0_3_subProtocolShouldBeMqtt() {
        notObservable(NO_WEB_SOCKET);
    }
}
