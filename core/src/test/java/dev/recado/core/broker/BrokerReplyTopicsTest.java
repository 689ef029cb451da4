package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerReplyTopicsTest {

    private static final Properties ASKING =
            Properties.builder().set(Property.REQUEST_RESPONSE_INFORMATION, 1).build();

    private static String told(BrokerFixture fixture, String clientId, Properties properties) {
        WireClient client = fixture.open();
        client.send(BrokerFixture.connectPacket(clientId, properties));
        Packet.ConnAck answer = client.expect(Packet.ConnAck.class);
        assertThat(answer.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        return answer.properties().text(Property.RESPONSE_INFORMATION);
    }

    // ---- Response Information

    @Test
    void shouldTellAClientThatAsksItsReplyTopic() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            assertThat(told(fixture, "ana", ASKING)).isEqualTo("$recado/reply/ana");
            assertThat(told(fixture, "bea", Properties.NONE)).isNull();
        }
    }

    @Test
    void shouldTellTheAssignedIdentifierInTheReplyTopic() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient client = fixture.open();
            client.send(BrokerFixture.connectPacket("", ASKING));
            Properties announced = client.expect(Packet.ConnAck.class).properties();
            assertThat(announced.text(Property.RESPONSE_INFORMATION))
                    .isEqualTo("$recado/reply/" + announced.text(Property.ASSIGNED_CLIENT_IDENTIFIER));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a+", "#", "/"})
    void shouldTellNothingToAClientWhoseIdentifierIsNoLevelOfATopic(String clientId) {
        try (BrokerFixture fixture = new BrokerFixture()) {
            assertThat(told(fixture, clientId, ASKING)).isNull();
        }
    }

    @Test
    void shouldTellNothingToAClientWhoseReplyTopicWouldBeTooLong() {
        try (BrokerFixture fixture =
                new BrokerFixture(builder -> builder.limits(l -> l.maxPacketSizeBeforeConnect(200_000)))) {
            assertThat(told(fixture, "x".repeat(65_535 - "$recado/reply/".length()), ASKING))
                    .hasSize(65_535);
            assertThat(told(fixture, "y".repeat(65_536 - "$recado/reply/".length()), ASKING))
                    .isNull();
        }
    }

    @Test
    void shouldTellNothingWhereTopicsMayNotHaveThatManyLevels() {
        try (BrokerFixture fixture = new BrokerFixture(builder -> builder.limits(l -> l.maxTopicLevels(2)))) {
            assertThat(told(fixture, "ana", ASKING)).isNull();
        }
    }

    @Test
    void shouldTellWhatTheProgramSaysInsteadOfTheReplyTopic() {
        try (BrokerFixture fixture = new BrokerFixture(builder -> builder.responseInformation("answers/"))) {
            assertThat(told(fixture, "ana", ASKING)).isEqualTo("answers/");
        }
    }

    @Test
    void shouldLeaveResponseInformationOutWhereItDoesNotFit() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            Properties small = Properties.builder()
                    .set(Property.REQUEST_RESPONSE_INFORMATION, 1)
                    .set(Property.MAXIMUM_PACKET_SIZE, 40)
                    .build();
            assertThat(told(fixture, "somebody-with-a-longish-name", small)).isNull();
        }
    }

    // ---- subscribing

    @Test
    void shouldLetAClientSubscribeToItsReplyTopicOnly() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient ana = fixture.connect("ana");
            assertThat(ana.subscribe(
                            AT_LEAST_ONCE,
                            "$recado/reply/ana",
                            "$recado/reply/bea",
                            "$recado/reply/+",
                            "$recado/reply/#",
                            "$share/g/$recado/reply/ana",
                            "$share/g/$recado/reply/bea"))
                    .containsExactly(
                            ReasonCode.GRANTED_QOS_1,
                            ReasonCode.NOT_AUTHORIZED,
                            ReasonCode.NOT_AUTHORIZED,
                            ReasonCode.NOT_AUTHORIZED,
                            ReasonCode.NOT_AUTHORIZED,
                            ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Test
    void shouldNameTheFilterAndTheClientThatMayNotSubscribe() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient ana = fixture.connect("ana");
            ana.send(new Packet.Subscribe(
                    3,
                    Properties.NONE,
                    List.of(new Packet.Subscription("$recado/reply/bea", AT_MOST_ONCE, false, false, 0))));
            assertThat(ana.expect(Packet.SubAck.class).properties().text(Property.REASON_STRING))
                    .contains("$recado/reply/bea", "'ana'");
        }
    }

    @Test
    void shouldTakeWhatItToldASubscriberForStated() {
        try (BrokerFixture fixture = new BrokerFixture(builder -> builder.responseInformation("answers/"))) {
            Properties.Builder stating = Properties.builder()
                    .set(Property.REQUEST_RESPONSE_INFORMATION, 1)
                    .userProperty("recado-role", "subscriber")
                    .userProperty("recado-topic", "$recado/reply/ana");
            WireClient ana = fixture.connect(BrokerFixture.connectPacket("ana", stating.build()));
            assertThat(ana.subscribe(AT_LEAST_ONCE, "answers/1", "other"))
                    .containsExactly(ReasonCode.GRANTED_QOS_1, ReasonCode.NOT_AUTHORIZED);
        }
    }

    // ---- publishing

    @Test
    void shouldBringARepliesPropertiesToItsClient() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient ana = fixture.connect("ana");
            ana.subscribe(AT_LEAST_ONCE, "$recado/reply/ana");
            WireClient bea = fixture.connect("bea");
            Properties correlated = Properties.builder()
                    .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}))
                    .build();
            bea.publish("$recado/reply/ana", "first", AT_LEAST_ONCE, false, correlated);
            bea.expectAnswer(PacketType.PUBACK, 7, ReasonCode.SUCCESS);
            bea.publish("$recado/reply/ana", "second", AT_LEAST_ONCE, false, correlated);
            bea.expectAnswer(PacketType.PUBACK, 7, ReasonCode.SUCCESS);
            assertThat(ana.expectMessage("$recado/reply/ana", "first")
                            .properties()
                            .bytes(Property.CORRELATION_DATA))
                    .isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
            ana.expectMessage("$recado/reply/ana", "second");
        }
    }

    @Test
    void shouldShowRepliesToNobodyElse() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient spy = fixture.connect("spy");
            spy.subscribe(AT_LEAST_ONCE, "#", "$recado/#", "$recado/+/ana", "+/reply/ana");
            spy.drain();
            WireClient bea = fixture.connect("bea");
            bea.publish("$recado/reply/ana", "secret", AT_LEAST_ONCE, false);
            bea.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            spy.expectNothing();
        }
    }

    @Test
    void shouldSeeTheEndOfASubscriptionThatRepliesWentTo() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient bea = fixture.connect("bea");
            WireClient ana = fixture.connect("ana");
            ana.subscribe(AT_LEAST_ONCE, "$recado/reply/ana");
            bea.publish("$recado/reply/ana", "x", AT_LEAST_ONCE, false);
            bea.expectAnswer(PacketType.PUBACK, 7, ReasonCode.SUCCESS);
            ana.cut();
            bea.publish("$recado/reply/ana", "y", AT_LEAST_ONCE, false);
            bea.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        }
    }

    @Test
    void shouldNotCatalogueReplyTopics() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient ana = fixture.connectAs("subscriber", "$recado/reply/subscriber");
            assertThat(ana.subscribe(AT_LEAST_ONCE, "$recado/reply/subscriber"))
                    .containsExactly(ReasonCode.GRANTED_QOS_1);
            WireClient bea = fixture.connectAs("publisher", "$recado/reply/subscriber");
            bea.publish("$recado/reply/subscriber", "x", AT_LEAST_ONCE, false);
            ana.expectMessage("$recado/reply/subscriber", "x");
            assertThat(fixture.broker.topics()).isEmpty();
            assertThat(fixture.broker.stats().topics()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not empty"})
    void shouldRefuseARetainedReply(String text) {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient ana = fixture.connect("ana");
            ana.subscribe(AT_LEAST_ONCE, "$recado/reply/ana");
            WireClient bea = fixture.connect("bea");
            bea.publish("$recado/reply/ana", text, AT_LEAST_ONCE, true);
            Packet.Ack refused = bea.expectAnswer(PacketType.PUBACK, 7, ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
            assertThat(refused.properties().text(Property.REASON_STRING)).contains("$recado/reply/ana", "last value");
            bea.publish("$recado/reply/ana", text, AT_MOST_ONCE, true);
            bea.expectDisconnect(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
            ana.expectNothing();
            assertThat(fixture.broker.stats().retainedMessages()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"$recado/reply", "$recado/reply/", "$recado/reply/a/b", "$recado/topics/x", "$recado/x"})
    void shouldKeepTheRestOfItsTopicsClosedToPublishers(String topic) {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient client = fixture.connect("c");
            client.publish(topic, "x", AT_LEAST_ONCE, false);
            client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.TOPIC_NAME_INVALID);
        }
    }

    @Test
    void shouldHoldAPublisherToItsTopicThoughItIsAReplyTopicItPublishesTo() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient publisher = fixture.connectAs("publisher", "#");
            publisher.publish("$recado/reply/ana", "x", AT_LEAST_ONCE, false);
            publisher.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
        }
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient publisher = fixture.connectAs("publisher", "#", "$recado/reply/+");
            publisher.publish("$recado/reply/ana", "x", AT_LEAST_ONCE, false);
            publisher.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            publisher.publish("t", "x", AT_LEAST_ONCE, false);
            publisher.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        }
    }

    @Test
    void shouldRefuseAWillToAReplyTopic() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient client = fixture.open();
            Packet.Will will = new Packet.Will(
                    QoS.AT_LEAST_ONCE, false, Properties.NONE, "$recado/reply/ana", ByteBuffer.allocate(1));
            client.send(new Packet.Connect(ProtocolVersion.MQTT_5, true, 0, Properties.NONE, "c", will, null, null));
            assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.TOPIC_NAME_INVALID);
        }
    }
}
