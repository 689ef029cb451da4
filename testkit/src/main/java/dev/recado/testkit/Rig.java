package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import dev.recado.testkit.internal.Eventually;
import dev.recado.testkit.internal.Timeouts;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What one test works with: the transports, their connections, raw peers, helper threads and the clock's bounds. Finds at
 * the end what was left behind.
 */
final class Rig implements ContractExtension.Run {

    static final int LOW = 64 * 1024;
    static final int HIGH = 256 * 1024;

    /** More than any loopback connection has room for in the operating system. */
    private static final long MOST_TO_FILL = 64L << 20;

    private static final int FILL_STEP = 64 * 1024;

    private final TransportContract contract;
    private final Timeouts timeouts;
    private final Violations violations = new Violations();
    private final TransportThreads threads;
    private final ThreadLocal<String> callInProgress = new ThreadLocal<>();
    private final List<RecordingHandler> handlers = new CopyOnWriteArrayList<>();
    private final BlockingQueue<RecordingHandler> accepted = new LinkedBlockingQueue<>();
    private final List<RawPeer> rawPeers = new CopyOnWriteArrayList<>();
    private final List<RawListener> rawListeners = new CopyOnWriteArrayList<>();
    private final OpenSockets sockets;
    private WatchedTransport server;
    private WatchedTransport client;
    private Listener listener;

    Rig(TransportContract contract, Timeouts timeouts, String test) {
        this.contract = contract;
        this.timeouts = timeouts;
        this.threads = new TransportThreads(test, violations);
        this.sockets = new OpenSockets(contract.has(Capability.TCP));
    }

    // ---- bounds and waiting

