package dev.recado;

import dev.recado.auth.Authenticator;
import dev.recado.auth.Authorizer;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * The server: accepts connections and routes messages from publishers to subscribers. It speaks MQTT 5 and 3.1.1, so any
 * MQTT client can connect. Any number of brokers may run in one JVM; they share nothing.
 *
 * <p>All methods are thread-safe. Everything is kept in memory: a restart loses it.
 *
 * @since 0.1.0
 */
public interface Broker extends AutoCloseable {

    /**
     * Prepares a broker.
     *
     * @return a new builder
     */
    static Builder builder() {
        return Engines.engine().broker();
    }

    /**
     * Where clients connect to, with the real port.
     *
     * @return the first endpoint
     * @throws IllegalStateException when this broker does not listen, but serves its own process only
     */
    URI endpoint();

    /**
     * Where clients connect to, with the real ports.
     *
     * @return the endpoints in the order of {@link Builder#listen}; empty when the broker does not listen
     */
    List<URI> endpoints();

    /**
     * Prepares a publisher in this JVM, which reaches the broker without a socket.
     *
     * @param topic what {@link Publisher.Builder#topic} takes
     * @return a new builder
     */
    Publisher.Builder publisher(String topic);

    /**
     * Prepares a subscriber in this JVM, which is reached without a socket.
     *
     * @param filter what {@link Subscriber.Builder#topic} takes
     * @return a new builder
     */
    Subscriber.Builder subscriber(String filter);

    /**
     * Prepares a requester in this JVM, which reaches the broker without a socket.
     *
     * @param topic what {@link Requester.Builder#topic} takes
     * @return a new builder
     */
    Requester.Builder requester(String topic);

    /**
     * Prepares a responder in this JVM, which is reached without a socket.
     *
     * @param filter what {@link Responder.Builder#topic} takes
     * @return a new builder
     */
    Responder.Builder responder(String filter);

    /**
     * The topic catalogue: the name of every topic that a publisher stated or used, or that a subscriber asked for without
     * wildcards, also when all of them have gone.
     *
     * @return a sorted copy
     */
    List<String> topics();

    /**
     * Takes topics out of the catalogue, with their last values.
     *
     * @param filter a topic filter
     * @return how many topics were forgotten
     * @throws IllegalArgumentException when it is no topic filter
     */
    int forgetTopics(String filter);

    /**
     * Who is connected now.
     *
     * @return a copy, in no order
     */
    List<ClientInfo> clients();

    /**
     * Ends a client's connection.
     *
     * @param clientId who
     * @param reason what an MQTT 5 client is told; one that the standard allows in a server's DISCONNECT, such as
     *     {@link ReasonCode#ADMINISTRATIVE_ACTION}
     * @return {@code false} when no such client is connected
     * @throws IllegalArgumentException when the reason is not one for a server's DISCONNECT
     */
    boolean disconnect(String clientId, ReasonCode reason);

    /**
     * To be called when the {@link Builder#authorizer}'s rules have changed: forgets what it has granted to publishers, and asks
     * again about each subscription of each session, also of those without a connection. What is denied now, or fails, or takes
     * longer than {@link Limits#connectTimeout}, is taken away, and a client that loses something so is disconnected with 0x87.
     * Messages that had reached its session before are still delivered, as after an UNSUBSCRIBE (MQTT 5, section 3.10.4):
     * they were allowed when they came. A replay ends where it is. Wills that were granted before are asked about again when
     * they are to be published. Without an authorizer nothing happens.
     *
     * @return completed when all has been asked, with the number of subscriptions that were taken away; on any thread
     */
    CompletableFuture<Integer> reauthorize();

    /**
     * What has happened since the start, and what is there now.
     *
     * @return a snapshot; its figures are each exact but may be read a moment apart
     */
    BrokerStats stats();

    /**
     * Waits until the broker is closed.
     *
     * @throws WaitInterruptedException when the calling thread is interrupted
     */
    void awaitClosed();

    /**
     * Waits until the broker is closed.
     *
     * @param timeout how long
     * @return {@code false} when it is still open
     * @throws WaitInterruptedException when the calling thread is interrupted
     */
    boolean awaitClosed(Duration timeout);

    /**
     * Stops: no more connections are accepted, MQTT 5 clients are told (reason code 0x8B), what was acknowledged is handed to
     * those who read it, up to {@link Limits#closeTimeout}; then every thread, socket and timer is freed. Idempotent.
     */
    @Override
    void close();

    /** Prepares a {@link Broker}. Not thread-safe. Each method returns this builder. */
    interface Builder {

        /**
         * Adds an address to listen on. Without any, the broker serves {@link Broker#publisher},
         * {@link Broker#subscriber} and the like only.
         *
         * @param endpoint such as {@code mqtt://127.0.0.1:1883}; port 0 lets the system choose
         * @return this
         */
        Builder listen(URI endpoint);

