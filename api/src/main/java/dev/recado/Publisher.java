package dev.recado;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/**
 * A client that sends messages and does nothing else, over a connection of its own. It states its topic when it connects, or a
 * filter that the topics of its messages are {@linkplain Builder#topicsUnder under}, and the broker holds it to that.
 *
 * <p>All methods are thread-safe. Messages of one thread arrive in the order sent; those of several threads in the order in
 * which their calls entered.
 *
 * <p>While the connection is lost and {@linkplain Builder#reconnect reconnecting} is on, calls wait for it, each up to its
 * own time limit. A message that was on its way when the connection broke is sent again, so at QoS 1 it may arrive twice. At
 * QoS 2 it arrives once, as long as the broker keeps the {@linkplain Builder#sessionExpiry session}; when that is lost,
 * nobody knows whether the message arrived, and its call fails.
 *
 * <p>A message with an {@linkplain Message#expiry expiry} grows old while it waits here to be sent: the broker is told what is
 * left, and when nothing is, the message is not sent and its call fails.
 *
 * <p>Interrupting a thread that waits in a method ends the waiting with {@link WaitInterruptedException} and nothing else:
 * a message already sent stays sent.
 *
 * @since 0.1.0
 */
public interface Publisher extends AutoCloseable {

    /**
     * Prepares a publisher for a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}; the scheme picks the transport
     * @return a new builder
     */
    static Builder builder(URI endpoint) {
        return Engines.engine().publisher(endpoint);
    }

    /**
     * Prepares a publisher for a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}
     * @return a new builder
     * @throws IllegalArgumentException when the endpoint is no URI
     */
    static Builder builder(String endpoint) {
        return builder(URI.create(endpoint));
    }

    /**
     * Publishes text to this publisher's topic; see {@link #publish(Message)}.
     *
     * @param text in UTF-8
     */
    void publish(String text);

    /**
     * Publishes bytes to this publisher's topic; see {@link #publish(Message)}.
     *
     * @param payload copied
     */
    void publish(byte[] payload);

    /**
     * Publishes text to a topic under this publisher's filter; see {@link #publish(Message)}.
     *
     * @param topic a topic name that the filter matches
     * @param text in UTF-8
     */
    void publish(String topic, String text);

    /**
     * Publishes a message. At QoS 1 and 2 it returns when the broker has acknowledged: it has put the message into every
     * matching session with room for it and stored the topic's last value, in memory unless it runs with a durable store. A
     * restart of a broker without one loses everything. At QoS 0 it returns when the message has been handed to the
     * transport, which may not have more than its high-water mark waiting.
     *
     * @param message its topic is this publisher's, or one that its filter matches
     * @throws IllegalArgumentException when the message's topic is not this publisher's, the message is larger than the
     *     broker takes, or MQTT 3.1.1 has no place for one of its properties
     * @throws RefusedException when the broker refused the message
     * @throws WaitTimeoutException after {@link Builder#timeout}, when the message may still arrive; or when it expired
     *     before it could be sent
     * @throws WaitInterruptedException when the calling thread is interrupted; the message may still arrive
     * @throws ConnectionFailedException when the connection was lost and reconnecting is off; at QoS 2 also when the session
     *     was lost, and the message may have arrived or not
     * @throws ClosedException when this publisher is closed
     */
    void publish(Message message);

    /**
     * Publishes text to this publisher's topic; see {@link #publishAsync(Message)}.
     *
     * @param text in UTF-8
     * @return completes as there
     */
    CompletableFuture<Void> publishAsync(String text);

    /**
     * Publishes without waiting for the acknowledgement. While {@link Builder#window} messages are unacknowledged, the call
     * waits for room, up to {@link Builder#timeout}: memory stays bounded and a fast caller is slowed to the broker's pace.
     *
     * @param message its topic is this publisher's, or one that its filter matches
     * @return completes when {@link #publish(Message)} would have returned, or exceptionally with what it would have thrown;
     *     on a thread of the client's, so stages that work for long belong on an executor
     * @throws IllegalArgumentException as {@link #publish(Message)}
     * @throws WaitTimeoutException when there was no room in time; the message was not sent
     * @throws WaitInterruptedException when interrupted while waiting for room; the message was not sent
     * @throws ClosedException when this publisher is closed
     */
    CompletableFuture<Void> publishAsync(Message message);

