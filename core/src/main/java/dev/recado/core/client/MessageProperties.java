package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.TopicRules;

/** What travels beside a message, apart from its expiry, as properties of a PUBLISH or of a will. */
final class MessageProperties {

    private MessageProperties() {}

    /** Whether a message has none. */
    static boolean isEmpty(Message message) {
        return !message.utf8()
                && message.contentType().isEmpty()
                && message.responseTopic().isEmpty()
                && message.correlationData().isEmpty()
                && message.userProperties().isEmpty();
    }

    /**
     * The properties, and room for more.
     *
     * @throws IllegalArgumentException when the wire cannot carry one of them
     */
    static Properties.Builder of(Message message) {
        Properties.Builder properties = Properties.builder();
        if (message.utf8()) {
            properties.set(Property.PAYLOAD_FORMAT_INDICATOR, 1);
        }
        message.contentType().ifPresent(type -> properties.set(Property.CONTENT_TYPE, type));
        message.responseTopic().ifPresent(topic -> properties.set(Property.RESPONSE_TOPIC, responseTopic(topic)));
        message.correlationData().ifPresent(data -> properties.set(Property.CORRELATION_DATA, data));
        message.userProperties().forEach(pair -> properties.userProperty(pair.name(), pair.value()));
        return properties;
    }

    private static String responseTopic(String topic) {
        String violation = TopicRules.nameViolation(topic);
        if (violation != null) {
            throw new IllegalArgumentException("response topic: " + violation);
        }
        return topic;
    }
}
