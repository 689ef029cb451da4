package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Keep Alive and PINGREQ in MQTT 5. */
abstract class V5KeepAlive extends Chapter {

    V5KeepAlive(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    /** When it fails: Keep Alive is not watched; the client's own time is not up; or its end is taken for a normal one. */
    @Test
    void required_v5_3_1_2_22_silentClientIsDisconnectedAndItsWillPublished() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire client = open();
        long start = System.nanoTime();
        client.send(connect(newClientId()).keepAlive(1).will(topic, "of a silent client"))
                .expect(PacketType.CONNACK, 0);
        client.expectClosed(0x8D);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis >= 1_000, () -> "closed after " + millis + " ms, with a Keep Alive of 1 s");
        subscriber.expectPublish(topic, "of a silent client");
    }

    /** When it fails: what the broker sends counts as a sign of life, and not only what it receives. */
    @Test
    void required_v5_3_1_2_22_clientThatOnlyReceivesIsSilent() {
        String topic = newTopic();
        Wire client = connected(connect(newClientId()).keepAlive(1)).subscribe(topic, 0);
        Wire publisher = connected();
        int received = 0;
        while (true) {
            publisher.publish(topic, "message " + received, 1);
            Received packet = client.next("a message, or the end");
            if (packet == null || packet.type() == PacketType.DISCONNECT) {
                return;
            }
            received++;
            assertTrue(received < 200, "the client is still connected after 200 messages in 10 s");
            publisher.speaksWithin(Duration.ofMillis(50));
        }
    }

    /** When it fails: only PINGREQ, or only its first packets, keep a client alive. */
    @Test
    void required_v5_3_1_2_22_anyPacketKeepsTheClientAlive() {
        String topic = newTopic();
        // Not 1: this thread may have to wait for its turn.
        Wire busy = connected(connect(newClientId()).keepAlive(2));
        Wire silent = connected(connect(newClientId()).keepAlive(2));
        int packetId = 0;
        while (!silent.speaksWithin(Duration.ofMillis(100))) {
            busy.send(publish(topic, "a sign of life").qos(1, ++packetId)).expectAck(PacketType.PUBACK, packetId);
        }
        // The other one's time is over, and more.
        silent.expectClosed(0x8D);
        busy.expectSilence();
    }

    /** When it fails: 0 is taken for an interval, or for a default one. */
    @Test
    void required_v5_section_3_1_2_10_keepAliveOfZeroIsNotWatched() {
        Wire patient = connected(connect(newClientId()).keepAlive(0));
        connected(connect(newClientId()).keepAlive(1)).expectClosed(0x8D);
        patient.expectSilence();
    }

    /** When it fails: PINGREQ is only counted as a sign of life. */
    @Test
    void required_v5_3_12_4_1_pingIsAnswered() {
        Wire wire = connected();
        for (int i = 0; i < 10; i++) {
            wire.send(Packets.pingreq()).expect(PacketType.PINGRESP);
        }
        wire.send(Packets.pingreq(), subscribe(1, newTopic(), 0), Packets.pingreq());
        wire.expect(PacketType.PINGRESP);
        wire.expectAck(PacketType.SUBACK, 1);
        wire.expect(PacketType.PINGRESP);
    }

    /** When it fails: the broker works to an interval of its own and does not say so. */
    @Test
    void required_v5_3_2_2_22_clientsOwnKeepAliveIsUsed() {
        Wire client = open();
        long start = System.nanoTime();
        client.send(connect(newClientId()).keepAlive(2));
        long seconds = client.expect(PacketType.CONNACK, 0).properties().number(Property.SERVER_KEEP_ALIVE, 2);
        client.expectClosed(0x8D);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(
                millis >= seconds * 1_000,
                () -> "closed after " + millis + " ms, with a Keep Alive of " + seconds + " s");
    }
}