    /**
     * Waits until everything published before is acknowledged (QoS 1 and 2) or has left this process (QoS 0).
     *
     * @throws WaitTimeoutException after {@link Builder#timeout}
     * @throws WaitInterruptedException when the calling thread is interrupted
     * @throws ClosedException when this publisher is closed
     */
    void flush();

    /**
     * Authenticates again, over the connection that there is, with a new exchange of {@link Builder#authentication} (MQTT 5,
     * section 4.12.1): for what the broker takes for a limited time, such as a token. Publishing goes on
     * meanwhile. A call while another one is under way joins it and gets its outcome.
     *
     * <p>A failure ends the connection (MQTT-4.12.1-2). When the broker says no, or its answers do not satisfy the method,
     * that is the end of this publisher, as with {@code authentication}; in all other cases it
     * {@linkplain Builder#reconnect connects again}.
     *
     * @return completes when the broker has said yes and the method believes it, on a thread of the client's, so stages that
     *     work for long belong on an executor. Completes exceptionally with {@link IllegalStateException} without
     *     {@code authentication}, which MQTT 3.1.1 never has; {@link RefusedException} after a no;
     *     {@link WaitTimeoutException} after {@link Builder#timeout}; {@link ConnectionFailedException} when there is no
     *     connection, or it was lost meanwhile; {@link ClosedException} when this publisher is closed; or with what the
     *     method threw before anything was sent, and then the connection stays
     */
    CompletableFuture<Void> reauthenticate();

    /**
     * What this publisher states when it connects.
     *
     * @return its topic name, or its filter
     */
    String topic();

    /**
     * Who it is.
     *
     * @return the client identifier, its own or the one that the broker assigned
     */
    String clientId();

    /**
     * Where it stands with its broker.
     *
     * @return the state at this moment
     */
    ConnectionState state();

    /**
     * Finishes what was published, up to {@link Builder#timeout}, ends the session, disconnects and frees everything.
     * Idempotent.
     */
    @Override
    void close();

    /** Prepares a {@link Publisher}. Not thread-safe. Each method returns this builder. */
    interface Builder extends ClientBuilder<Builder> {

        /**
         * The topic that this publisher sends to.
         *
         * @param name a topic name: no wildcard, not empty, at most 65,535 bytes in UTF-8
         * @return this
         * @throws IllegalArgumentException when it is no topic name
         */
        Builder topic(String name);

        /**
         * The topics that this publisher sends to, where it names one with each message:
         *
         * <pre>{@code
         * Publisher ana = Publisher.builder(uri).topicsUnder("chat/sala/#").open();
         * ana.publish("chat/sala/bea", "oi");
         * }</pre>
         *
         * <p>A topic is catalogued when it is used; the filter is not.
         *
         * @param filter a topic filter, such as {@code chat/sala/#}
         * @return this
         * @throws IllegalArgumentException when it is no topic filter
         */
        Builder topicsUnder(String filter);

        /**
         * How messages are sent, unless a message says otherwise.
         *
         * @param level default {@link QoS#AT_LEAST_ONCE}
         * @return this
         */
        Builder qos(QoS level);

        /**
         * Whether each message becomes its topic's last value, which every later subscriber gets first.
         *
         * @param lastValue default {@code true}; with {@code false} only those do that say so themselves:
         *     {@link Message.Builder#retained}
         * @return this
         */
        Builder retain(boolean lastValue);

        /**
         * How many messages may be unacknowledged at a time. The broker may allow fewer.
         *
         * @param messages 1 to 65,535; default 1,024
         * @return this
         * @throws IllegalArgumentException when it is out of range
         */
        Builder window(int messages);

        /**
         * Connects. Does not try twice: a wrong address shows at once.
         *
         * @return a connected publisher
         * @throws IllegalArgumentException when no topic was given, the endpoint is none, or what was asked for does not go
         *     together
         * @throws ConnectionFailedException when the broker cannot be reached
         * @throws RefusedException when the broker refuses
         * @throws WaitTimeoutException after {@link #connectTimeout}
         * @throws WaitInterruptedException when the calling thread is interrupted; nothing is left behind
         */
        Publisher open();
    }
}
