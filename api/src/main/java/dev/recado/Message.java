package dev.recado;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A message: a topic name, a payload and what MQTT 5 lets travel beside them. Immutable and thread-safe; two messages are
 * equal only when they are the same object, since the same text may well be sent twice.
 *
 * @since 0.1.0
 */
public final class Message {

    private static final byte[] NO_BYTES = new byte[0];

    private final String topic;
    private final byte[] payload;
    private final QoS qos;
    private final boolean retained;
    private final boolean duplicate;
    private final boolean utf8;
    private final Duration expiry;
    private final String contentType;
    private final String responseTopic;
    private final byte[] correlationData;
    private final List<UserProperty> userProperties;

    private Message(Builder builder) {
        topic = builder.topic;
        payload = builder.payload;
        qos = builder.qos;
        retained = builder.retained;
        duplicate = builder.duplicate;
        utf8 = builder.utf8;
        expiry = builder.expiry;
        contentType = builder.contentType;
        responseTopic = builder.responseTopic;
        correlationData = builder.correlationData;
        userProperties = List.copyOf(builder.userProperties);
    }

    /**
     * A text message.
     *
     * @param topic the topic name, without wildcards
     * @param text becomes the payload, in UTF-8
     * @return the message
     */
    public static Message of(String topic, String text) {
        return builder(topic).payload(text).build();
    }

    /**
     * A message of bytes.
     *
     * @param topic the topic name, without wildcards
     * @param payload copied
     * @return the message
     */
    public static Message of(String topic, byte[] payload) {
        return builder(topic).payload(payload).build();
    }

    /**
     * A message step by step.
     *
     * @param topic the topic name, without wildcards
     * @return a builder with an empty payload
     */
    public static Builder builder(String topic) {
        return new Builder(topic);
    }

    /**
     * An answer to a request step by step, for its {@link #responseTopic} and with its {@link #correlationData}.
     *
     * @param request the request
     * @return a builder with an empty payload
     * @throws IllegalArgumentException when it is no request: nobody awaits an answer
     */
    public static Builder replyTo(Message request) {
        if (request.responseTopic == null) {
            throw new IllegalArgumentException(
                    "the message to '" + request.topic + "' has no Response Topic: nobody awaits an answer");
        }
        Builder reply = new Builder(request.responseTopic);
        reply.correlationData = request.correlationData;
        return reply;
    }

    /**
     * An answer in text to this request.
     *
     * @param text becomes the payload, in UTF-8
     * @return the answer
     * @throws IllegalArgumentException when this is no request
     * @see #replyTo
     */
    public Message reply(String text) {
        return replyTo(this).payload(text).build();
    }

    /**
     * An answer in bytes to this request.
     *
     * @param bytes copied
     * @return the answer
     * @throws IllegalArgumentException when this is no request
     * @see #replyTo
     */
    public Message reply(byte[] bytes) {
        return replyTo(this).payload(bytes).build();
    }

    /**
     * This message, to be changed.
     *
     * @return a builder with everything that this message has
     */
    public Builder toBuilder() {
        Builder copy = new Builder(topic);
        copy.payload = payload;
        copy.qos = qos;
        copy.retained = retained;
        copy.duplicate = duplicate;
        copy.utf8 = utf8;
        copy.expiry = expiry;
        copy.contentType = contentType;
        copy.responseTopic = responseTopic;
        copy.correlationData = correlationData;
        copy.userProperties.addAll(userProperties);
        return copy;
    }

    /**
     * Where it was published.
     *
     * @return the topic name
     */
    public String topic() {
        return topic;
    }

    /**
     * The payload without copying it.
     *
     * @return a new read-only view
     */
    public ByteBuffer payload() {
        return ByteBuffer.wrap(payload).asReadOnlyBuffer();
    }

    /**
     * The payload as an array of the caller's own.
     *
     * @return a copy
     */
    public byte[] bytes() {
        return payload.clone();
    }

    /**
     * The payload as text.
     *
     * @return the payload decoded as UTF-8; bytes that are not UTF-8 become U+FFFD
     */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /**
     * The payload's length.
     *
     * @return bytes
     */
    public int size() {
        return payload.length;
    }

    /**
     * Of a received message, the QoS it was delivered with, the lower of the publisher's and the subscription's. Of one to
     * be published, what was set by hand.
     *
     * @return empty when the publisher's own QoS is to apply
     */
    public Optional<QoS> qos() {
        return Optional.ofNullable(qos);
    }

    /**
     * Whether a received message is a topic's last value from before this subscriber came (MQTT's RETAIN flag).
     *
     * @return {@code false} for live messages, unless {@link Subscriber.Builder#retainAsPublished} was asked for
     */
    public boolean retained() {
        return retained;
    }

    /**
     * Whether the broker may have delivered this message before (MQTT's DUP flag).
     *
     * @return {@code true} when it is sent again
     */
    public boolean duplicate() {
        return duplicate;
    }

    /**
     * Whether the publisher says that the payload is UTF-8 text (Payload Format Indicator).
     *
     * @return {@code false} when nothing is said
     */
    public boolean utf8() {
        return utf8;
    }

