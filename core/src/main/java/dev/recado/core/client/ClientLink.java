package dev.recado.core.client;

import dev.recado.ClosedException;
import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.StateListener;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.time.Timers;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.Transport;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's life across its connections: opens the first, makes another when one is lost, ends for good and frees
 * everything. What publisher and subscriber do differently is their {@link Role}.
 *
 * <p>One lock a client guards its state, and its role's too, so that "who is connected" and "what is on its way" never
 * disagree. Nothing under it blocks or calls the program.
 */
final class ClientLink implements ClientConnection.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(ClientLink.class);

    private static final Duration MOST_TO_CLOSE = Duration.ofSeconds(5);
    private static final Duration MOST_TO_RELEASE = MOST_TO_CLOSE.plusSeconds(3);

    /** One and a half that the broker waits, and a half for what was still on its way to it. */
    private static final long OWN_NAME_IN_USE_KEEP_ALIVES = 2;

    /** What publisher and subscriber do differently. */
    interface Role {

        /** {@code publisher} or {@code subscriber}. */
        String name();

        /** Adds to CONNECT's properties, in MQTT 5. */
        void describe(Properties.Builder connect);

        /** Whether a session that would outlive the connection is of no use to anybody when the program closes the client. */
        boolean endsSession();

        /** Bytes of the largest packet that it takes. */
        int maxPacketSize();

        /** The broker has accepted the connection; ends in {@link ClientLink#ready} or in the connection's end. */
        void accepted(ClientConnection connection, ServerLimits limits);

        /** From now on this is the connection to use. Called under the lock. */
        void connected(ClientConnection connection, ServerLimits limits);

        /** There is no connection to use. Called under the lock, after {@link #connected}. */
        void disconnected();

        /** See {@link ClientConnection.Owner#received}. */
        void received(ClientConnection connection, PacketReader packet) throws CodecException;

        /** See {@link ClientConnection.Owner#wantsMore}. */
        boolean wantsMore(ClientConnection connection);

        /** See {@link ClientConnection.Owner#batchReceived}. */
        void batchReceived(ClientConnection connection);

        /** See {@link ClientConnection.Owner#drained}. */
        void drained(ClientConnection connection);

        /**
         * The client is closed. Called once, without the lock, on any thread.
         *
         * @param cause {@code null} when the program closed it
         */
        void ended(RecadoException cause);
    }

    private final ClientSettings settings;
    private final Role role;
    private final Timers timers;
    private final boolean ownTimers;
    private final ConnectOptions connectOptions;
    private final SerialThread notifier = new SerialThread(() -> "recado-listener-" + clientId(), false);

    /** Asks the program who the client is, before it connects again and when the broker wants to know more; may take long. */
    private final SerialThread connector = new SerialThread(() -> "recado-connector-" + clientId(), false);

    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when {@link #live} becomes empty. */
    private final Condition allGone = lock.newCondition();

    /** Set by {@link #open}. */
    private Transport transport;

    private volatile LinkState state = LinkState.OPENING;
    private volatile String clientId;
    private volatile RecadoException endCause;

    // Guarded by lock.
    private ClientConnection current;

    /** Of the last connection that was accepted; {@code null} before the first. */
    private ServerLimits currentLimits;

    /** When the last connection that was usable was lost; 0 before. */
    private long lostAt;

    private int attempt;
    private boolean lastConnection;
    private Timers.Timer timer = () -> {};

    /** Connections that the transport has not finished with. */
    private final Set<ClientConnection> live = new HashSet<>();

    /**
     * Does nothing yet.
     *
     * @param timersOrNull {@code null}: timers of its own, closed with it
     */
    ClientLink(ClientSettings settings, Role role, Timers timersOrNull) {
        this.settings = settings;
        this.role = role;
        this.ownTimers = timersOrNull == null;
        this.timers = ownTimers ? Timers.system("recado-timer-" + role.name()) : timersOrNull;
        this.clientId = settings.clientId();
        Duration timeout = Duration.ofNanos(settings.timeoutNanos());
        this.connectOptions = ConnectOptions.defaults()
                .withTimeout(settings.connectTimeout())
                .withConnection(ConnectionOptions.defaults()
                        .withCloseTimeout(timeout.compareTo(MOST_TO_CLOSE) < 0 ? timeout : MOST_TO_CLOSE));
    }

    ReentrantLock lock() {
        return lock;
    }

    Timers timers() {
        return timers;
    }

    /** Bytes pending at the transport beyond which a sender waits for {@code drained}. */
    long highWaterMark() {
        return connectOptions.connection().highWaterMark();
    }

    String clientId() {
        return clientId;
    }

    ConnectionState state() {
        return state.shown();
    }

    boolean isClosed() {
        return state == LinkState.CLOSED;
    }

    // ---- opening

    /** Connects and waits until the role is ready; throws what {@code Builder.open()} is to throw. */
    void open() {
        transport = settings.transport.transportFor(settings.endpoint, timers);
        try {
            attempt();
            opened.get();
        } catch (InterruptedException e) {
            end(null);
            awaitReleasedUninterruptibly();
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(
                    "interrupted while connecting to '" + settings.endpoint + "'; the attempt was given up", e);
        } catch (ExecutionException e) {
            awaitReleasedUninterruptibly();
            e.getCause().fillInStackTrace();
            throw (RecadoException) e.getCause();
        } catch (IllegalArgumentException | IllegalStateException e) {
            end(null);
            awaitReleasedUninterruptibly();
            throw e;
        }
    }

    private Packet.Connect connectPacket(Identity identity) {
        ProtocolVersion version = settings.version();
        identity.requireAllowedIn(version);
        return new Packet.Connect(
                version,
                currentLimits == null ? settings.cleanStart() : !currentLimits.keepsSession(),
                settings.keepAliveSeconds(),
                version.hasProperties() ? connectProperties(identity) : Properties.NONE,
                clientId,
                settings.will(),
                identity.userName(),
                identity.password());
    }

    private Properties connectProperties(Identity identity) {
        Properties.Builder properties = Properties.builder().userProperty("recado-role", role.name());
        if (settings.sessionExpirySeconds() > 0) {
            properties.set(Property.SESSION_EXPIRY_INTERVAL, settings.sessionExpirySeconds());
        }
        role.describe(properties);
        identity.describe(properties);
        return properties.build();
    }

    /**
     * Asks who the client is, and connects.
     *
     * @throws IllegalArgumentException when the wire cannot carry it, or the transport does not take the endpoint
     * @throws IllegalStateException when the transport is closed
     */
    private void attempt() {
        Identity identity;
        try {
            identity = Identity.ask(settings);
        } catch (RuntimeException | Error e) {
            lost(
                    null,
                    Loss.passing(new ConnectionFailedException(
                            "cannot connect to '" + settings.endpoint
                                    + "': the program's credentials or authentication failed with "
                                    + e.getClass().getName(),
                            e)));
            return;
        }
        connect(identity);
    }

    private void connect(Identity identity) {
        ClientConnection connection;
        lock.lock();
        try {
            if (isClosed()) {
                return;
            }
            connection = new ClientConnection(
                    settings.endpoint,
                    timers,
                    connectPacket(identity),
                    identity.dialogue(),
                    role.maxPacketSize(),
                    this);
            current = connection;
            live.add(connection);
            timer = timers.schedule(Nanos.of(settings.connectTimeout()), () -> connection.fail(lateConnAck()));
        } finally {
            lock.unlock();
        }
        try {
            connection.open(transport, settings.transport, connectOptions);
        } catch (IllegalArgumentException | IllegalStateException e) {
            gone(connection);
            throw e;
        }
    }

    private Loss lateConnAck() {
        return Loss.passing(new WaitTimeoutException(
                "broker '" + settings.endpoint + "' did not accept the connection within the connectTimeout of "
                        + settings.connectTimeout(),
                null));
    }

    @Override
    public void accepted(ClientConnection connection, ServerLimits limits) {
        lock.lock();
        try {
            if (connection != current) {
                return;
            }
            timer.cancel();
            currentLimits = limits;
            // Also the one that a broker assigned: the next connection then takes over what is left of this one.
            clientId = limits.clientId();
        } finally {
            lock.unlock();
        }
        role.accepted(connection, limits);
    }

    /** All that the role needs is granted. Nothing happens when the connection has ended. */
    void ready(ClientConnection connection) {
        lock.lock();
        try {
            if (connection != current || isClosed()) {
                return;
            }
            attempt = 0;
            role.connected(connection, currentLimits);
            enter(LinkState.Event.READY, null);
        } finally {
            lock.unlock();
        }
        connection.flush();
        opened.complete(null);
    }

    // ---- what the connection reports

    @Override
    public void received(ClientConnection connection, PacketReader packet) throws CodecException {
        role.received(connection, packet);
    }

    @Override
    public boolean wantsMore(ClientConnection connection) {
        return role.wantsMore(connection);
    }

    @Override
    public void batchReceived(ClientConnection connection) {
        role.batchReceived(connection);
    }

    @Override
    public void drained(ClientConnection connection) {
        role.drained(connection);
    }

    @Override
    public void over(ClientConnection connection, Loss loss) {
        lost(connection, loss);
    }

    @Override
    public void ask(Runnable question) {
        connector.execute(question);
    }

    /** Authenticates again; see {@link dev.recado.Publisher#reauthenticate}. */
    CompletableFuture<Void> reauthenticate() {
        if (settings.authentication() == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("this " + role.name()
                    + " cannot authenticate again: it was opened without authentication(...), which MQTT 5 has and MQTT"
                    + " 3.1.1 has not, and speaks " + settings.version()));
        }
        ClientConnection connection;
        lock.lock();
        try {
            if (isClosed()) {
                return CompletableFuture.failedFuture(closed());
            }
            connection = state == LinkState.CONNECTED ? current : null;
        } finally {
            lock.unlock();
        }
        return connection == null
                ? CompletableFuture.failedFuture(new ConnectionFailedException(
                        "this " + role.name() + " is " + state() + ": it will authenticate with its next connection",
                        null))
                : connection.reauthenticate(settings.authentication(), settings.timeoutNanos());
    }

    /** Without effect when it is about another connection than the current one; {@code null} stands for an attempt that made none. */
    private void lost(ClientConnection connectionOrNull, Loss loss) {
        Loss end;
        lock.lock();
        try {
            if (connectionOrNull != current || isClosed()) {
                return;
            }
            leaveCurrent();
            end = endAfter(loss);
            if (end == null) {
                enter(LinkState.Event.LOST, loss.reason());
                long pause = Backoff.pauseNanos(settings.reconnect(), attempt + 1, ThreadLocalRandom.current());
                timer = timers.schedule(pause, this::retry);
            }
        } finally {
            lock.unlock();
        }
        LOG.debug("{} '{}': {}", role.name(), clientId, loss.reason().getMessage());
        if (end != null) {
            end(end.reason());
        }
    }

    private void leaveCurrent() {
        timer.cancel();
        current = null;
        if (state == LinkState.CONNECTED) {
            lostAt = timers.nanoTime();
            role.disconnected();
        }
    }

    /** How the client ends; {@code null}: it tries again. */
    private Loss endAfter(Loss loss) {
        if (lastConnection) {
            return Loss.forGood(null);
        }
        if (state == LinkState.OPENING || (loss.forGood() && !mayBeInItsOwnWay(loss))) {
            return loss;
        }
        int allowed = settings.reconnect().maxAttempts();
        if (attempt < allowed) {
            return null;
        }
        return allowed == 0
                ? loss
                : Loss.forGood(new ConnectionFailedException(
                        "gave up after " + allowed + " attempts to reconnect to '" + settings.endpoint + "'; the last: "
                                + loss.reason().getMessage(),
                        loss.reason()));
    }

    /**
     * Whether the broker may have refused the client identifier because of this client's own connection: one that refuses
     * identifiers in use ({@link dev.recado.DuplicateClientIds#REFUSE}) does so until it knows that the connection is lost, one
     * and a half times the keep-alive after it last heard of it (MQTT-3.1.2-22). Refused later than that, it is somebody
     * else's.
     */
    private boolean mayBeInItsOwnWay(Loss loss) {
        return state == LinkState.RETRYING
                && loss.reason().reasonCode().equals(Optional.of(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID))
                && timers.nanoTime() - lostAt
                        < OWN_NAME_IN_USE_KEEP_ALIVES * TimeUnit.SECONDS.toNanos(currentLimits.keepAliveSeconds());
    }

    private void retry() {
        lock.lock();
        try {
            if (state != LinkState.PAUSING) {
                return;
            }
            enter(LinkState.Event.PAUSE_OVER, null);
            attempt++;
        } finally {
            lock.unlock();
        }
        if (Identity.isAsked(settings)) {
            connector.execute(this::attemptAgain);
        } else {
            attemptAgain();
        }
    }

    private void attemptAgain() {
        try {
            attempt();
        } catch (IllegalArgumentException | IllegalStateException e) {
            end(new ConnectionFailedException("cannot reconnect to '" + settings.endpoint + "': " + e.getMessage(), e));
        }
    }

    @Override
    public void gone(ClientConnection connection) {
        lock.lock();
        try {
            live.remove(connection);
            if (live.isEmpty()) {
                allGone.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock, so that the listener hears of changes in their order. */
    private void enter(LinkState.Event event, RecadoException cause) {
        ConnectionState from = state.shown();
        state = state.after(event);
        ConnectionState to = state.shown();
        StateListener listener = settings.stateListener();
        if (from != to && listener != null) {
            notifier.execute(() -> listener.changed(from, to, cause));
        }
    }

    // ---- the end

    /** If the connection is lost from now on, there will be no other. */
    void endWithConnection() {
        boolean lost;
        lock.lock();
        try {
            lastConnection = true;
            lost = state == LinkState.PAUSING || state == LinkState.RETRYING;
        } finally {
            lock.unlock();
        }
        if (lost) {
            end(null);
        }
    }

    /**
     * Ends the client, without waiting. Only the first call counts.
     *
     * @param cause {@code null} when the program wants it
     */
    void end(RecadoException cause) {
        ClientConnection last;
        lock.lock();
        try {
            if (isClosed()) {
                return;
            }
            last = current;
            leaveCurrent();
            endCause = cause;
            enter(LinkState.Event.ENDED, cause);
        } finally {
            lock.unlock();
        }
        role.ended(cause);
        opened.completeExceptionally(cause != null ? cause : closed());
        if (last != null) {
            if (cause == null) {
                last.disconnect(role.endsSession());
            } else {
                last.fail(Loss.forGood(cause));
            }
        }
        Threads.start("recado-closer-" + clientId, this::release);
    }

    private void release() {
        try {
            if (!awaitGone(Nanos.of(connectOptions.connection().closeTimeout().plusSeconds(1)))) {
                liveConnections().forEach(ClientConnection::abort);
                awaitGone(Nanos.of(Duration.ofSeconds(1)));
            }
            if (!settings.transport.isShared(settings.endpoint)) {
                transport.close();
            }
            if (ownTimers) {
                timers.close();
            }
        } catch (InterruptedException e) {
            LOG.warn("a thread of the client's own was interrupted", e);
        } finally {
            LOG.debug("{} '{}' is closed", role.name(), clientId);
            released.complete(null);
        }
    }

    private boolean awaitGone(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!live.isEmpty() && left > 0) {
                left = allGone.awaitNanos(left);
            }
            return live.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private List<ClientConnection> liveConnections() {
        lock.lock();
        try {
            return List.copyOf(live);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the calling thread decodes, or is inside another callback of the transport, and so must not wait for one. */
    boolean inCallback() {
        return liveConnections().stream().anyMatch(ClientConnection::isCallback);
    }

    /**
     * After {@link #end}: waits until everything is freed, unless a thread calls on which that depends; bounded in time.
     *
     * @throws WaitInterruptedException when interrupted; the freeing goes on
     */
    void awaitReleased() {
        if (inCallback()) {
            return;
        }
        try {
            released.get(Nanos.of(MOST_TO_RELEASE), TimeUnit.NANOSECONDS);
            notifier.awaitEnd(Nanos.of(MOST_TO_CLOSE));
            connector.awaitEnd(Nanos.of(MOST_TO_CLOSE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException("interrupted while closing; it is closed nevertheless", e);
        } catch (TimeoutException e) {
            LOG.warn("closing '{}' took longer than {}; it goes on", clientId, MOST_TO_RELEASE);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitReleasedUninterruptibly() {
        boolean interrupted = Thread.interrupted();
        try {
            awaitReleased();
        } catch (WaitInterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Why it ended; {@code null} when it has not, or the program closed it. */
    RecadoException endCause() {
        return endCause;
    }

    /** What a call gets that comes too late, or is in the way of the end. */
    RecadoException closed() {
        RecadoException cause = endCause;
        String who = "this " + role.name() + " is closed";
        if (cause == null) {
            return new ClosedException(who, null);
        }
        return cause instanceof ConnectionFailedException
                ? new ConnectionFailedException(
                        who + ": " + cause.getMessage(), cause.reasonCode().orElse(null), cause)
                : new ClosedException(who + ": " + cause.getMessage(), cause);
    }
}