    Duration arrival() {
        return timeouts.arrival();
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    void await(String rule, BooleanSupplier condition, Supplier<String> message) {
        if (!Eventually.holds(timeouts.arrival(), condition)) {
            throw new AssertionError(rule + ": " + message.get());
        }
    }

    /** Fails when the condition holds before the time for silence is over. */
    void never(String rule, BooleanSupplier condition, Supplier<String> message) {
        if (Eventually.holds(timeouts.silence(), condition)) {
            throw new AssertionError(rule + ": " + message.get());
        }
    }

    void silence() {
        Eventually.holds(timeouts.silence(), () -> false);
    }

    static void check(String rule, boolean holds, Supplier<String> message) {
        if (!holds) {
            throw new AssertionError(rule + ": " + message.get());
        }
    }

    // ---- what the parts share

    Violations violations() {
        return violations;
    }

    @Override
    public TransportThreads threads() {
        return threads;
    }

    GuardedConnection guard(Connection connection) {
        return new GuardedConnection(connection, callInProgress, violations);
    }

    /** Which method of a connection the calling thread is in, or {@code null}. */
    String callInProgress() {
        return callInProgress.get();
    }

    // ---- transports and connections

    Transport server() {
        if (server == null) {
            server = new WatchedTransport(contract.createTransport(), sockets);
        }
        return server;
    }

    Transport client() {
        server();
        if (client == null) {
            client = server.orOther(contract.createClientTransport());
        }
        return client;
    }

    /** Small water marks, and a close timeout so long that it cannot stand in for an orderly close in time. */
    ConnectionOptions options() {
        return ConnectionOptions.defaults()
                .withWaterMarks(LOW, HIGH)
                .withCloseTimeout(timeouts.arrival().multipliedBy(2));
    }

    ListenOptions listenOptions() {
        return ListenOptions.defaults().withConnection(options());
    }

    ConnectOptions connectOptions() {
        return ConnectOptions.defaults().withTimeout(timeouts.arrival()).withConnection(options());
    }

    URI listen() throws IOException {
        return listen(side -> {});
    }

    URI listen(Consumer<RecordingHandler> setup) throws IOException {
        return listen(options(), setup);
    }

    URI listen(ConnectionOptions options, Consumer<RecordingHandler> setup) throws IOException {
        listener = server().listen(
                        contract.listenEndpoint(),
                        ListenOptions.defaults().withConnection(options),
                        acceptor(setup.andThen(accepted::add)));
        return listener.endpoint();
    }

    /** Binds again what an earlier listener has freed. */
    void listenOn(URI endpoint) throws IOException {
        listener = server().listen(endpoint, listenOptions(), acceptor(accepted::add));
    }

    Listener listener() {
        return listener;
    }

    Acceptor acceptor(Consumer<RecordingHandler> setup) {
        return connection -> {
            RecordingHandler side = new RecordingHandler(this, connection);
            setup.accept(side);
            handlers.add(side);
            return side;
        };
    }

    /** Starts to connect to the listener. */
    RecordingHandler connect() {
        return connect(side -> {});
    }

    RecordingHandler connect(Consumer<RecordingHandler> setup) {
        return connect(listener.endpoint(), connectOptions(), setup);
    }

    RecordingHandler connect(URI endpoint, ConnectOptions options, Consumer<RecordingHandler> setup) {
        BlockingQueue<RecordingHandler> asked = new LinkedBlockingQueue<>();
        client().connect(endpoint, options, acceptor(setup.andThen(asked::add)));
        return next("T3", asked, "connect must ask the acceptor for a handler");
    }

    /** The next connection that the listener has accepted and opened. */
    RecordingHandler accepted() {
        RecordingHandler side = offered();
        side.awaitOpened("T4");
        sockets.look();
        return side;
    }

    /** The next connection that the listener has accepted. A client that aborts at once may keep it from being opened. */
    RecordingHandler offered() {
        return next("T2", accepted, "a connection must be accepted");
    }

    private RecordingHandler next(String rule, BlockingQueue<RecordingHandler> queue, String obligation) {
        try {
            RecordingHandler side = queue.poll(timeouts.arrival().toMillis(), TimeUnit.MILLISECONDS);
            check(rule, side != null, () -> obligation + ", but " + arrival() + " passed without");
            return side;
        } catch (InterruptedException e) {
            throw new AssertionError(rule + ": " + obligation + ", but the test's time ran out", e);
        }
    }

    Pair pair() throws IOException {
        return pair(side -> {}, side -> {});
    }

    Pair pair(Consumer<RecordingHandler> clientSetup, Consumer<RecordingHandler> serverSetup) throws IOException {
        return pair(options(), clientSetup, serverSetup);
    }

    /** Listens, unless a listener is there (its setup stays), connects and waits until both sides are opened. */
    Pair pair(ConnectionOptions options, Consumer<RecordingHandler> clientSetup, Consumer<RecordingHandler> serverSetup)
            throws IOException {
        if (listener == null) {
            listen(options, serverSetup);
        }
        RecordingHandler connected =
                connect(listener.endpoint(), connectOptions().withConnection(options), clientSetup);
        connected.awaitOpened("T4");
        return new Pair(connected, accepted());
    }

    /**
     * Writes until the peer, which does not read, has made {@code pending} exceed {@code target} for good. What was
     * written is {@code Bytes.pattern(seed, n)}.
     *
     * @return n, the number of bytes written
     */
    int fill(RecordingHandler side, int seed, long target) {
        long written = 0;
        while (written < MOST_TO_FILL && !side.isClosed()) {
            if (side.connection().pending() > target
                    && !Eventually.holds(
                            timeouts.silence(), () -> side.connection().pending() <= target)) {
                return (int) written;
            }
            side.send(Bytes.pattern(seed, written, FILL_STEP));
            written += FILL_STEP;
        }
        throw new AssertionError(
                "T14: a peer that does not read must stop the sender, but it sent " + written + " bytes; pending() is "
                        + side.connection().pending() + (side.isClosed() ? " and the connection closed" : ""));
    }

    // ---- raw peers

    RawPeer rawClient() throws IOException {
        URI endpoint = listener.endpoint();
        return raw(new Socket(endpoint.getHost(), endpoint.getPort()));
    }

    RawListener rawListener() throws IOException {
        RawListener raw = new RawListener();
        rawListeners.add(raw);
        sockets.own(raw.port());
        return raw;
    }

    RawPeer accept(RawListener raw) throws IOException {
        return raw(raw.accept(Math.toIntExact(timeouts.arrival().toMillis())));
    }

    private RawPeer raw(Socket socket) throws IOException {
        RawPeer peer = new RawPeer(socket, timeouts.arrival());
        rawPeers.add(peer);
        return peer;
    }

    // ---- helper threads

    /** A test's body, or part of it. */
    @FunctionalInterface
    interface Body {
        void run() throws Throwable;
    }

    /** Runs the body on a thread of its own; what it throws fails the test at its end. */
    Thread spawn(String rule, Body body) {
        Thread thread = threads.newKitThread("helper", () -> {
            try {
                body.run();
            } catch (AssertionError e) {
                violations.add(e);
            } catch (Throwable t) {
                violations.add(rule, "a call failed with " + t, t);
            }
        });
        thread.start();
        return thread;
    }

    void join(String rule, Thread thread, String obligation) {
        if (!Eventually.holds(timeouts.arrival(), () -> !thread.isAlive())) {
            throw new AssertionError(
                    rule + ": " + obligation + ", but it still runs:\n" + TransportThreads.stack(thread));
        }
    }

    /** Runs the body on a thread of its own, which has to end in time; throws what it throws. */
    void within(String rule, String obligation, Body body) throws Exception {
        FutureTask<Void> task = new FutureTask<>(() -> {
            try {
                body.run();
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError(rule + ": a call failed with " + t, t);
            }
            return null;
        });
        Thread thread = threads.newKitThread("helper", task);
        thread.start();
        join(rule, thread, obligation);
        try {
            task.get();
        } catch (ExecutionException e) {
            sneakyThrow(e.getCause());
        }
    }

    /** Throws anything from where only unchecked exceptions may be thrown. */
    @SuppressWarnings("unchecked")
    static <T extends Throwable> void sneakyThrow(Throwable t) throws T {
        throw (T) t;
    }

    // ---- the end

    /** Closes everything and fails if anything was left behind, or had gone wrong on a thread that nobody watched. */
    @Override
    public void close() throws Exception {
        if (contract.has(Capability.OWN_THREADS)) {
            threads.checkNames();
        }
        sockets.lookForTheLastTime();
        try (AutoCloseable raw = this::closeRaw) {
            for (Transport transport : new Transport[] {client, server}) {
                if (transport != null) {
                    transport.close();
                }
            }
            if (!Eventually.holds(timeouts.arrival(), () -> handlers.stream().allMatch(RecordingHandler::isClosed))) {
                long waiting =
                        handlers.stream().filter(side -> !side.isClosed()).count();
                violations.add(
                        "T22",
                        "Transport.close must call closed on each handler, but " + waiting + " of " + handlers.size()
                                + " wait for it");
            }
            for (RawPeer peer : rawPeers) {
                if (peer.isOpen()) {
                    peer.awaitGone("T22");
                }
            }
            if (contract.has(Capability.OWN_THREADS)
                    && !Eventually.holds(
                            timeouts.arrival(), () -> threads.alive().isEmpty())) {
                violations.add(
                        "T22",
                        "no thread may be left after Transport.close, but there are "
                                + threads.alive().stream().map(Thread::getName).toList());
            }
        }
        sockets.checkNoneLeft("T22", timeouts.arrival(), violations);
        violations.rethrow();
    }

    private void closeRaw() throws Exception {
        for (RawPeer peer : rawPeers) {
            peer.close();
        }
        for (RawListener raw : rawListeners) {
            sockets.disown(raw.port());
            raw.close();
        }
    }
}
