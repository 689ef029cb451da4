package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.UserProperty;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Makes {@link Message}s of PUBLISH packets. Not thread-safe. */
final class MessageDecoder {

    private byte[] lastTopicUtf8 = new byte[0];
    private String lastTopic = "";

    Message decode(PublishView packet) {
        Message.Builder message = Message.builder(topic(packet))
                .payload(packet.buffer().slice(packet.payloadStart(), packet.payloadLength()))
                .qos(packet.qos())
                .retained(packet.retain())
                .duplicate(packet.dup());
        if (packet.messageExpiry() >= 0) {
            message.expiry(Duration.ofSeconds(packet.messageExpiry()));
        }
        if (packet.forwardableLength() > 0) {
            addProperties(message, packet.toPacket().properties());
        }
        return message.build();
    }

    /** Most messages of a subscriber come with the topic of the one before: one string then serves many. */
    private String topic(PublishView packet) {
        if (!isLastTopic(packet)) {
            byte[] utf8 = new byte[packet.topicLength()];
            packet.buffer().get(packet.topicStart(), utf8);
            lastTopicUtf8 = utf8;
            lastTopic = new String(utf8, StandardCharsets.UTF_8);
        }
        return lastTopic;
    }

    private boolean isLastTopic(PublishView packet) {
        if (packet.topicLength() != lastTopicUtf8.length) {
            return false;
        }
        ByteBuffer buffer = packet.buffer();
        int start = packet.topicStart();
        // From the end, where topics differ.
        for (int i = lastTopicUtf8.length - 1; i >= 0; i--) {
            if (buffer.get(start + i) != lastTopicUtf8[i]) {
                return false;
            }
        }
        return true;
    }

    private static void addProperties(Message.Builder message, Properties properties) {
        message.utf8(properties.number(Property.PAYLOAD_FORMAT_INDICATOR, 0) == 1);
        String contentType = properties.text(Property.CONTENT_TYPE);
        if (contentType != null) {
            message.contentType(contentType);
        }
        String responseTopic = properties.text(Property.RESPONSE_TOPIC);
        if (responseTopic != null) {
            message.responseTopic(responseTopic);
        }
        ByteBuffer correlationData = properties.bytes(Property.CORRELATION_DATA);
        if (correlationData != null) {
            message.correlationData(correlationData);
        }
        for (UserProperty property : properties.userProperties()) {
            message.userProperty(property.name(), property.value());
        }
    }
}
