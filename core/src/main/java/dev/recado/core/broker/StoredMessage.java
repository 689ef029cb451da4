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
 */
record StoredMessage(
        byte[] topic, QoS qos, boolean retained, byte[] bytes, int propertiesLength, boolean expires, long expiresAt) {

    int size() {
        return topic.length + bytes.length;
    }

    int payloadLength() {
        return bytes.length - propertiesLength;
    }

    boolean isExpired(long now) {
        return expires && expiresAt - now <= 0;
    }

    /** Seconds left, as Message Expiry Interval has them: rounded up, so that what is not expired never says 0; -1 for none. */
    long remainingExpiry(long now) {
        return expires ? (expiresAt - now + 999_999_999L) / 1_000_000_000L : -1;
    }
}
