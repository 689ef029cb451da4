package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.UserProperty;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.NameBytes;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Makes {@link Message}s of the PUBLISH packets of one connection. Not thread-safe. */
final class MessageDecoder {

    private byte[] lastTopicUtf8 = new byte[0];
    private String lastTopic = "";

    /** At index i what alias i + 1 stands for; {@code null}: nothing yet. */
    private final String[] aliases;

    /**
     * For one connection: aliases end with it (MQTT-3.3.2-7).
     *
     * @param aliasMaximum the Topic Alias Maximum that was announced
     */
    MessageDecoder(int aliasMaximum) {
        aliases = new String[aliasMaximum];
    }

    /**
     * The topic name, after its alias where the packet has only that; remembers an alias that comes with a name.
     *
     * @param packet its alias is not over the maximum; its name need not have been checked
     * @return {@code null} when the alias stands for nothing
     * @throws CodecException when the name breaks a rule
     */
    String topic(PublishView packet) throws CodecException {
        int alias = packet.topicAlias();
        if (packet.topicLength() == 0) {
            return aliases[alias - 1];
        }
        String topic = statedTopic(packet);
        if (alias > 0) {
            aliases[alias - 1] = topic;
        }
        return topic;
    }

    /**
     * The message.
     *
     * @param topic of {@link #topic}
     */
    Message decode(PublishView packet, String topic) {
        Message.Builder message = Message.builder(topic)
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
    private String statedTopic(PublishView packet) throws CodecException {
        if (!NameBytes.isSame(lastTopicUtf8, packet.buffer(), packet.topicStart(), packet.topicLength())) {
            packet.checkTopic();
            byte[] utf8 = new byte[packet.topicLength()];
            packet.buffer().get(packet.topicStart(), utf8);
            lastTopicUtf8 = utf8;
            lastTopic = new String(utf8, StandardCharsets.UTF_8);
        }
        return lastTopic;
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
