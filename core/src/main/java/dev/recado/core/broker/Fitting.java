package dev.recado.core.broker;

import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;

/**
 * Makes packets fit the client's Maximum Packet Size: Reason String and User Properties, which are for people, give way to it
 * (MQTT-3.2.2-19, -20 and the like for each other packet), and Response Information, which a server need not give.
 */
final class Fitting {

    private Fitting() {}

    /** The packet with as much as fits; null when nothing of it does (MQTT-3.1.2-24). */
    static Packet fit(Packet packet, ProtocolVersion version, long maxPacketSize) {
        if (fits(packet, version, maxPacketSize)) {
            return packet;
        }
        Packet shorter = without(packet, Property.REASON_STRING);
        if (!fits(shorter, version, maxPacketSize)) {
            shorter = without(shorter, Property.USER_PROPERTY);
        }
        if (!fits(shorter, version, maxPacketSize)) {
            shorter = without(shorter, Property.RESPONSE_INFORMATION);
        }
        return fits(shorter, version, maxPacketSize) ? shorter : null;
    }

    private static boolean fits(Packet packet, ProtocolVersion version, long maxPacketSize) {
        return PacketEncoder.size(packet, version) <= maxPacketSize;
    }

    private static Packet without(Packet packet, Property property) {
        if (packet instanceof Packet.ConnAck p) {
            return new Packet.ConnAck(p.sessionPresent(), p.reasonCode(), without(p.properties(), property));
        }
        if (packet instanceof Packet.Ack p) {
            return new Packet.Ack(p.type(), p.packetId(), p.reasonCode(), without(p.properties(), property));
        }
        if (packet instanceof Packet.SubAck p) {
            return new Packet.SubAck(p.packetId(), without(p.properties(), property), p.reasonCodes());
        }
        if (packet instanceof Packet.UnsubAck p) {
            return new Packet.UnsubAck(p.packetId(), without(p.properties(), property), p.reasonCodes());
        }
        if (packet instanceof Packet.Disconnect p) {
            return new Packet.Disconnect(p.reasonCode(), without(p.properties(), property));
        }
        if (packet instanceof Packet.Auth p) {
            return new Packet.Auth(p.reasonCode(), without(p.properties(), property));
        }
        return packet;
    }

    private static Properties without(Properties properties, Property property) {
        return properties.has(property) ? properties.without(property) : properties;
    }
}
