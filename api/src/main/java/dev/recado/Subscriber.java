package dev.recado;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * A client that receives messages and does nothing else, over a connection of its own. It states its topic filters when it
 * connects, and is live when {@link Builder#open} returns: whatever is published from then on reaches it, and before that
 * the last value of every topic that its filters match.
 *
 * <p>There are three ways to consume, and a subscriber has one for its whole life: a {@linkplain Builder#onMessage handler},
 * called one message at a time on an executor of its own; {@link #receive}; or {@link #messages}. The first call of
 * {@code receive} or {@code messages} decides; a builder with a handler has decided. However it consumes, a slow consumer
 * slows its own connection only: at most {@link Builder#buffer} messages wait in this process.
 *
 * <p>A message is acknowledged when the handler has returned, or when {@code receive} or {@code onNext} has handed it over.
 * At QoS 1 one that was on its way when the connection broke may come again; at QoS 2, as long as the broker keeps the
 * {@linkplain Builder#sessionExpiry session}, each comes once to this subscriber. What has arrived is handed out even when it
 * has {@linkplain Message#expiry expired} while it waited here.
 *
 * <p>All methods are thread-safe.
 *
 * @since 0.1.0
 */
public interface Subscriber extends AutoCloseable {

    /**
     * Prepares a subscriber to a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}; the scheme picks the transport
     * @return a new builder
     */
    static Builder builder(URI endpoint) {
        return Engines.engine().subscriber(endpoint);
    }

    /**
     * Prepares a subscriber to a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}
     * @return a new builder
     * @throws IllegalArgumentException when the endpoint is no URI
     */
    static Builder builder(String endpoint) {
        return builder(URI.create(endpoint));
    }

    /**
     * Waits for the next message.
     *
     * @param timeout how long; zero asks without waiting
     * @return empty when none came in time, and when this subscriber is closed and everything received was handed out
     * @throws IllegalArgumentException when the timeout is negative
     * @throws IllegalStateException when this subscriber consumes in another way
     * @throws WaitInterruptedException when the calling thread is interrupted; no message is lost by it
     * @throws RecadoException when the connection is lost for good, with the cause
     */
    Optional<Message> receive(Duration timeout);

    /**
     * The messages as a reactive stream, for one {@link Flow.Subscriber} only; a second one gets {@code onError}. Its demand
     * reaches the broker: what is not requested is not read. {@code onComplete} follows {@link #close}, {@code onError} a
     * connection that is lost for good; cancelling closes this subscriber. Signals come on the subscriber's executor.
     *
     * @return always the same publisher
     * @throws IllegalStateException when this subscriber consumes in another way
     */
    Flow.Publisher<Message> messages();

    /**
     * Acknowledges a message by hand, where {@link Builder#manualAck} was called. Acknowledgements go out in the order in
     * which the messages came (MQTT-4.6.0-2): one waits for those before it. Messages of QoS 0, and those that
     * the broker will send again because their connection has been lost, need none, and nothing happens.
     *
     * @param message the very object that was received
     * @throws IllegalStateException when acknowledging is not manual
     */
    void acknowledge(Message message);

    /**
     * Authenticates again, over the connection that there is, with a new exchange of {@link Builder#authentication} (MQTT 5,
     * section 4.12.1): for what the broker takes for a limited time, such as a token. Messages come
     * meanwhile; but while the {@link Builder#buffer} is full nothing is read, not the broker's challenges either, and the
     * time limit runs. A call while another one is under way joins it and gets its outcome.
     *
     * <p>A failure ends the connection (MQTT-4.12.1-2). When the broker says no, or its answers do not satisfy the method,
     * that is the end of this subscriber, as with {@code authentication}; in all other cases it
     * {@linkplain Builder#reconnect connects again}.
     *
     * @return completes when the broker has said yes and the method believes it, on a thread of the client's, so stages that
     *     work for long belong on an executor. Completes exceptionally with {@link IllegalStateException} without
     *     {@code authentication}, which MQTT 3.1.1 never has; {@link RefusedException} after a no;
     *     {@link WaitTimeoutException} after {@link Builder#timeout}; {@link ConnectionFailedException} when there is no
     *     connection, or it was lost meanwhile; {@link ClosedException} when this subscriber is closed; or with what the
     *     method threw before anything was sent, and then the connection stays
     */
    CompletableFuture<Void> reauthenticate();

    /**
     * What it subscribes to.
     *
     * @return the topic filters, in the order given
     */
    List<String> topics();

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
     * Unsubscribes, waits until everything that the broker has for this subscriber has arrived and been consumed, then
     * disconnects and frees everything. It does not wait for who takes nothing: with {@link #receive}, or a stream without
     * demand, it ends when what the broker sent has arrived or the {@link Builder#buffer} is full, and what has arrived can
     * still be taken out. Called from the handler it does not wait for itself. Bounded by {@link Builder#timeout}.
     * Idempotent.
     *
     * <p>With a {@linkplain Builder#sessionExpiry session that outlives the connection} it does not unsubscribe: what the
     * broker has not sent yet, or what was not consumed, waits there for the next subscriber of this name. To end such a
     * session, open and close one without {@code sessionExpiry}.
     */
    @Override
    void close();

    /** Prepares a {@link Subscriber}. Not thread-safe. Each method returns this builder. */
    interface Builder extends ClientBuilder<Builder> {

        /**
         * Adds a topic filter.
         *
         * @param filter such as {@code news/br}, {@code news/+} or {@code news/#}; or {@code $share/group/news/#}, so that
         *     each message goes to one of the subscribers of this group, and no last values to any
         * @return this
         * @throws IllegalArgumentException when it is no topic filter
         */
        Builder topic(String filter);

        /**
         * The highest QoS that messages are delivered with.
         *
         * @param level default {@link QoS#AT_LEAST_ONCE}
         * @return this
         */
        Builder qos(QoS level);

        /**
         * Whether to get the last values of the topics.
         *
         * @param wanted default {@link RetainHandling#SEND}, the only one that MQTT 3.1.1 has
         * @return this
         */
        Builder retainHandling(RetainHandling wanted);

        /**
         * Asks for the {@linkplain Broker.Builder#history(String, int) history} of the topics: of each its last messages,
         * marked as {@link Message#retained}, then the live ones, without a gap or a repeat. A topic without a history has its
         * last value. It comes again after a reconnect to a broker that has lost the session.
         *
         * <p>The order is that in which the broker stored the messages, oldest first over all topics of one filter; several
         * filters are replayed one after the other. Where more than {@link Limits#maxQueuedBytes()} would have to be held
         * for that, some topics begin later than their turn; each topic by itself is always oldest first. Of a topic whose
         * oldest messages are pushed out of its history before its turn, those are missing, as if it had been replayed a
         * moment later. Without a replay, last values come in no particular order.
         *
         * <p>This is an extension of Recado's broker: a broker that does not announce it is refused at {@code open()}, as is
         * a shared subscription.
         *
         * @param messages of each topic, 1 to 65,535; what goes beyond its history is not there
         * @return this
         * @throws IllegalArgumentException when it is out of range
         */
        Builder replay(int messages);

        /**
         * Whether {@link Message#retained} tells of live messages, too, that they became their topic's last value.
         *
         * @param asPublished default {@code false}, which is all that MQTT 3.1.1 has: it tells the last values of before this
         *     subscriber came from live messages
         * @return this
         */
        Builder retainAsPublished(boolean asPublished);

        /**
         * Consumes with a handler: called one message at a time, in order, never on a transport's thread. What it throws is
         * counted, logged and acknowledged.
         *
         * @param handler takes each message
         * @return this
         */
        Builder onMessage(Consumer<? super Message> handler);

        /**
         * Where handler and stream signals run; still one at a time. The caller shuts it down.
         *
         * @param executor default: a thread of the subscriber's own, a virtual one where the JVM has them
         * @return this
         */
        Builder executor(Executor executor);

        /**
         * How many messages may wait in this process to be consumed. Beyond it the connection is not read.
         *
         * @param messages 1 to 65,535; default 1,024
         * @return this
         * @throws IllegalArgumentException when it is out of range
         */
        Builder buffer(int messages);

        /**
         * Leaves acknowledging to {@link Subscriber#acknowledge}.
         *
         * @return this
         */
        Builder manualAck();

        /**
         * Connects and subscribes. Does not try twice: a wrong address shows at once.
         *
         * @return a live subscriber
         * @throws IllegalArgumentException when no topic was given, the endpoint is none, or what was asked for does not go
         *     together
         * @throws ConnectionFailedException when the broker cannot be reached
         * @throws RefusedException when the broker refuses the connection or a subscription
         * @throws WaitTimeoutException after {@link #connectTimeout} or {@link #timeout}
         * @throws WaitInterruptedException when the calling thread is interrupted; nothing is left behind
         */
        Subscriber open();
    }
}
