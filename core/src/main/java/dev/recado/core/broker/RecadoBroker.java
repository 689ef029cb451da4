package dev.recado.core.broker;

import dev.recado.Broker;
import dev.recado.BrokerStats;
import dev.recado.ClientInfo;
import dev.recado.Limits;
import dev.recado.ListenException;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.Refusal;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.WaitInterruptedException;
import dev.recado.core.TransportChoice;
import dev.recado.core.client.PublisherBuilder;
import dev.recado.core.client.RequesterBuilder;
import dev.recado.core.client.ResponderBuilder;
import dev.recado.core.client.SubscriberBuilder;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.memory.MemoryTransport;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker: what its connections share, the clients that are connected, and its start and end.
 *
 * <p>No thread of its own stands in a message's way: bytes are read, routed and written on the transports' threads. The timers'
 * thread looks after silence and pauses; that of {@link Events} calls listeners.
 */
final class RecadoBroker implements Broker {

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final URI IN_PROCESS = URI.create("memory:broker");

    /** What the standard lets a server say in a DISCONNECT (MQTT 5, table 3-10). */
    private static final Set<ReasonCode> SERVER_DISCONNECT_CODES = EnumSet.of(
            ReasonCode.SUCCESS,
            ReasonCode.UNSPECIFIED_ERROR,
            ReasonCode.MALFORMED_PACKET,
            ReasonCode.PROTOCOL_ERROR,
            ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
            ReasonCode.NOT_AUTHORIZED,
            ReasonCode.SERVER_BUSY,
            ReasonCode.SERVER_SHUTTING_DOWN,
            ReasonCode.KEEP_ALIVE_TIMEOUT,
            ReasonCode.SESSION_TAKEN_OVER,
            ReasonCode.TOPIC_FILTER_INVALID,
            ReasonCode.TOPIC_NAME_INVALID,
            ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
            ReasonCode.TOPIC_ALIAS_INVALID,
            ReasonCode.PACKET_TOO_LARGE,
            ReasonCode.MESSAGE_RATE_TOO_HIGH,
            ReasonCode.QUOTA_EXCEEDED,
            ReasonCode.ADMINISTRATIVE_ACTION,
            ReasonCode.PAYLOAD_FORMAT_INVALID,
            ReasonCode.RETAIN_NOT_SUPPORTED,
            ReasonCode.QOS_NOT_SUPPORTED,
            ReasonCode.USE_ANOTHER_SERVER,
            ReasonCode.SERVER_MOVED,
            ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
            ReasonCode.CONNECTION_RATE_EXCEEDED,
            ReasonCode.MAXIMUM_CONNECT_TIME,
            ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
            ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);

    final Limits limits;
    final BrokerOptions options;
    final Timers timers;
    final Clock wallClock;
    final Counters counters = new Counters();
    final WarnLog warnings;
    final Batches batches;
    final Router router;
    final Sessions sessions;
    final Authorization authorization;
    final FailedLogins failedLogins;

    private final Events events;
    private final MemoryTransport memory = new MemoryTransport();
    private final List<Transport> ownTransports = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();

    /** Every connection from accept to closed. */
    private final Set<BrokerConnection> connections = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    RecadoBroker(BrokerOptions options, Timers timers, Clock wallClock, Consumer<String> warnings) {
        this.options = options;
        this.limits = options.limits();
        this.timers = timers;
        this.wallClock = wallClock;
        this.warnings = new WarnLog(warnings, timers);
        this.batches = new Batches(counters, this.warnings, limits);
        this.router = new Router(limits, options.history(), batches, timers);
        this.events = new Events(options.listeners(), "recado-broker-events", counters);
        this.failedLogins = new FailedLogins(limits.maxFailedLogins(), timers);
        this.authorization = new Authorization(options.authorizer(), limits.connectTimeout(), timers, this.warnings);
        Wills wills = new Wills(router, batches, authorization, timers, this::refused);
        this.sessions = new Sessions(limits, options.duplicateClientIds(), timers, router, batches, counters, wills);
    }

