package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerSharedSubscriptionTest {

    private static final String SHARED = "$share/g/a";

    private final BrokerFixture fixture = new BrokerFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private WireClient member(String clientId) {
        WireClient member = fixture.connect(clientId);
        assertThat(member.subscribe(EXACTLY_ONCE, SHARED)).containsExactly(ReasonCode.GRANTED_QOS_2);
        return member;
    }

    @Test
    void shouldGiveEachMessageToOneMemberInTurn() {
        WireClient one = member("1");
        WireClient two = member("2");
        WireClient other = fixture.connect("3");
        other.subscribe(AT_MOST_ONCE, "$share/h/#");
        WireClient publisher = fixture.connect("p");

        for (int i = 0; i < 10; i++) {
            publisher.publish("a", "" + i, AT_MOST_ONCE, false);
        }

        List<Packet> ofOne = one.drain();
        List<Packet> ofTwo = two.drain();
        assertThat(ofOne).hasSize(5);
        assertThat(ofTwo).hasSize(5);
        assertThat(ofOne).doesNotContainAnyElementsOf(ofTwo);
        assertThat(other.drain()).hasSize(10);
        assertThat(fixture.broker.stats().subscriptions()).isEqualTo(3);
    }

    @Test
    void shouldPreferAMemberThatCanTakeItAtOnce() {
        WireClient full = fixture.connect(BrokerFixture.connectPacket("1", BrokerFixture.receiveMaximum(1)));
        full.subscribe(AT_LEAST_ONCE, SHARED);
        WireClient away = fixture.connect(BrokerFixture.resume("2", 60));
        away.subscribe(AT_LEAST_ONCE, SHARED);
        away.cut();
        WireClient free = member("3");
        WireClient publisher = fixture.connect("p");

        for (int i = 0; i < 10; i++) {
            publisher.publish("a", "" + i, AT_LEAST_ONCE, false);
        }

        assertThat(full.drain()).hasSize(1);
        assertThat(free.drain()).hasSize(9);
    }

    @Test
    void shouldKeepMessagesForAMemberThatIsAwayWhenNobodyElseIsThere() {
        WireClient away = fixture.connect(BrokerFixture.resume("1", 60));
        away.subscribe(AT_LEAST_ONCE, SHARED);
        away.cut();

        fixture.connect("p").publish("a", "x", AT_LEAST_ONCE, false);

        fixture.connect(BrokerFixture.resume("1", 60)).expectMessage("a", "x");
    }

    @Test
    void shouldGiveWhatAMemberLeftToOthersButNotWhatMayBeTakenTwice() {
        WireClient leaving = fixture.connect(BrokerFixture.connectPacket("1", BrokerFixture.receiveMaximum(2)));
        leaving.subscribe(EXACTLY_ONCE, SHARED);
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "sent at QoS 1", AT_LEAST_ONCE, false);
        publisher.publish("a", "sent at QoS 2", EXACTLY_ONCE, false).answer(PacketType.PUBREL, 7);
        publisher.publish("a", "queued at QoS 2", EXACTLY_ONCE, false).answer(PacketType.PUBREL, 7);
        assertThat(leaving.drain()).hasSize(2);
        WireClient staying = member("2");

        leaving.cut();

        assertThat(staying.expectMessage("a", "sent at QoS 1").dup()).isFalse();
        assertThat(staying.expectMessage("a", "queued at QoS 2").qos()).isEqualTo(EXACTLY_ONCE);
        staying.expectNothing();
    }

    @Test
    void shouldSendNoLastValuesToASharedSubscription() {
        fixture.connect("p").publish("a", "x", AT_LEAST_ONCE, true);

        member("1").expectNothing();
    }

    @Test
    void shouldUnsubscribeOneMemberOnly() {
        WireClient one = member("1");
        WireClient two = member("2");

        one.send(new Packet.Unsubscribe(3, Properties.NONE, List.of(SHARED, "a")));

        assertThat(one.expect(Packet.UnsubAck.class).reasonCodes())
                .containsExactly(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED);
        WireClient publisher = fixture.connect("p").publish("a", "x", AT_MOST_ONCE, false);
        two.expectMessage("a", "x");
        two.send(new Packet.Unsubscribe(3, Properties.NONE, List.of(SHARED))).expect(Packet.UnsubAck.class);
        publisher.publish("a", "y", AT_LEAST_ONCE, false);
        publisher.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(fixture.broker.stats().subscriptions()).isZero();
    }

    @Test
    void shouldSendTheIdentifiersOfAllMatchingSubscriptionsWithOneCopy() {
        WireClient client = fixture.connect("c");
        subscribe(client, 1, new Packet.Subscription("a", AT_MOST_ONCE, false, false, 0));
        subscribe(client, 200, new Packet.Subscription("#", AT_LEAST_ONCE, false, false, 0));
        subscribe(client, 3, new Packet.Subscription("+", AT_LEAST_ONCE, true, false, 0));
        client.subscribe(AT_MOST_ONCE, "a/#");

        fixture.connect("p").publish("a", "x", AT_LEAST_ONCE, true);
        Packet.Publish copy = client.expectMessage("a", "x");
        assertThat(copy.qos()).isEqualTo(AT_LEAST_ONCE);
        assertThat(copy.properties().subscriptionIdentifiers()).containsExactlyInAnyOrder(1, 200, 3);
        client.expectNothing();

        client.publish("a", "own", AT_MOST_ONCE, false);
        assertThat(client.expectMessage("a", "own").properties().subscriptionIdentifiers())
                .containsExactlyInAnyOrder(1, 200);

        subscribe(client, 4, new Packet.Subscription("b", AT_MOST_ONCE, false, false, 0));
        fixture.connect("p").publish("b", "x", AT_MOST_ONCE, false);
        assertThat(client.expectMessage("b", "x").properties().subscriptionIdentifiers())
                .containsExactlyInAnyOrder(200, 3, 4);
        WireClient late = fixture.connect("late");
        subscribe(late, 5, new Packet.Subscription("a", AT_MOST_ONCE, false, false, 0));
        assertThat(late.expectMessage("a", "x").properties().subscriptionIdentifiers())
                .containsExactly(5);
    }

    private static void subscribe(WireClient client, int identifier, Packet.Subscription subscription) {
        Properties properties =
                Properties.builder().subscriptionIdentifier(identifier).build();
        client.send(new Packet.Subscribe(1, properties, List.of(subscription)));
        client.expect(Packet.SubAck.class);
    }
}
