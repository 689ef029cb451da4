package dev.recado;

import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A client that sends messages and does nothing else, over a connection of its own. It states its topic when it connects,
 * and the broker holds it to that.
 *
 * <p>All methods are thread-safe. Messages of one thread arrive in the order sent; those of several threads in the order in
 * which their calls entered.
 *
 * <p>While the connection is lost and {@linkplain Builder#reconnect reconnecting} is on, calls wait for it, each up to its
 * own time limit. A message that was on its way when the connection broke is sent again, so at QoS 1 it may arrive twice.
 *
 * <p>Interrupting a thread that waits in a method ends the waiting with {@link WaitInterruptedException} and nothing else:
 * a message already sent stays sent.
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
     * Publishes a message. At QoS 1 it returns when the broker has acknowledged: it has put the message into every
     * matching session with room for it and stored the topic's last value, in memory unless it runs with a durable store. A
     * restart of a broker without one loses everything. At QoS 0 it returns when the message has been handed to the
     * transport, which may not have more than its high-water mark waiting.
     *
     * @param message its topic is this publisher's, or one that its filter matches
     * @throws IllegalArgumentException when the message's topic is not this publisher's, or the message is larger than the
     *     broker takes
     * @throws RefusedException when the broker refused the message
     * @throws WaitTimeoutException after {@link Builder#timeout}; the message may still arrive
     * @throws WaitInterruptedException when the calling thread is interrupted; the message may still arrive
     * @throws ConnectionFailedException when the connection was lost and reconnecting is off
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
     * Waits until everything published before is acknowledged (QoS 1) or has left this process (QoS 0).
     *
     * @throws WaitTimeoutException after {@link Builder#timeout}
     * @throws WaitInterruptedException when the calling thread is interrupted
     * @throws ClosedException when this publisher is closed
     */
    void flush();

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

    /** Finishes what was published, up to {@link Builder#timeout}, disconnects and frees everything. Idempotent. */
    @Override
    void close();

    /** Prepares a {@link Publisher}. Not thread-safe. Each method returns this builder. */
    interface Builder {

        /**
         * The topic that this publisher sends to.
         *
         * @param name a topic name: no wildcard, not empty, at most 65,535 bytes in UTF-8
         * @return this
         * @throws IllegalArgumentException when it is no topic name
         */
        Builder topic(String name);

        /**
         * The topics that this publisher sends to, where it names one with each message.
         *
         * @param filter a topic filter, such as {@code chat/#}
         * @return this
         * @throws IllegalArgumentException when it is no topic filter
         */
        Builder topicsUnder(String filter);

        /**
         * The client identifier.
         *
         * @param id unique at the broker; the one who comes second takes the name over. Default: the broker assigns one
         * @return this
         */
        Builder clientId(String id);

        /**
         * How messages are sent, unless a message says otherwise.
         *
         * @param level default {@link QoS#AT_LEAST_ONCE}; {@link QoS#EXACTLY_ONCE} is not supported yet
         * @return this
         */
        Builder qos(QoS level);

        /**
         * Whether each message becomes its topic's last value, which every later subscriber gets first.
         *
         * @param lastValue default {@code true}
         * @return this
         */
        Builder retain(boolean lastValue);

        /**
         * How long a call may wait: for the connection, for room in the window, for the acknowledgement.
         *
         * @param limit positive; default 30 seconds
         * @return this
         */
        Builder timeout(Duration limit);

        /**
         * How many messages may be unacknowledged at a time. The broker may allow fewer.
         *
         * @param messages 1 to 65,535; default 1,024
         * @return this
         */
        Builder window(int messages);

        /**
         * How long {@link #open} and each later attempt to connect may take.
         *
         * @param limit positive; default 10 seconds
         * @return this
         */
        Builder connectTimeout(Duration limit);

        /**
         * After how much silence client and broker make sure of each other. Half as much again without a word from this
         * client, and the broker ends the connection.
         *
         * @param interval 0 to 65,535 whole seconds; 0 switches it off; default 60 seconds
         * @return this
         */
        Builder keepAlive(Duration interval);

        /**
         * What happens when the connection is lost.
         *
         * @param policy default {@link Reconnect#defaults()}; {@link Reconnect#never()} to give up at once
         * @return this
         */
        Builder reconnect(Reconnect policy);

        /**
         * Tells about changes of {@link #state}.
         *
         * @param listener replaces an earlier one
         * @return this
         */
        Builder onStateChange(StateListener listener);

        /**
         * Chooses a transport by name instead of by the endpoint's scheme.
         *
         * @param name such as {@code nio} or {@code blocking}
         * @return this
         */
        Builder transport(String name);

        /**
         * Uses a transport that the caller made and will close; several clients may share it.
         *
         * @param shared the transport
         * @return this
         */
        Builder transport(Transport shared);

        /**
         * Puts a layer between transport and engine; later ones lie closer to the engine.
         *
         * @param layer the layer
         * @return this
         */
        Builder layer(Layer layer);

        /**
         * Connects. Does not try twice: a wrong address shows at once.
         *
         * @return a connected publisher
         * @throws IllegalArgumentException when no topic was given, or the endpoint is none
         * @throws ConnectionFailedException when the broker cannot be reached
         * @throws RefusedException when the broker refuses
         * @throws WaitTimeoutException after {@link #connectTimeout}
         * @throws WaitInterruptedException when the calling thread is interrupted; nothing is left behind
         */
        Publisher open();
    }
}
