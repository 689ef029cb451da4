package dev.recado;

import java.time.Duration;

/**
 * What the builders of {@link Publisher}s and {@link Subscriber}s have in common beyond {@link ConnectionBuilder}: what
 * concerns one connection and its session. Not thread-safe. Each method returns the builder it is called on.
 *
 * @param <B> the type of the builder itself
 * @since 0.1.0
 */
public interface ClientBuilder<B extends ClientBuilder<B>> extends ConnectionBuilder<B> {

    /**
     * Which MQTT to speak.
     *
     * @param protocol default {@link MqttVersion#V5}
     * @return this
     */
    B version(MqttVersion protocol);

    /**
     * How long the broker keeps the session when the connection is gone: a subscriber's subscriptions, the messages that
     * wait for it, and how far messages of {@link QoS#EXACTLY_ONCE} have come. The broker may decide otherwise; MQTT 3.1.1
     * leaves the time to it, and only zero or not counts there.
     *
     * @param time whole seconds up to 4,294,967,295, which stands for ever; default zero: the session ends with each
     *     connection. More needs a {@link #clientId}
     * @return this
     * @throws IllegalArgumentException when it is out of range or no whole number of seconds
     */
    B sessionExpiry(Duration time);

    /**
     * Whether the first connection forgets what the broker has kept under this name. Later ones go on with the session as
     * long as there is one. What an earlier process knew of it is gone in any case: what it was sending at
     * {@link QoS#EXACTLY_ONCE} and had not finished, this one sends no more.
     *
     * @param forget default: {@code true} for publishers, and for subscribers without {@link #sessionExpiry}. With MQTT
     *     3.1.1 it has to be {@code true} without and {@code false} with one
     * @return this
     */
    B cleanStart(boolean forget);

    /**
     * What the broker publishes in this client's name when its connection is lost without a goodbye, or its session ends.
     * Neither role nor topics restrict it; the broker's authorization does.
     *
     * @param message at most 65,535 bytes. Its {@link Message#qos} counts, {@link QoS#AT_LEAST_ONCE} where it has none, and
     *     its {@link Message#retained} says whether it becomes the topic's last value
     * @return this
     * @throws IllegalArgumentException when the message cannot be one
     */
    default B will(Message message) {
        return will(message, Duration.ZERO);
    }

    /**
     * A {@linkplain #will(Message) will} that is not published when the client comes back in time. It cannot wait longer
     * than the session lasts.
     *
     * @param message see there
     * @param delay 0 to 4,294,967,295 whole seconds; MQTT 3.1.1 has none
     * @return this
     * @throws IllegalArgumentException when the message cannot be one, or the delay is out of range
     */
    B will(Message message, Duration delay);
}
