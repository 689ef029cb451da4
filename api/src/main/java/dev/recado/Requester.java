package dev.recado;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Asks questions and gets answers, by MQTT 5's Response Topic and Correlation Data (section 4.10). Whoever follows the
 * standard may answer: a {@link Responder}, or any MQTT 5 client.
 *
 * <p>Since a client is a publisher or a subscriber, a requester is both: one connection sends the requests, another one gets the
 * replies. The reply topic is the one that the broker gives this client (Response Information); from a broker that gives none,
 * it is {@code recado/reply/} and 128 random bits, and whoever may subscribe to {@code #} there can read the replies.
 *
 * <p>A request is sent at {@link QoS#AT_LEAST_ONCE} unless the message says otherwise, so a responder may get it twice; only the
 * first reply counts. It {@linkplain Message#expiry expires} when its requester gives up, unless the message has an expiry of its
 * own, so that nobody works for one who has gone. Replies that come late, twice or to nothing that was asked are
 * {@linkplain #discardedReplies counted} and discarded.
 *
 * <p>Many requests may be in flight, from any number of threads; their replies come in any order. While a connection is lost and
 * {@linkplain Builder#reconnect reconnecting} is on, requests wait, each up to its own time limit, and a broker that keeps sessions
 * keeps their replies, too.
 *
 * <p>All methods are thread-safe. Interrupting a thread that waits in {@code request} ends the waiting with
 * {@link WaitInterruptedException} and nothing else.
 *
 * @since 0.1.0
 */
public interface Requester extends AutoCloseable {

    /**
     * Prepares a requester for a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}; the scheme picks the transport
     * @return a new builder
     */
    static Builder builder(URI endpoint) {
        return Engines.engine().requester(endpoint);
    }

    /**
     * Prepares a requester for a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}
     * @return a new builder
     * @throws IllegalArgumentException when the endpoint is no URI
     */
    static Builder builder(String endpoint) {
        return builder(URI.create(endpoint));
    }

    /**
     * Sends text to this requester's topic and waits for the reply; see {@link #request(Message)}.
     *
     * @param text in UTF-8
     * @return the reply
     */
    Message request(String text);

    /**
     * Sends a request and waits for its reply, up to {@link Builder#timeout}.
     *
     * @param message its topic is this requester's, or one that its filter matches. Response Topic and Correlation Data are
     *     the requester's to set
     * @return the first reply
     * @throws IllegalArgumentException when the message's topic is not this requester's, it has a Response Topic or Correlation
     *     Data, or it is larger than the broker takes
     * @throws RequestFailedException when nobody answers, as far as the broker tells, or the responder failed
     * @throws RefusedException when the broker refused the message; or, with {@link ReasonCode#QUOTA_EXCEEDED} and nothing sent,
     *     when {@link Builder#maxInFlight} requests are in flight
     * @throws WaitTimeoutException when no reply came in time
     * @throws WaitInterruptedException when the calling thread is interrupted; the request may still be answered, and the answer
     *     is discarded
     * @throws ConnectionFailedException when the connection was lost and reconnecting is off
     * @throws ClosedException when this requester is closed, also in the meantime
     */
    Message request(Message message);

    /**
     * Sends text to this requester's topic; see {@link #requestAsync(Message)}.
     *
     * @param text in UTF-8
     * @return completes as there
     */
    CompletableFuture<Message> requestAsync(String text);

    /**
     * Sends a request without waiting for its reply.
     *
     * @param message as {@link #request(Message)} takes it
     * @return completes when {@link #request(Message)} would have returned, or exceptionally with what it would have thrown; on a
     *     thread of this requester's that other replies wait for, so stages that take long, or wait for another reply, belong on
     *     an executor. Completing it by hand forgets the request
     * @throws IllegalArgumentException as {@link #request(Message)}
     * @throws RefusedException when {@link Builder#maxInFlight} requests are in flight; nothing was sent
     * @throws ClosedException when this requester is closed
     */
    CompletableFuture<Message> requestAsync(Message message);

    /**
     * How many requests wait for their replies.
     *
     * @return 0 to {@link Builder#maxInFlight}
     */
    int inFlight();

    /**
     * How many replies came that nobody waited for: late ones, second ones, and those to requests that this requester never
     * sent.
     *
     * @return since it was opened
     */
    long discardedReplies();

    /**
     * What it sends to.
     *
     * @return its topic name, or its filter
     */
    String topic();

    /**
     * Where replies come to.
     *
     * @return the topic name that the next request carries
     */
    String replyTopic();

    /**
     * Who it is.
     *
     * @return the client identifier, its own or a random one
     */
    String clientId();

    /**
     * Where it stands with its broker: {@link ConnectionState#CONNECTED} when both connections are, and
     * {@link ConnectionState#CLOSED} when one is closed for good, which closes the other.
     *
     * @return the state at this moment
     */
    ConnectionState state();

    /**
     * Ends all requests in flight with {@link ClosedException}, disconnects and frees everything. Idempotent.
     */
    @Override
    void close();

    /** Prepares a {@link Requester}. Not thread-safe. Each method returns this builder. */
    interface Builder extends ConnectionBuilder<Builder> {

        /**
         * The client identifier of the connection that gets the replies; that of the one that sends has {@code -out} behind it.
         *
         * @param id unique at the broker; default a random one. The broker may give a reply topic that contains it, so that
         *     without {@code /}, {@code +} and {@code #} is best
         * @return this
         * @throws IllegalArgumentException when it is empty or longer than 65,531 bytes in UTF-8
         */
        @Override
        Builder clientId(String id);

        /**
         * How long a request waits for its reply; and the other calls, as anywhere.
         *
         * @param limit positive; default 30 seconds
         * @return this
         * @throws IllegalArgumentException when it is not positive
         */
        @Override
        Builder timeout(Duration limit);

        /**
         * The topic that requests go to.
         *
         * @param name a topic name: no wildcard, not empty, at most 65,535 bytes in UTF-8
         * @return this
         * @throws IllegalArgumentException when it is no topic name
         */
        Builder topic(String name);

        /**
         * The topics that requests go to, where each names one.
         *
         * @param filter a topic filter, such as {@code shop/#}
         * @return this
         * @throws IllegalArgumentException when it is no topic filter
         */
        Builder topicsUnder(String filter);

        /**
         * How many requests may wait for their replies at a time.
         *
         * @param requests 1 to 65,535; default 1,024
         * @return this
         * @throws IllegalArgumentException when it is out of range
         */
        Builder maxInFlight(int requests);

        /**
         * Connects. Does not try twice: a wrong address shows at once.
         *
         * @return a connected requester
         * @throws IllegalArgumentException when no topic was given, the endpoint is none, or what was asked for does not go
         *     together
         * @throws ConnectionFailedException when the broker cannot be reached
         * @throws RefusedException when the broker refuses
         * @throws WaitTimeoutException after {@link #connectTimeout}
         * @throws WaitInterruptedException when the calling thread is interrupted; nothing is left behind
         */
        Requester open();
    }
}
