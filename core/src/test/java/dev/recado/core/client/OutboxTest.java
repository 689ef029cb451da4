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
        return new Delivery(new byte[] {'t'}, ByteBuffer.allocate(0), qos, null, -1, 10, deadline);
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
        assertThat(outbox.acknowledged(first.packetId)).isSameAs(first);
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
        assertThat(outbox.acknowledged(b.packetId)).isSameAs(b);
        assertThat(send()).isSameAs(c);
        // Not held up by the Receive Maximum, which is for QoS 1 and 2, but never before c.
        assertThat(send()).isSameAs(d);
        assertThat(outbox.next()).isNull();
        assertThat(outbox.size()).isEqualTo(2);
    }

    @Test
    void shouldSendUnacknowledgedMessagesAgainFirst() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.AT_LEAST_ONCE);
        send();
        send();
        Delivery c = add(QoS.AT_LEAST_ONCE);
        outbox.disconnected();
        outbox.connected(10);
        assertThat(send()).isSameAs(a);
        assertThat(send()).isSameAs(b);
        assertThat(send()).isSameAs(c);
        assertThat(a.again).isTrue();
        assertThat(b.again).isTrue();
        assertThat(c.again).isFalse();
    }

    @Test
    void shouldNotSendAgainWhatNobodyWaitsFor() {
        outbox.connected(10);
        Delivery a = add(QoS.AT_LEAST_ONCE);
        Delivery b = add(QoS.AT_LEAST_ONCE);
        send();
        send();
        List<Delivery> expired = new ArrayList<>();
        outbox.expire(100, expired);
        assertThat(expired).containsExactly(a, b);
        a.completeExceptionally(new IllegalStateException());
        outbox.disconnected();
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
        outbox.acknowledged(a.packetId);
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
        outbox.acknowledged(b.packetId);
        assertThat(outbox.isFinished(last)).isFalse();
        outbox.acknowledged(a.packetId);
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
