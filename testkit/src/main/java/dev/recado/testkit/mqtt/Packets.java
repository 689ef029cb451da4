package dev.recado.testkit.mqtt;

import java.nio.charset.StandardCharsets;

/** What a client sends, for static import. */
final class Packets {

    private Packets() {}

    static Connect connect(String clientId) {
        return new Connect(clientId);
    }

    static Publish publish(String topic, String payload) {
        return new Publish(topic, payload.getBytes(StandardCharsets.UTF_8));
    }

    static Publish publish(String topic, byte[] payload) {
        return new Publish(topic, payload);
    }

    static Simple puback(int packetId) {
        return new Simple(PacketType.PUBACK, packetId);
    }

    static Simple pubrec(int packetId) {
        return new Simple(PacketType.PUBREC, packetId);
    }

    static Simple pubrel(int packetId) {
        return new Simple(PacketType.PUBREL, packetId);
    }

    static Simple pubcomp(int packetId) {
        return new Simple(PacketType.PUBCOMP, packetId);
    }

    /** To be given its filters; {@code options} of the first one: QoS and what else there is in that byte. */
    static Filters subscribe(int packetId, String filter, int options) {
        return subscribe(packetId).filter(filter, options);
    }

    /** Without any filter. */
    static Filters subscribe(int packetId) {
        return new Filters(PacketType.SUBSCRIBE, packetId);
    }

    static Filters unsubscribe(int packetId, String... filters) {
        Filters packet = new Filters(PacketType.UNSUBSCRIBE, packetId);
        for (String filter : filters) {
            packet.filter(filter);
        }
        return packet;
    }

    static Simple pingreq() {
        return new Simple(PacketType.PINGREQ, -1);
    }

    static Simple disconnect() {
        return new Simple(PacketType.DISCONNECT, -1);
    }

    static Simple auth(int code) {
        return new Simple(PacketType.AUTH, -1).code(code);
    }
}
