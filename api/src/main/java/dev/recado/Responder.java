package dev.recado;

import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Answers requests: those of a {@link Requester}, or of any MQTT 5 client that sends a Response Topic. One connection gets the
 * requests, another one sends the replies, each to the topic that its request names.
 *
 * <pre>{@code
 * Responder clock = Responder.builder(uri).topic("time/now").respond(request -> request.reply("12:00")).open();
 * Requester asks = Requester.builder(uri).topic("time/now").open();
 * String time = asks.request("").text();
 * }</pre>
 *
 * <p>A handler that throws is answered for: the reply then has no payload and the user property {@code recado-error} with the
 * exception's message, or its class where it has none, never a stack trace; a {@link Requester} fails with that text. It is
 * logged, too, unless the handler throws {@link RequestFailedException} and so says that the fault is the requester's. Messages
 * without a Response Topic await no answer: the handler does not see them, and they are {@linkplain #discardedRequests counted}.
 *
 * <p>Several responders of one topic all get each request, and the requester takes the first reply;
 * {@linkplain Builder#sharedWith sharing} it, each request goes to one of them, and at a broker of ours to one that has room, as
 * long as there is one. At most twice as many requests as {@linkplain Builder#concurrency run at once} are taken from the broker
 * before they are answered; the others wait there, where they expire.
 *
 * <p>All methods are thread-safe.
 *
 * @since 0.1.0
 */
public interface Responder extends AutoCloseable {

    /**
     * Prepares a responder at a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}; the scheme picks the transport
     * @return a new builder
     */
    static Builder builder(URI endpoint) {
        return Engines.engine().responder(endpoint);
    }

    /**
     * Prepares a responder at a broker anywhere.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}
     * @return a new builder
     * @throws IllegalArgumentException when the endpoint is no URI
     */
    static Builder builder(String endpoint) {
        return builder(URI.create(endpoint));
    }

    /**
     * How many requests are being answered: the handler has them, or its stage is not complete.
     *
     * @return 0 to {@link Builder#concurrency}
     */
    int inFlight();

    /**
     * How many messages came without a Response Topic.
     *
     * @return since it was opened
     */
    long discardedRequests();

    /**
     * How many requests were answered with an error, or could not be answered at all.
     *
     * @return since it was opened
     */
    long failedRequests();

    /**
     * What it answers to.
     *
     * @return the topic filters, in the order given, with {@code $share/} and the group where they are shared
     */
    List<String> topics();

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
     * Finishes the requests that the handler has begun, up to {@link Builder#timeout}, then disconnects and frees everything.
     * Requests that have arrived and were not begun are left to the others where they are shared, and else answered with an
     * error. Called from the handler it does not wait for itself. Idempotent.
     */
    @Override
    void close();

    /** Prepares a {@link Responder}. Not thread-safe. Each method returns this builder. */
    interface Builder extends ConnectionBuilder<Builder> {

        /**
         * The client identifier of the connection that gets the requests; that of the one that replies has {@code -out} behind
         * it.
         *
         * @param id unique at the broker; default a random one
         * @return this
         * @throws IllegalArgumentException when it is empty or longer than 65,531 bytes in UTF-8
         */
        @Override
        Builder clientId(String id);

        /**
         * Adds a topic filter.
         *
         * @param filter such as {@code time/now} or {@code shop/#}
         * @return this
         * @throws IllegalArgumentException when it is no topic filter
         */
        Builder topic(String filter);

        /**
         * Shares the requests: each goes to one of the responders of this group.
         *
         * @param group the same for all of them: no {@code /}, {@code +} or {@code #}
         * @return this
         * @throws IllegalArgumentException when it is no share name
         */
        Builder sharedWith(String group);

        /**
         * Answers with a function.
         *
         * @param handler makes the reply, as {@link Message#reply(String)} and {@link Message#replyTo} do; runs on the
         *     {@linkplain #executor executor}. Replaces an earlier one
         * @return this
         */
        Builder respond(Function<? super Message, Message> handler);

        /**
         * Answers with a function that does not wait for what it needs.
         *
         * @param handler begins to make the reply; runs on the {@linkplain #executor executor}. Replaces an earlier one
         * @return this
         */
        Builder respondAsync(Function<? super Message, ? extends CompletionStage<Message>> handler);

        /**
         * How many requests may be answered at once.
         *
         * @param requests 1 to 32,767; default 1
         * @return this
         * @throws IllegalArgumentException when it is out of range
         */
        Builder concurrency(int requests);

        /**
         * Where the handler runs. The caller shuts it down.
         *
         * @param executor default: as many threads of the responder's own as are needed, virtual ones where the JVM has them
         * @return this
         */
        Builder executor(Executor executor);

        /**
         * Connects and subscribes. Does not try twice: a wrong address shows at once.
         *
         * @return a responder that answers
         * @throws IllegalArgumentException when no topic or no handler was given, the endpoint is none, or what was asked for
         *     does not go together
         * @throws ConnectionFailedException when the broker cannot be reached
         * @throws RefusedException when the broker refuses the connection or a subscription
         * @throws WaitTimeoutException after {@link #connectTimeout} or {@link #timeout}
         * @throws WaitInterruptedException when the calling thread is interrupted; nothing is left behind
         */
        Responder open();
    }
}