    /** Binds everything, or nothing. */
    void start(List<URI> endpoints, TransportChoice choice) {
        try {
            ListenOptions options = ListenOptions.defaults()
                    .withConnection(ConnectionOptions.defaults()
                            .withWaterMarks(Session.lowWaterMark(limits), limits.maxOutboundBytes())
                            .withCloseTimeout(limits.closeTimeout()));
            memory.listen(IN_PROCESS, options, this::accept);
            for (URI endpoint : endpoints) {
                Transport transport = choice.transportFor(endpoint, timers);
                if (!choice.isShared(endpoint)) {
                    ownTransports.add(transport);
                }
                Listener listener = transport.listen(endpoint, options, choice.layered(this::accept));
                listeners.add(listener);
                LOG.info("listening on {}", listener.endpoint());
            }
        } catch (IOException e) {
            close();
            throw new ListenException(e.getMessage(), e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    // ---- Connections ----

    private ConnectionHandler accept(Connection connection) {
        if (closing.get()) {
            // No news: whoever was told that the broker is closing may well knock once more.
            counters.refusals.increment();
            return null;
        }
        // Each accepted client may be replaced by one that is on its way in, but no flood of silent ones gets further.
        if (connections.size() >= 2L * limits.maxConnections()) {
            counters.refusals.increment();
            warnings.warn(
                    WarnLog.Kind.REFUSED,
                    () -> "refused a connection: " + connections.size() + " are open, the limit is "
                            + limits.maxConnections() + " accepted and as many that are not yet");
            return null;
        }
        BrokerConnection handler = new BrokerConnection(this, connection);
        connections.add(handler);
        return handler;
    }

    void connected(BrokerConnection connection) {
        counters.connectionsTotal.increment();
        ClientInfo info = connection.info();
        LOG.debug("client '{}' connected from {}", info.clientId(), info.address());
        events.fire(listener -> listener.connected(info));
        if (closing.get()) {
            connection.end(ReasonCode.SERVER_SHUTTING_DOWN, true);
        }
    }

    void disconnected(ClientInfo info, ReasonCode reason) {
        LOG.debug("client '{}' disconnected: {}", info.clientId(), reason);
        events.fire(listener -> listener.disconnected(info, reason));
    }

    void closed(BrokerConnection connection) {
        synchronized (connections) {
            connections.remove(connection);
            connections.notifyAll();
        }
    }

    /** Something was sent to a client; when the broker is closing, it may have been the last. */
    void drained(BrokerConnection connection) {
        if (closing.get() && connection.isIdle()) {
            connection.end(ReasonCode.SERVER_SHUTTING_DOWN, true);
        }
    }

    void refused(Refusal refusal) {
        counters.refusals.increment();
        warnings.warn(
                WarnLog.Kind.REFUSED,
                () -> "refused " + (refusal.clientId().isEmpty() ? "a client" : "client '" + refusal.clientId() + "'")
                        + " at " + refusal.address() + ": " + refusal.what() + "; " + refusal.reason());
        events.fire(listener -> listener.refused(refusal));
    }

    // ---- The API ----

    @Override
    public URI endpoint() {
        if (listeners.isEmpty()) {
            throw new IllegalStateException("this broker has no endpoint: it was started without listen(...)");
        }
        return listeners.get(0).endpoint();
    }

    @Override
    public List<URI> endpoints() {
        return listeners.stream().map(Listener::endpoint).toList();
    }

    @Override
    public Publisher.Builder publisher(String topic) {
        return new PublisherBuilder(IN_PROCESS, inProcess(), null).topic(topic);
    }

    @Override
    public Subscriber.Builder subscriber(String filter) {
        return new SubscriberBuilder(IN_PROCESS, inProcess(), null).topic(filter);
    }

    @Override
    public Requester.Builder requester(String topic) {
        return new RequesterBuilder(IN_PROCESS, this::inProcess, null).topic(topic);
    }

    @Override
    public Responder.Builder responder(String filter) {
        return new ResponderBuilder(IN_PROCESS, this::inProcess, null).topic(filter);
    }

    private TransportChoice inProcess() {
        TransportChoice choice = new TransportChoice();
        choice.shared(memory);
        return choice;
    }

    @Override
    public List<String> topics() {
        return router.catalogue.names();
    }

    @Override
    public int forgetTopics(String filter) {
        String violation = TopicRules.filterViolation(filter);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        return router.forget(filter);
    }

    @Override
    public List<ClientInfo> clients() {
        return sessions.owners().stream()
                .filter(BrokerConnection::isConnected)
                .map(BrokerConnection::info)
                .toList();
    }

    @Override
    public boolean disconnect(String clientId, ReasonCode reason) {
        if (!SERVER_DISCONNECT_CODES.contains(reason)) {
            throw new IllegalArgumentException(
                    "a server's DISCONNECT cannot carry " + reason + " (MQTT 5, section 3.14.2.1)");
        }
        BrokerConnection connection = sessions.ownerOf(clientId);
        if (connection == null || !connection.isConnected()) {
            return false;
        }
        connection.end(reason, true);
        return true;
    }

    @Override
    public CompletableFuture<Integer> reauthorize() {
        if (authorization.isOpen()) {
            return CompletableFuture.completedFuture(0);
        }
        authorization.beginEpoch();
        return Reauthorization.of(sessions.all(), authorization, sessions, timers);
    }

    /** For one session alone. */
    void reauthorize(Session session) {
        Reauthorization.of(List.of(session), authorization, sessions, timers);
    }

    @Override
    public BrokerStats stats() {
        return new BrokerStats(
                sessions.connected(),
                counters.connectionsTotal.sum(),
                counters.refusals.sum(),
                counters.packetsReceived.sum(),
                counters.bytesReceived.sum(),
                counters.bytesSent.sum(),
                counters.messagesReceived.sum(),
                counters.messagesDelivered.sum(),
                counters.messagesDropped.sum(),
                counters.messagesQueued.sum(),
                counters.stalls.sum(),
                router.catalogue.size(),
                router.stores.lastValues.messages(),
                router.stores.lastValues.bytes(),
                router.stores.history.messages(),
                router.stores.history.bytes(),
                router.stores.historyDropped.sum(),
                router.subscriptions.size(),
                counters.eventsDropped.sum());
    }

    @Override
    public void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public boolean awaitClosed(Duration timeout) {
        try {
            return closed.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static WaitInterruptedException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new WaitInterruptedException("interrupted while waiting for the broker to close", e);
    }

    // ---- The end ----

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            awaitOtherCloser();
            return;
        }
        long deadline = System.nanoTime() + limits.closeTimeout().toNanos();
        try {
            listeners.forEach(Listener::close);
            connections.forEach(this::drained);
            awaitConnections(deadline);
            connections.forEach(connection -> connection.end(ReasonCode.SERVER_SHUTTING_DOWN, true));
            connections.forEach(BrokerConnection::abort);
        } finally {
            memory.close();
            ownTransports.forEach(Transport::close);
            timers.close();
            events.close(limits.closeTimeout().toNanos());
            closed.countDown();
            LOG.info("closed");
        }
    }

    /** Whoever closes second returns when the first has finished, as far as it does within its bound. */
    private void awaitOtherCloser() {
        try {
            closed.await(2 * limits.closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitConnections(long deadline) {
        synchronized (connections) {
            try {
                while (!connections.isEmpty()) {
                    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                    if (left <= 0) {
                        return;
                    }
                    connections.wait(left);
                }
            } catch (InterruptedException e) {
                // Ends the waiting only; what is left is aborted.
                Thread.currentThread().interrupt();
            }
        }
    }
}