    /**
     * After what time a message that still waits is of no use (Message Expiry Interval).
     *
     * @return whole seconds; of a received message, what was left when the broker sent it
     */
    public Optional<Duration> expiry() {
        return Optional.ofNullable(expiry);
    }

    /**
     * What the payload is, usually a MIME type (Content Type).
     *
     * @return the publisher's word
     */
    public Optional<String> contentType() {
        return Optional.ofNullable(contentType);
    }

    /**
     * Where an answer is awaited (Response Topic).
     *
     * @return a topic name
     */
    public Optional<String> responseTopic() {
        return Optional.ofNullable(responseTopic);
    }

    /**
     * What the answer is to carry, so that the asker knows what it answers (Correlation Data).
     *
     * @return a new read-only view
     */
    public Optional<ByteBuffer> correlationData() {
        return Optional.ofNullable(correlationData)
                .map(bytes -> ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    /**
     * User properties, in the publisher's order.
     *
     * @return unmodifiable; empty when there are none
     */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /** Topic and size; never the payload, which may be confidential. */
    @Override
    public String toString() {
        return "Message[" + topic + ", " + payload.length + " bytes]";
    }

    /** Builds a {@link Message}. Not thread-safe. */
    public static final class Builder {

        private final String topic;
        private byte[] payload = NO_BYTES;
        private QoS qos;
        private boolean retained;
        private boolean duplicate;
        private boolean utf8;
        private Duration expiry;
        private String contentType;
        private String responseTopic;
        private byte[] correlationData;
        private final List<UserProperty> userProperties = new ArrayList<>(0);

        private Builder(String topic) {
            this.topic = Objects.requireNonNull(topic, "topic");
        }

        /**
         * Sets the payload.
         *
         * @param text in UTF-8
         * @return this
         */
        public Builder payload(String text) {
            payload = text.getBytes(StandardCharsets.UTF_8);
            return this;
        }

        /**
         * Sets the payload.
         *
         * @param bytes copied
         * @return this
         */
        public Builder payload(byte[] bytes) {
            payload = bytes.clone();
            return this;
        }

        /**
         * Sets the payload.
         *
         * @param bytes copied from position to limit; left as it is
         * @return this
         */
        public Builder payload(ByteBuffer bytes) {
            payload = copy(bytes);
            return this;
        }

        /**
         * Overrides the publisher's QoS for this message.
         *
         * @param level the level
         * @return this
         */
        public Builder qos(QoS level) {
            qos = Objects.requireNonNull(level, "level");
            return this;
        }

        /**
         * See {@link Message#retained()}. Set by the library on messages received, and by the program on a {@linkplain
         * ClientBuilder#will(Message) will}, or a message of a publisher with {@link Publisher.Builder#retain
         * retain(false)}, that is to become its topic's last value all the same.
         *
         * @param lastValue whether it is a last value
         * @return this
         */
        public Builder retained(boolean lastValue) {
            retained = lastValue;
            return this;
        }

        /**
         * See {@link Message#duplicate()}. Set by the library on messages received; without effect on publishing.
         *
         * @param again whether it is sent again
         * @return this
         */
        public Builder duplicate(boolean again) {
            duplicate = again;
            return this;
        }

        /**
         * See {@link Message#utf8()}.
         *
         * @param text whether the payload is UTF-8 text
         * @return this
         */
        public Builder utf8(boolean text) {
            utf8 = text;
            return this;
        }

        /**
         * See {@link Message#expiry()}.
         *
         * @param after 0 to 4,294,967,295 seconds; fractions are cut off
         * @return this
         * @throws IllegalArgumentException when it is out of range
         */
        public Builder expiry(Duration after) {
            if (after.isNegative() || after.getSeconds() > 0xFFFF_FFFFL) {
                throw new IllegalArgumentException("expiry must be 0 to 4294967295 seconds, but is " + after);
            }
            expiry = Duration.ofSeconds(after.getSeconds());
            return this;
        }

        /**
         * See {@link Message#contentType()}.
         *
         * @param type any text
         * @return this
         */
        public Builder contentType(String type) {
            contentType = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * See {@link Message#responseTopic()}.
         *
         * @param name a topic name, without wildcards
         * @return this
         */
        public Builder responseTopic(String name) {
            responseTopic = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * See {@link Message#correlationData()}.
         *
         * @param bytes copied from position to limit; left as it is
         * @return this
         */
        public Builder correlationData(ByteBuffer bytes) {
            correlationData = copy(bytes);
            return this;
        }

        /**
         * Adds a user property behind those there are.
         *
         * @param name may occur more than once
         * @param value any text
         * @return this
         */
        public Builder userProperty(String name, String value) {
            userProperties.add(new UserProperty(name, value));
            return this;
        }

        /**
         * The message. The builder can be used on.
         *
         * @return an immutable message
         */
        public Message build() {
            return new Message(this);
        }

        private static byte[] copy(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            return copy;
        }
    }
}
