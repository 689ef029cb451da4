package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several acknowledgements in one received buffer: {@link PubAcks}. */
class BrokerPubAcksTest {

    private final BrokerFixture fixture = new BrokerFixture();
    private WireClient subscriber;
    private WireClient publisher;

    @BeforeEach
    void connect() {
        subscriber = fixture.connect(BrokerFixture.resume("s", 60));
        subscriber.subscribe(EXACTLY_ONCE, "t");
        publisher = fixture.connect("p");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** The packet identifiers with which the subscriber gets them. */
    private List<Integer> publish(int count, QoS qos) {
        List<Packet.Publish> messages = IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Packet.Publish(
                        false, qos, false, "t", i, Properties.NONE, ByteBuffer.wrap(new byte[] {(byte) i})))
                .toList();
        publisher.sendAtOnce(messages);
        publisher.drain();
        return packetIds(subscriber.drain());
    }

    private static List<Integer> packetIds(List<Packet> packets) {
        return packets.stream()
                .map(packet -> ((Packet.Publish) packet).packetId())
                .toList();
    }

    private static Packet ack(PacketType type, int packetId) {
        return new Packet.Ack(type, packetId, ReasonCode.SUCCESS, Properties.NONE);
    }

    private static List<Packet> pubAcks(List<Integer> packetIds) {
        List<Packet> acks = new ArrayList<>();
        packetIds.forEach(packetId -> acks.add(ack(PacketType.PUBACK, packetId)));
        return acks;
    }

    /** What the broker sends again has not been acknowledged. */
    private List<Integer> unacknowledged() {
        WireClient back = fixture.open().send(BrokerFixture.resume("s", 60));
        assertThat(back.expect(Packet.ConnAck.class).sessionPresent()).isTrue();
        return packetIds(back.drain());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255, 256, 257, 600})
    void shouldTakeAsManyAsThereAre(int count) {
        List<Integer> packetIds = publish(count + 1, AT_LEAST_ONCE);

        subscriber.sendAtOnce(pubAcks(packetIds.subList(0, count)));

        subscriber.expectNothing();
        subscriber.cut();
        assertThat(unacknowledged()).containsExactly(packetIds.get(count));
    }

    @Test
    void shouldSendOnWhenTheyMakeRoomInTheWindow() {
        WireClient narrow = fixture.connect(BrokerFixture.connectPacket("n", BrokerFixture.receiveMaximum(5)));
        narrow.subscribe(AT_LEAST_ONCE, "t");
        publish(20, AT_LEAST_ONCE);
        List<Packet> got = new ArrayList<>();
        for (List<Packet> some = narrow.drain(); !some.isEmpty(); some = narrow.drain()) {
            assertThat(some).hasSizeLessThanOrEqualTo(5);
            got.addAll(some);
            narrow.sendAtOnce(pubAcks(packetIds(some)));
        }

        assertThat(got).hasSize(20);
    }

    @Test
    void shouldTakeThoseThatBelongToNoMessageForNothing() {
        List<Integer> packetIds = publish(2, AT_LEAST_ONCE);

        subscriber.sendAtOnce(pubAcks(List.of(packetIds.get(0), packetIds.get(0), 60_000, 17)));

        subscriber.expectNothing();
        assertThat(subscriber.isClosed()).isFalse();
        subscriber.cut();
        assertThat(unacknowledged()).containsExactly(packetIds.get(1));
    }

    @Test
    void shouldTakeThoseBeforeAPacketThatBreaksARule() {
        List<Integer> packetIds = publish(3, AT_LEAST_ONCE);
        ByteBuffer bytes = ByteBuffer.allocate(100)
                .put(subscriber.encode(pubAcks(packetIds.subList(0, 2))))
                .put(new byte[] {0, 0}) // a packet type that is reserved
                .put(subscriber.encode(pubAcks(packetIds.subList(2, 3))))
                .flip();

        subscriber.receivedByBroker(bytes);

        subscriber.expectDisconnect(ReasonCode.MALFORMED_PACKET);
        assertThat(unacknowledged()).containsExactly(packetIds.get(2));
    }

    @Test
    void shouldTakeThoseBeforeADisconnect() {
        List<Integer> packetIds = publish(3, AT_LEAST_ONCE);
        List<Packet> packets = pubAcks(packetIds.subList(0, 2));
        packets.add(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));

        subscriber.sendAtOnce(packets);

        subscriber.expectClosed();
        assertThat(unacknowledged()).containsExactly(packetIds.get(2));
    }

    @Test
    void shouldTakeThemBetweenOtherAnswersAndMessages() {
        List<Integer> once = publish(2, AT_LEAST_ONCE);
        List<Integer> exactly = publish(2, EXACTLY_ONCE);

        subscriber.sendAtOnce(List.of(
                ack(PacketType.PUBACK, once.get(0)),
                ack(PacketType.PUBREC, exactly.get(0)),
                ack(PacketType.PUBACK, exactly.get(1)), // which is no answer to QoS 2
                WireClient.publishPacket("u", "x", AT_LEAST_ONCE, false, Properties.NONE),
                ack(PacketType.PUBACK, once.get(1)),
                ack(PacketType.PUBCOMP, exactly.get(0))));

        subscriber.expectAnswer(PacketType.PUBREL, exactly.get(0), ReasonCode.SUCCESS);
        subscriber.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        subscriber.expectNothing();
        subscriber.cut();
        assertThat(unacknowledged()).containsExactly(exactly.get(1));
    }
}
