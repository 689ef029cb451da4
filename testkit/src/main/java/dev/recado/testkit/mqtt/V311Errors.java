package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Errors in MQTT 3.1.1: all there is to be said of them is the end of the connection. */
abstract class V311Errors extends Chapter {

    V311Errors(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    /** When it fails: a message that is refused is left without an answer, and the client sends it for ever. */
    @Test
    void required_v311_3_3_5_2_refusedPublishIsAcknowledgedOrEndsTheConnection() {
        String refused = declared(broker.refusedTopic(), "refusingTopic");
        Wire wire = connected().send(publish(refused, "").qos(1, 1));
        Received packet = wire.next("a PUBACK, or the end");
        if (packet != null && (packet.type() != PacketType.PUBACK || packet.packetId() != 1)) {
            throw new AssertionError("expected a PUBACK of packet 1, or the end, but " + packet + " came");
        }
    }

    /** When it fails: the message shows the packet; the broker skips or takes what the standard forbids. */
    @Test
    void required_v311_4_8_0_1_protocolViolationEndsTheConnection() {
        String topic = newTopic();
        for (Outgoing<?> violation : List.of(
                connect(newClientId()),
                pubrel(1).firstByte(0x00), // no such type
                pubrel(1).firstByte(0xF0), // AUTH, of MQTT 5
                publish(topic, "").qos(3, 1),
                subscribe(1),
                unsubscribe(1),
                subscribe(1, topic, 3), // QoS 3
                subscribe(1, topic, 4), // No Local, of MQTT 5
                subscribe(1, topic, 0).then(0, 9), // a filter beyond the end
                unsubscribe(1, topic).then(9))) {
            connected().send(violation).expectClosed();
        }
    }

    /** When it fails: what came behind the bad packet in one read is still dispatched, or others notice it. */
    @Test
    void required_v311_4_8_0_1_nothingBehindAViolationIsHandled() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected().send(subscribe(1), publish(topic, "behind a violation")).expectClosed();
        connected().publish(topic, "last", 1);
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
    }

    /** Always skipped. */
    @Test
    void untested_v311_4_8_0_2_transientErrorEndsTheConnection() {
        notObservable("it takes a broker that runs out of something while it handles a packet");
    }
}
