package dev.recado.core.broker;

import dev.recado.QoS;

/**
 * A message that waits: a copy of the publisher's bytes, made once however many sessions keep it.
 *
 * @param topic the topic name in UTF-8; shared, never changed
 * @param qos what it was published with
 * @param retained whether it goes out as a last value
 * @param bytes encoded properties (those that are forwarded), then the payload; never changed
 * @param propertiesLength where the payload begins
 * @param expires whether {@code expiresAt} means anything
 * @param expiresAt on the broker's clock, in nanoseconds
 * @param stored its place among the stored messages; {@link Stamp#NONE} when it has none, for it was not stored
 */
record StoredMessage(
        byte[] topic,
        QoS qos,
        boolean retained,
        byte[] bytes,
        int propertiesLength,
        boolean expires,
        long expiresAt,
        Stamp stored) {

    /**
     * A place in the order in which the broker stored messages, as last value or in a history.
     *
     * @param sequence counts the stored messages of all topics, from 1; 0 for none
     * @param batch the number of the batch that stored it
     */
    record Stamp(long sequence, long batch) {
        static final Stamp NONE = new Stamp(0, 0);
    }

    int size() {
        return topic.length + bytes.length;
    }

    int payloadLength() {
        return bytes.length - propertiesLength;
    }

    boolean isExpired(long now) {
        return expires && expiresAt - now <= 0;
    }

    /**
     * Seconds left, as Message Expiry Interval has them: rounded up, so that what is not expired never says 0; 0 for what
     * has expired since it was first sent; -1 for none.
     */
    long remainingExpiry(long now) {
        return expires ? Math.max(0, (expiresAt - now + 999_999_999L) / 1_000_000_000L) : -1;
    }
}
