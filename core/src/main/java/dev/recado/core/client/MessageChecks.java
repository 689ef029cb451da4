package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.TopicRules;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Turns the messages of one publisher into {@link Delivery deliveries}, and refuses those that cannot become one. */
final class MessageChecks {

    private final List<String> topics;

    /** {@code null} when the publisher was given more than one topic, or a filter with wildcards. */
    private final byte[] topicUtf8;

    private final QoS defaultQos;
    private final boolean retain;
    private final ProtocolVersion version;
    private final long timeoutNanos;

    /**
     * For one publisher.
     *
     * @param topics names or filters, one at least
     * @param retain whether every message becomes its topic's last value, and not only those that say so
     * @param timeoutNanos how long its callers wait
     */
    MessageChecks(List<String> topics, QoS defaultQos, boolean retain, ProtocolVersion version, long timeoutNanos) {
        this.topics = topics;
        this.topicUtf8 = topics.size() > 1 || TopicRules.hasWildcard(topics.get(0))
                ? null
                : topics.get(0).getBytes(StandardCharsets.UTF_8);
        this.defaultQos = defaultQos;
        this.retain = retain;
        this.version = version;
        this.timeoutNanos = timeoutNanos;
    }

    /** The one topic of the publisher. */
    String topic() {
        if (topicUtf8 == null) {
            throw new IllegalStateException(
                    "this publisher was given " + shown() + " and not one topic: name the topic of each message");
        }
        return topics.get(0);
    }

    /**
     * Makes the delivery of a message.
     *
     * @throws IllegalArgumentException when the message cannot be sent by this publisher
     */
    Delivery delivery(Message message, long now) {
        QoS qos = message.qos().orElse(defaultQos);
        byte[] topic = checkedTopic(message.topic());
        ByteBuffer properties = properties(message);
        ByteBuffer payload = message.payload();
        long expiry = message.expiry().isPresent() ? message.expiry().get().getSeconds() : -1;
        if (!version.hasProperties() && (expiry >= 0 || properties != null)) {
            throw new IllegalArgumentException("the message to '" + message.topic() + "' has "
                    + (expiry >= 0 ? "an expiry" : "properties") + ", for which " + version + " has no place");
        }
        int size = PacketEncoder.publishSize(
                version,
                qos,
                topic.length,
                properties == null ? 0 : properties.remaining(),
                expiry,
                null,
                payload.remaining());
        boolean lastValue = retain || message.retained();
        return new Delivery(topic, payload, qos, lastValue, properties, expiry, size, now, now + timeoutNanos);
    }

    private byte[] checkedTopic(String topic) {
        if (topicUtf8 != null) {
            if (!topic.equals(topics.get(0))) {
                throw new IllegalArgumentException(
                        "the message's topic is '" + topic + "', but this publisher's is '" + topics.get(0) + "'");
            }
            return topicUtf8;
        }
        String violation = TopicRules.nameViolation(topic);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        if (!isMatched(topic)) {
            throw new IllegalArgumentException(
                    "the message's topic is '" + topic + "', which this publisher's " + shown() + " does not match");
        }
        return topic.getBytes(StandardCharsets.UTF_8);
    }

    private boolean isMatched(String topic) {
        for (String filter : topics) {
            if (TopicRules.matches(filter, topic)) {
                return true;
            }
        }
        return false;
    }

    private String shown() {
        return "filter '" + String.join("', '", topics) + "'";
    }

    private static ByteBuffer properties(Message message) {
        if (MessageProperties.isEmpty(message)) {
            return null;
        }
        Properties properties = MessageProperties.of(message).build();
        ByteBuffer encoded = ByteBuffer.allocate(properties.forwardableLength());
        properties.copyForwardable(encoded);
        return encoded.flip();
    }

    /**
     * Why a broker would not take a delivery.
     *
     * @return an exception to be thrown; {@code null} when it would
     */
    static RuntimeException objection(Delivery delivery, ServerLimits limits) {
        if (delivery.size > limits.maxPacketSize()) {
            return new IllegalArgumentException("a message of " + delivery.payload.remaining() + " bytes to '"
                    + topicOf(delivery) + "' makes a packet of " + delivery.size + " bytes, over the broker's "
                    + "Maximum Packet Size of " + limits.maxPacketSize() + " (MQTT-3.2.2-15)");
        }
        if (delivery.qos.compareTo(limits.maxQos()) > 0) {
            return refusedQos(delivery.qos, limits);
        }
        if (delivery.retain && !limits.retainAvailable()) {
            return new RefusedException(
                    "the message to '" + topicOf(delivery)
                            + "' is to become its topic's last value, but the broker keeps none (MQTT-3.2.2-14)",
                    ReasonCode.RETAIN_NOT_SUPPORTED);
        }
        return null;
    }

    static RefusedException refusedQos(QoS qos, ServerLimits limits) {
        return new RefusedException(
                "the publisher's QoS is " + qos + ", over the broker's Maximum QoS of " + limits.maxQos()
                        + " (MQTT-3.2.2-11)",
                ReasonCode.QOS_NOT_SUPPORTED);
    }

    static String topicOf(Delivery delivery) {
        return new String(delivery.topicUtf8, StandardCharsets.UTF_8);
    }
}
