package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.auth;
import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.disconnect;
import static dev.recado.testkit.mqtt.Packets.pingreq;
import static dev.recado.testkit.mqtt.Packets.puback;
import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Chapters on rules that hold for every packet. A case sends its packet on a connection of its own, at the moment when a
 * correct one would be taken, so that nothing but what is wrong with it can be the cause of its end.
 */
abstract class RuleTables extends Chapter {

    /** The packets that a client sends in MQTT 3.1.1. */
    static final List<PacketType> CLIENTS_IN_V311 = List.of(
            PacketType.CONNECT,
            PacketType.PUBLISH,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.PUBREL,
            PacketType.PUBCOMP,
            PacketType.SUBSCRIBE,
            PacketType.UNSUBSCRIBE,
            PacketType.PINGREQ,
            PacketType.DISCONNECT);

    /** The packets that a client sends in MQTT 5. */
    static final List<PacketType> CLIENTS_IN_V5 =
            Stream.concat(CLIENTS_IN_V311.stream(), Stream.of(PacketType.AUTH)).toList();

    /**
     * A connection on which a packet is due.
     *
     * @param packetId the one that the packet must have, if it has any
     * @param heir gets the will of the connection, which tells a normal DISCONNECT from others; {@code null} where none is due
     * @param willTopic where it gets it
     */
    private record Due(Wire wire, int packetId, Wire heir, String willTopic) {

        Due(Wire wire, int packetId) {
            this(wire, packetId, null, null);
        }
    }

    RuleTables(BrokerUnderTest broker, Version version) {
        super(broker, version);
    }

    // ---- Cases ----

    /** The broker must take the packet for what it is. */
    final void expectTaken(Case right) {
        Due due = due(right.type());
        Outgoing<?> packet = changed(right, due.packetId(), broker.uniqueName());
        if (packet.properties.has(Property.TOPIC_ALIAS)) {
            needs(MqttFeature.TOPIC_ALIASES);
        }
        if (packet.properties.has(Property.SUBSCRIPTION_IDENTIFIER)) {
            needs(MqttFeature.SUBSCRIPTION_IDENTIFIERS);
        }
        Wire wire = due.wire().send(packet);
        switch (right.type()) {
            case CONNECT -> wire.expect(PacketType.CONNACK, 0);
            case PUBLISH -> wire.expectAck(PacketType.PUBACK, due.packetId());
            case PUBREC -> wire.expectAck(PacketType.PUBREL, due.packetId());
            case PUBREL -> wire.expectAck(PacketType.PUBCOMP, due.packetId());
            case SUBSCRIBE -> wire.expectAck(PacketType.SUBACK, due.packetId());
            case UNSUBSCRIBE -> wire.expectAck(PacketType.UNSUBACK, due.packetId());
            case PUBACK, PUBCOMP, PINGREQ -> {}
            case DISCONNECT -> {
                wire.expectEndOfStream();
                due.heir().expectSilence();
                return;
            }
            default -> throw new IllegalArgumentException("no packet of a client is due of type " + right.type());
        }
        if (right.type() == PacketType.PINGREQ) {
            wire.expect(PacketType.PINGRESP);
        }
        wire.expectSilence();
    }

    /** The broker must refuse the packet with one of the codes of the case, and close the connection. */
    final void expectRefused(Case wrong) {
        expectRefused(wrong, broker.uniqueName());
    }

    /** As above; {@code name} is in the packet wherever a name can be. */
    final void expectRefused(Case wrong, String name) {
        Due due = due(wrong.type());
        Wire wire = due.wire().send(changed(wrong, due.packetId(), name));
        if (wrong.type() != PacketType.CONNECT) {
            wire.expectClosed(codes(wrong));
        } else if (version.hasProperties() && wrong.codes().length == 0) {
            wire.expectRefusedInAnyForm();
        } else {
            wire.expectRefused(wrong.codes());
        }
        if (due.heir() != null) {
            due.heir().expectPublish(due.willTopic(), "no normal end");
        }
    }

    /** In front of CONNECT, the broker must refuse the packet without a word, and let no CONNECT follow it. */
    final void expectRefusedBeforeConnect(Case early) {
        open().send(changed(early, 1, newClientId())).expectClosed();
        open().send(changed(early, 1, newClientId()), connect(newClientId())).expectClosed();
    }

    /** The broker must refuse a second CONNECT, which has the Client Identifier of the first unless the case changes that. */
    final void expectRefusedAsSecondConnect(Case second) {
        String id = newClientId();
        connected(connect(id)).send(changed(second, 0, id)).expectClosed(second.codes());
    }

    /** AUTH is out of turn besides, and a broker may see that first. */
    private static int[] codes(Case wrong) {
        int[] codes = wrong.codes();
        if (wrong.type() == PacketType.AUTH) {
            codes = Arrays.copyOf(codes, codes.length + 1);
            codes[codes.length - 1] = 0x82;
        }
        return codes;
    }

    private static Outgoing<?> changed(Case rule, int packetId, String name) {
        Outgoing<?> packet = correct(rule.type(), packetId, name);
        rule.change().accept(packet);
        return packet;
    }

    // ---- Packets, and the moments for them ----

    /** A correct packet with this identifier, if it has one, and this name in whatever it has of names. */
    static Outgoing<?> correct(PacketType type, int packetId, String name) {
        return switch (type) {
            case CONNECT -> connect(name);
            case PUBLISH -> publish("kit/" + name, "").qos(1, packetId);
            case PUBACK -> puback(packetId);
            case PUBREC -> pubrec(packetId);
            case PUBREL -> pubrel(packetId);
            case PUBCOMP -> pubcomp(packetId);
            case SUBSCRIBE -> subscribe(packetId, "kit/" + name, 0);
            case UNSUBSCRIBE -> unsubscribe(packetId, "kit/" + name);
            case PINGREQ -> pingreq();
            case DISCONNECT -> disconnect();
            case AUTH -> auth(0x19);
            // Packets of a server, to be filled, and what is none.
            case SUBACK, UNSUBACK -> new Simple(type, packetId);
            case CONNACK, PINGRESP, RESERVED -> new Simple(type, -1);
        };
    }

    private Due due(PacketType type) {
        return switch (type) {
            case CONNECT -> new Due(open(), 0);
            case PUBACK -> received(1);
            case PUBREC -> received(2);
            case PUBREL -> {
                needs(MqttFeature.QOS_2);
                Wire wire = connected().send(publish(newTopic(), "").qos(2, 1));
                wire.expectAck(PacketType.PUBREC, 1);
                yield new Due(wire, 1);
            }
            case PUBCOMP -> {
                Due received = received(2);
                received.wire().send(pubrec(received.packetId())).expectAck(PacketType.PUBREL, received.packetId());
                yield received;
            }
            case DISCONNECT -> {
                String topic = newTopic();
                Wire heir = connected().subscribe(topic, 0);
                yield new Due(connected(connect(newClientId()).will(topic, "no normal end")), 0, heir, topic);
            }
            default -> new Due(connected(), 1);
        };
    }

    /** A client that has got a message and not acknowledged it yet. */
    private Due received(int qos) {
        if (qos == 2) {
            needs(MqttFeature.QOS_2);
        }
        String topic = newTopic();
        Wire wire = connected().subscribe(topic, qos);
        connected().publish(topic, "to be acknowledged", qos);
        return new Due(wire, wire.expectPublish(topic, "to be acknowledged").packetId());
    }
}