        /**
         * Adds an address to listen on.
         *
         * @param endpoint such as {@code mqtt://127.0.0.1:1883}; port 0 lets the system choose
         * @return this
         * @throws IllegalArgumentException when it is no URI
         */
        default Builder listen(String endpoint) {
            return listen(URI.create(endpoint));
        }

        /**
         * Chooses a transport by name instead of by the endpoints' schemes.
         *
         * @param name such as {@code nio} or {@code blocking}
         * @return this
         */
        Builder transport(String name);

        /**
         * Uses a transport that the caller made and will close, after the broker.
         *
         * @param shared the transport
         * @return this
         */
        Builder transport(Transport shared);

        /**
         * Encrypts what goes over the {@code mqtts://} endpoints, which have to have it; their port is 8883 unless they name
         * another.
         *
         * @param context with the broker's certificate and key
         * @return this
         * @see Tls#of(java.util.function.Supplier)
         */
        default Builder tls(SSLContext context) {
            return tls(Tls.of(context));
        }

        /**
         * Encrypts what goes over the {@code mqtts://} endpoints, with client certificates, another handshake timeout, or a
         * context that changes.
         *
         * @param encryption see there; replaces an earlier one
         * @return this
         */
        Builder tls(Tls encryption);

        /**
         * Puts a layer between transport and engine; later ones lie closer to the engine. TLS lies below all of them.
         *
         * @param layer the layer
         * @return this
         */
        Builder layer(Layer layer);

        /**
         * What is demanded of clients that state no role.
         *
         * @param policy default {@link RolePolicy#STATED}
         * @return this
         */
        Builder roles(RolePolicy policy);

        /**
         * What is done when two clients have one client identifier.
         *
         * @param rule default {@link DuplicateClientIds#TAKE_OVER}
         * @return this
         */
        Builder duplicateClientIds(DuplicateClientIds rule);

        /**
         * Changes bounds: {@code limits(l -> l.maxPacketSize(1024 * 1024))}.
         *
         * @param change from the limits as they are to those to be
         * @return this
         */
        Builder limits(UnaryOperator<Limits> change);

        /**
         * Lets only those connect whom it accepts.
         *
         * @param decides asked for every CONNECT; see there for the thread
         * @return this
         */
        Builder authenticator(Authenticator decides);

        /**
         * Lets clients do only what it grants.
         *
         * @param decides asked for every subscription and every topic published to; see there for the thread
         * @return this
         */
        Builder authorizer(Authorizer decides);

        /**
         * Permits to listen beyond the loopback interface without an {@link #authenticator} though everyone can then connect,
         * publish and read.
         *
         * @return this
         */
        Builder allowAnonymous();

        /**
         * Keeps the last messages of every topic.
         *
         * @param messages see {@link #history(String, int)}
         * @return this
         */
        default Builder history(int messages) {
            return history("#", messages);
        }

        /**
         * Keeps the last messages of some topics, the last value among them, for subscribers that ask with
         * {@link Subscriber.Builder#replay}: also those that are published without becoming the last value. A message that
         * clears the last value clears its topic's history. They are in memory, bounded by {@link Limits#maxHistoryBytes()}.
         *
         * @param filter which topics; of several that match a topic, the one stated last counts
         * @param messages of each topic, 0 to 65,535; default 0
         * @return this
         * @throws IllegalArgumentException when one of them is not valid
         */
        Builder history(String filter, int messages);

        /**
         * Looks at each payload that claims to be text (Payload Format Indicator 1) and refuses what is not UTF-8 with 0x99.
         *
         * @return this
         */
        Builder checkPayloadFormat();

        /**
         * What clients get that ask for Response Information: by agreement, the beginning of topics for responses to them (MQTT
         * 5, section 3.2.2.3.15).
         *
         * <p>Unless told otherwise the broker gives each client a reply topic of its own, {@code $recado/reply/} and its client
         * identifier: nobody else may subscribe to it, no wildcard matches it, and it is neither catalogued nor has it a last
         * value. A client whose identifier cannot be one level of a topic name gets none.
         *
         * @param text such as {@code replies/}, for all clients
         * @return this
         */
        Builder responseInformation(String text);

        /**
         * Adds a listener.
         *
         * @param listener told of every connect, disconnect and refusal
         * @return this
         */
        Builder listener(BrokerListener listener);

        /**
         * Starts.
         *
         * @return a running broker
         * @throws ListenException when an endpoint cannot be bound
         * @throws IllegalArgumentException when no transport serves an endpoint, or it is reachable from outside without
         *     {@link #authenticator} or {@link #allowAnonymous}, or {@code mqtts://} and {@link #tls(Tls)} are not together
         */
        Broker start();
    }
}
