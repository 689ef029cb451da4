package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ReasonCode;
import dev.recado.Role;
import dev.recado.RolePolicy;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import org.junit.jupiter.api.Test;

class BrokerRolesTest {

    @Test
    void shouldRefuseASubscribeByAPublisher() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient publisher = fixture.connectAs("publisher", "a");

            assertThat(publisher.subscribe(AT_MOST_ONCE, "a")).containsExactly(ReasonCode.NOT_AUTHORIZED);

            assertThat(fixture.broker.clients().get(0).role()).isEqualTo(Role.PUBLISHER);
            assertThat(fixture.broker.clients().get(0).topics()).containsExactly("a");
        }
    }

    @Test
    void shouldRefuseAPublishByASubscriber() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient subscriber = fixture.connectAs("subscriber", "a");

            subscriber.publish("a", "x", AT_LEAST_ONCE, true);
            assertThat(subscriber.expect(Packet.Ack.class).reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
            subscriber.publish("a", "x", AT_MOST_ONCE, true);
            subscriber.expectDisconnect(ReasonCode.NOT_AUTHORIZED);
            assertThat(fixture.broker.stats().messagesReceived()).isZero();
            assertThat(fixture.broker.stats().retainedMessages()).isZero();
        }
    }

    @Test
    void shouldHoldAPublisherToItsTopic() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient publisher = fixture.connectAs("publisher", "chat/+/x");

            publisher.publish("chat/1/x", "ok", AT_LEAST_ONCE, false);
            assertThat(publisher.expect(Packet.Ack.class).reasonCode().isError())
                    .isFalse();
            publisher.publish("chat/1/y", "no", AT_LEAST_ONCE, false);
            Packet.Ack ack = publisher.expect(Packet.Ack.class);
            assertThat(ack.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
            assertThat(ack.properties().text(Property.REASON_STRING)).contains("chat/+/x", "chat/1/y");
            assertThat(fixture.broker.topics()).containsExactly("chat/1/x");
        }
    }

    @Test
    void shouldHoldASubscriberToItsTopics() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient subscriber = fixture.connectAs("subscriber", "a", "b/#");

            assertThat(subscriber.subscribe(AT_MOST_ONCE, "a", "b/#", "b/c", "d"))
                    .containsExactly(
                            ReasonCode.SUCCESS,
                            ReasonCode.SUCCESS,
                            ReasonCode.NOT_AUTHORIZED,
                            ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Test
    void shouldLetPlainClientsDoBoth() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient client = fixture.connect("c");
            client.subscribe(AT_MOST_ONCE, "a");
            client.publish("a", "x", AT_MOST_ONCE, false);
            client.expectMessage("a", "x");
        }
    }

    @Test
    void shouldLetTheFirstActDecideUnderExclusiveRoles() {
        try (BrokerFixture fixture = new BrokerFixture(builder -> builder.roles(RolePolicy.EXCLUSIVE))) {
            WireClient subscribes = fixture.connect("s");
            subscribes.subscribe(AT_MOST_ONCE, "a", "b");
            subscribes.publish("a", "x", AT_LEAST_ONCE, false);
            assertThat(subscribes.expect(Packet.Ack.class).reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);

            WireClient publishes = fixture.connect("p");
            publishes.publish("a", "x", AT_MOST_ONCE, false);
            subscribes.expectMessage("a", "x");
            assertThat(publishes.subscribe(AT_MOST_ONCE, "a")).containsExactly(ReasonCode.NOT_AUTHORIZED);

            WireClient old = fixture.connect311("old");
            old.publish("a", "x", AT_MOST_ONCE, false);
            assertThat(old.subscribe(AT_MOST_ONCE, "a")).containsExactly(ReasonCode.UNSPECIFIED_ERROR);
            WireClient oldSubscriber = fixture.connect311("old subscriber");
            oldSubscriber.subscribe(AT_MOST_ONCE, "z");
            oldSubscriber.publish("a", "x", AT_LEAST_ONCE, false);
            oldSubscriber.expectClosed();
        }
    }

    @Test
    void shouldRefuseStatementsThatMakeNoSense() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            assertRefused(
                    fixture,
                    "recado-role",
                    Properties.builder().userProperty("recado-role", "both").build());
            assertRefused(
                    fixture,
                    "recado-topic",
                    Properties.builder()
                            .userProperty("recado-role", "publisher")
                            .build());
            assertRefused(
                    fixture,
                    "2 times",
                    Properties.builder()
                            .userProperty("recado-role", "publisher")
                            .userProperty("recado-role", "subscriber")
                            .userProperty("recado-topic", "a")
                            .build());
            assertRefused(
                    fixture,
                    "a/#/b",
                    Properties.builder()
                            .userProperty("recado-role", "subscriber")
                            .userProperty("recado-topic", "a/#/b")
                            .build());
        }
    }

    private static void assertRefused(BrokerFixture fixture, String word, Properties properties) {
        WireClient client = fixture.open().send(BrokerFixture.connectPacket("c", properties));
        Packet.ConnAck connAck = client.expect(Packet.ConnAck.class);
        assertThat(connAck.reasonCode().isError()).isTrue();
        assertThat(connAck.properties().text(Property.REASON_STRING)).contains(word);
        client.expectClosed();
    }
}
