package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.disconnect;

import org.junit.jupiter.api.Test;

/** DISCONNECT in MQTT 3.1.1. That of wills is {@link V311Will}'s. */
abstract class V311Disconnect extends Chapter {

    V311Disconnect(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    /** When it fails: flags are masked away, and the packet is taken for a normal DISCONNECT. */
    @Test
    void required_v311_3_14_1_1_reservedFlagsAreRefused() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        for (int flags : new int[] {1, 2, 8}) {
            connected(connect(newClientId()).will(topic, "with flags " + flags))
                    .send(disconnect().firstByte(0xE0 | flags))
                    .expectClosed();
            subscriber.expectPublish(topic, "with flags " + flags);
        }
    }

    /** When it fails: the broker waits for the client, which has said that it has nothing to say, to close. */
    @Test
    void required_v311_section_3_14_4_brokerClosesWhenTheClientDoesNot() {
        connected().send(disconnect()).expectEndOfStream();
    }

    /** When it fails: the reason codes of MQTT 5 are understood in MQTT 3.1.1; the will tells. */
    @Test
    void required_v311_section_3_14_disconnectHasNothingBehindItsHeader() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "with a byte behind"))
                .send(0xE0, 1, 0)
                .expectClosed();
        subscriber.expectPublish(topic, "with a byte behind");
    }
}
