package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerQoS2Test {

    private final BrokerFixture fixture = new BrokerFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Packet.Publish message(int packetId, boolean dup) {
        return new Packet.Publish(
                dup, EXACTLY_ONCE, false, "a", packetId, Properties.NONE, ByteBuffer.wrap(new byte[] {'x'}));
    }

    @Test
    void shouldRouteAMessageOnceHoweverOftenItComesBeforeItsRelease() {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_LEAST_ONCE, "a");
        WireClient publisher = fixture.connect("p");

        publisher.send(message(1, false)).expectAnswer(PacketType.PUBREC, 1, ReasonCode.SUCCESS);
        publisher.send(message(1, true)).expectAnswer(PacketType.PUBREC, 1, ReasonCode.SUCCESS);
        subscriber.expectMessage("a", "x");
        subscriber.expectNothing();

        publisher.answer(PacketType.PUBREL, 1).expectAnswer(PacketType.PUBCOMP, 1, ReasonCode.SUCCESS);
        publisher
                .answer(PacketType.PUBREL, 1)
                .expectAnswer(PacketType.PUBCOMP, 1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        publisher.send(message(1, false)).expectAnswer(PacketType.PUBREC, 1, ReasonCode.SUCCESS);
        subscriber.expectMessage("a", "x");
    }

    @Test
    void shouldRouteAMessageOnceThoughTheConnectionIsLostInBetween() {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_LEAST_ONCE, "a");
        WireClient first = fixture.connect(BrokerFixture.resume("p", 60));
        first.send(message(1, false)).expectAnswer(PacketType.PUBREC, 1, ReasonCode.SUCCESS);
        first.cut();

        WireClient second = fixture.connect(BrokerFixture.resume("p", 60));
        second.send(message(1, true)).expectAnswer(PacketType.PUBREC, 1, ReasonCode.SUCCESS);
        second.answer(PacketType.PUBREL, 1).expectAnswer(PacketType.PUBCOMP, 1, ReasonCode.SUCCESS);

        subscriber.expectMessage("a", "x");
        subscriber.expectNothing();
    }

    @Test
    void shouldFreeTheIdentifierOfARefusedMessage() {
        WireClient publisher = fixture.connectAs("publisher", "other");

        for (int i = 0; i < 2; i++) {
            publisher.send(message(1, false));
            Packet.Ack refusal = publisher.expectAnswer(PacketType.PUBREC, 1, ReasonCode.NOT_AUTHORIZED);
            assertThat(refusal.properties().isEmpty()).isFalse();
        }
    }

    @Test
    void shouldEndAConnectionThatReleasesNothingAndSendsMoreThanTheReceiveMaximum() {
        try (BrokerFixture narrow = new BrokerFixture(b -> b.limits(l -> l.receiveMaximum(2)))) {
            WireClient publisher = narrow.connect("p");
            for (int id = 1; id <= 2; id++) {
                publisher
                        .send(message(id, false))
                        .expectAnswer(PacketType.PUBREC, id, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            }

            publisher.send(message(3, false)).expectDisconnect(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
        }
    }

    @Test
    void shouldDeliverInFourSteps() {
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
        subscriber.subscribe(EXACTLY_ONCE, "a");
        WireClient publisher = fixture.connect("p");
        publisher.send(message(1, false)).send(message(2, false));

        int id = subscriber.expectMessage("a", "x").packetId();
        subscriber.answer(PacketType.PUBREC, id).expectAnswer(PacketType.PUBREL, id, ReasonCode.SUCCESS);
        subscriber.answer(PacketType.PUBREC, id).expectAnswer(PacketType.PUBREL, id, ReasonCode.SUCCESS);
        subscriber.expectNothing();
        subscriber.answer(PacketType.PUBCOMP, id);
        Packet.Publish second = subscriber.expectMessage("a", "x");
        assertThat(second.qos()).isEqualTo(EXACTLY_ONCE);

        subscriber.send(
                new Packet.Ack(PacketType.PUBREC, second.packetId(), ReasonCode.QUOTA_EXCEEDED, Properties.NONE));
        publisher.send(message(3, false));
        subscriber.expectMessage("a", "x");
    }

    @Test
    void shouldReleaseWhatItDoesNotKnow() {
        WireClient client = fixture.connect("c");

        client.answer(PacketType.PUBREC, 9).expectAnswer(PacketType.PUBREL, 9, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        client.answer(PacketType.PUBCOMP, 9).expectNothing();
    }
}
