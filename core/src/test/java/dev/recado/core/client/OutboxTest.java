package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private final Outbox outbox = new Outbox(4);

    private static Delivery delivery(QoS qos, long deadline) {
        return new Delivery(new byte[] {'t'}, ByteBuffer.allocate(0), qos, false, null, -1, 10, 0, deadline);
    }

    private Delivery add(QoS qos) {
        Delivery delivery = delivery(qos, 100);
        outbox.add(delivery);
        return delivery;
    }

    private Delivery send() {
        Delivery next = outbox.next();
        outbox.sendNext();
        return next;
    }

    private void acknowledge(Delivery delivery) {
        assertThat(outbox.inFlight(delivery.packetId)).isSameAs(delivery);
        outbox.finished(delivery);
    }

    private DeliveryQueue loseSession() {
        DeliveryQueue undecided = new DeliveryQueue();
        outbox.sessionLost(undecided);
        return undecided;
    }

    @Test
    void shouldHaveRoomForTheWindowOnly() {
        outbox.connected(10);
        for (int i = 0; i < 4; i++) {
            assertThat(outbox.hasRoom()).isTrue();
            add(QoS.AT_LEAST_ONCE);
        }
        assertThat(outbox.hasRoom()).isFalse();
        Delivery first = send();
        assertThat(outbox.hasRoom()).isFalse();
        acknowledge(first);
        assertThat(outbox.hasRoom()).isTrue();
    }

    @Test
    void shouldSendInOrderAndStopAtTheReceiveMaximum() {
        outbox.connected(2);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.AT_LEAST_ONCE);
        Delivery c = add(QoS.AT_LEAST_ONCE);
        Delivery d = add(QoS.AT_MOST_ONCE);
        assertThat(send()).isSameAs(a);
        assertThat(send()).isSameAs(b);
        assertThat(outbox.next()).isNull();
        acknowledge(b);
        assertThat(send()).isSameAs(c);
        // Not held up by the Receive Maximum, which is for QoS 1 and 2, but never before c.
        assertThat(send()).isSameAs(d);
        assertThat(outbox.next()).isNull();
        assertThat(outbox.size()).isEqualTo(2);
    }

    @Test
    void shouldSendUnacknowledgedMessagesAgainFirstUnderTheirIdentifiers() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.EXACTLY_ONCE);
        send();
        send();
        int idOfA = a.packetId;
        int idOfB = b.packetId;
        Delivery c = add(QoS.AT_LEAST_ONCE);
        outbox.connected(10);
        assertThat(send()).isSameAs(a);
        assertThat(send()).isSameAs(b);
        assertThat(send()).isSameAs(c);
        assertThat(List.of(a.packetId, b.packetId)).containsExactly(idOfA, idOfB);
        assertThat(c.packetId).isNotIn(idOfA, idOfB);
        assertThat(a.again).isTrue();
        assertThat(b.again).isTrue();
        assertThat(c.again).isFalse();
    }

    @Test
    void shouldKeepToASmallerReceiveMaximumWhenItSendsAgain() {
        outbox.connected(3);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.EXACTLY_ONCE);
        Delivery c = add(QoS.AT_LEAST_ONCE);
        send();
        send();
        send();
        outbox.received(b);
        outbox.connected(2);
        assertThat(send()).isSameAs(a);
        assertThat(outbox.next()).as("b is released, and counts").isNull();
        acknowledge(b);
        assertThat(send()).isSameAs(c);
        assertThat(outbox.next()).isNull();
    }

    @Test
    void shouldReleaseInTheOrderReceivedAndNeverPublishAgainWhatIsReleased() {
        outbox.connected(10);
        Delivery a = add(QoS.EXACTLY_ONCE);
        Delivery b = add(QoS.EXACTLY_ONCE);
        Delivery c = add(QoS.EXACTLY_ONCE);
        send();
        send();
        send();
        outbox.received(c);
        outbox.received(a);
        outbox.received(c);
        outbox.connected(10);
        assertThat(outbox.released()).containsExactly(c, a);
        assertThat(send()).isSameAs(b);
        assertThat(outbox.next()).isNull();
        acknowledge(c);
        assertThat(outbox.released()).containsExactly(a);
    }

    @Test
    void shouldPublishAnewWhatALostSessionHadAtQos1AndGiveUpWhatItHadAtQos2() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.EXACTLY_ONCE);
        Delivery c = add(QoS.EXACTLY_ONCE);
        send();
        send();
        send();
        outbox.received(c);
        Delivery unsent = add(QoS.EXACTLY_ONCE);
        DeliveryQueue undecided = loseSession();
        assertThat(undecided.pollFirst()).isSameAs(b);
        assertThat(undecided.pollFirst()).isSameAs(c);
        assertThat(undecided.pollFirst()).isNull();
        outbox.connected(10);
        assertThat(outbox.released()).isEmpty();
        assertThat(send()).isSameAs(a);
        assertThat(a.again).isFalse();
        assertThat(send()).isSameAs(unsent);
        assertThat(outbox.next()).isNull();
    }

    @Test
    void shouldTakeAcknowledgementsOfWhatIsNotSentAgainYet() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.AT_LEAST_ONCE);
        Delivery c = add(QoS.EXACTLY_ONCE);
        send();
        send();
        send();
        outbox.connected(1);
        acknowledge(a);
        outbox.received(c);
        assertThat(outbox.next()).as("c counts").isNull();
        acknowledge(c);
        assertThat(send()).isSameAs(b);
        acknowledge(b);
        assertThat(outbox.isEmpty()).isTrue();
        assertThat(outbox.next()).isNull();
    }

    @Test
    void shouldTellOnceForEachIdentifierWhatAnEarlierProcessMayHaveLeft() {
        outbox.inherited();
        outbox.connected(1);
        Delivery atLeastOnce = add(QoS.AT_LEAST_ONCE);
        send();
        assertThat(outbox.mayBeMistaken(atLeastOnce)).isFalse();
        acknowledge(atLeastOnce);
        for (int i = 0; i < 100; i++) {
            Delivery delivery = add(QoS.EXACTLY_ONCE);
            send();
            boolean firstUse = i < 16;
            assertThat(outbox.mayBeMistaken(delivery)).as("use %d", i).isEqualTo(firstUse);
            acknowledge(delivery);
        }
    }

    @Test
    void shouldNotPublishAnewWhatNobodyWaitsFor() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.AT_LEAST_ONCE);
        send();
        send();
        List<Delivery> expired = new ArrayList<>();
        outbox.expire(100, expired);
        assertThat(expired).containsExactly(a, b);
        a.completeExceptionally(new IllegalStateException());
        loseSession();
        outbox.connected(10);
        assertThat(send()).isSameAs(b);
        assertThat(outbox.size()).isEqualTo(1);
    }

    @Test
    void shouldWithdrawWhatExpiredUnsent() {
        outbox.connected(1);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        send();
        Delivery b = delivery(QoS.AT_LEAST_ONCE, 50);
        outbox.add(b);
        Delivery c = add(QoS.AT_LEAST_ONCE);
        List<Delivery> expired = new ArrayList<>();
        assertThat(outbox.expire(49, expired)).isEqualTo(50);
        assertThat(expired).isEmpty();
        assertThat(outbox.expire(60, expired)).isEqualTo(100);
        assertThat(expired).containsExactly(b);
        assertThat(outbox.size()).isEqualTo(2);
        acknowledge(a);
        assertThat(send()).isSameAs(c);
    }

    @Test
    void shouldSayWhenAllUpToASequenceIsFinished() {
        outbox.connected(10);
        assertThat(outbox.isFinished(outbox.lastSequence())).isTrue();
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.AT_LEAST_ONCE);
        long last = outbox.lastSequence();
        add(QoS.AT_LEAST_ONCE);
        send();
        send();
        acknowledge(b);
        assertThat(outbox.isFinished(last)).isFalse();
        acknowledge(a);
        assertThat(outbox.isFinished(last)).isTrue();
        assertThat(outbox.isEmpty()).isFalse();
    }

    @Test
    void shouldGiveUpOnAll() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        send();
        Delivery b = add(QoS.AT_MOST_ONCE);
        DeliveryQueue given = new DeliveryQueue();
        outbox.moveAllTo(given);
        assertThat(given.pollFirst()).isSameAs(a);
        assertThat(given.pollFirst()).isSameAs(b);
        assertThat(outbox.isEmpty()).isTrue();
        assertThat(outbox.next()).isNull();
    }
}
