package dev.recado.testkit.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A packet that the broker sent, found to be well-formed. Fields that its type does not have are empty, 0 or -1. */
record Received(
        PacketType type,
        int flags,
        int packetId,
        boolean sessionPresent,
        List<Integer> codes,
        String topic,
        byte[] payload,
        Properties properties,
        int size) {

    /** The only Reason Code (or Connect Return code); 0 where the packet ended before it, as MQTT 5 allows. */
    int code() {
        return codes.isEmpty() ? 0 : codes.get(0);
    }

    boolean dup() {
        return (flags & 8) != 0;
    }

    int qos() {
        return flags >> 1 & 3;
    }

    boolean retain() {
        return (flags & 1) != 0;
    }

    /** The payload as a text. */
    String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    boolean has(Property property) {
        return properties.has(property);
    }

    /** At most so many bytes the same packet would have without these properties. */
    int sizeWithout(Property... left) {
        int without = size;
        for (Property property : left) {
            without -= properties.bytesOf(property);
        }
        return without;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type.name());
        if (type == PacketType.PUBLISH) {
            text.append(" QoS ").append(qos()).append(dup() ? " DUP" : "").append(retain() ? " RETAIN" : "");
            text.append(" to '").append(topic).append('\'');
        }
        if (packetId >= 0) {
            text.append(" id ").append(packetId);
        }
        if (type == PacketType.CONNACK) {
            text.append(" Session Present ").append(sessionPresent ? 1 : 0);
        }
        for (int code : codes) {
            text.append(String.format(" 0x%02X", code));
        }
        if (!properties.isEmpty()) {
            text.append(" {").append(properties).append('}');
        }
        if (type == PacketType.PUBLISH) {
            String shown = text();
            text.append(": ").append(shown.length() <= 80 ? shown : payload.length + " bytes");
        }
        return text.toString();
    }
}
