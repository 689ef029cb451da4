package dev.recado.core.client;

import dev.recado.ClosedException;
import dev.recado.ConnectionFailedException;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.WaitTimeoutException;
import dev.recado.auth.ClientAuthentication;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.time.Timers;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Transport;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker, from the attempt to its end: CONNECT and CONNACK, keep-alive, cutting bytes into packets,
 * DISCONNECT. A client has one after the other; what comes from an earlier one is harmless, because its {@link Owner} knows
 * which is the current one.
 *
 * <p>It ends once, by {@link #fail} or {@link #disconnect}, whoever is first: the owner hears {@link Owner#over} at once and
 * {@link Owner#gone} when the transport is done with it.
 *
 * <p>Packets are decoded by one thread at a time, see {@link Reading}; all other methods may be called from any thread.
 */
final class ClientConnection implements ConnectionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final Loss BY_CLOSE = Loss.forGood(null);

    /** Who has the connection made, and lives longer than it. No method may block. */
    interface Owner {

        /** CONNACK said yes. Called on the decoding thread. */
        void accepted(ClientConnection connection, ServerLimits limits);

        /** A PUBLISH or an acknowledgement of any kind is the reader's current packet. Called on the decoding thread. */
        void received(ClientConnection connection, PacketReader packet) throws CodecException;

        /** {@code false}: decode nothing more of this connection until its {@link #resume} is called. */
        boolean wantsMore(ClientConnection connection);

        /** All complete packets that had arrived were received, or no more were wanted. Called on the decoding thread. */
        void batchReceived(ClientConnection connection);

        /** {@link ConnectionHandler#drained}. */
        void drained(ClientConnection connection);

        /** Runs what asks the program, which may take long, on another thread; one such task after the other. */
        void ask(Runnable question);

        /** No longer usable. Called once, without locks. */
        void over(ClientConnection connection, Loss loss);

        /** The transport has closed it. Called once, last of all. */
        void gone(ClientConnection connection);
    }

    /** Who decodes. */
    private enum Reading {
        /** The transport's thread inside {@code received}, or whoever came here from {@code PARKED}. */
        FLOWING,
        /** Nobody: the transport is paused and complete packets may be left. Who changes this to FLOWING goes on. */
        PARKED
    }

    /** Something that the program is asked, on another thread. Meanwhile nothing is decoded, so that nothing overtakes it. */
    private static final class Question {
        /** What follows from the answer; {@code null} while there is none. */
        volatile Runnable consequence;
    }

    /** Authenticating again, from the call to its outcome. */
    private static final class Again {
        final CompletableFuture<Void> outcome = new CompletableFuture<>();

        /** {@code null} until AUTH goes out. */
        volatile AuthDialogue dialogue;

        volatile Timers.Timer limit = () -> {};

        /** For one caller, who may complete or cancel it without harm to others. */
        CompletableFuture<Void> promise() {
            CompletableFuture<Void> promise = new CompletableFuture<>();
            // Not copy(), which would wrap the failure.
            outcome.whenComplete((done, failure) -> {
                if (failure == null) {
                    promise.complete(null);
                } else {
                    promise.completeExceptionally(failure);
                }
            });
            return promise;
        }
    }

    private final URI endpoint;
    private final Timers timers;
    private final Packet.Connect connect;
    private final ProtocolVersion version;

    /** CONNECT's; {@code null} without enhanced authentication. */
    private final AuthDialogue dialogue;

    private final Owner owner;
    private final PacketReader reader;
    private final AtomicReference<Loss> over = new AtomicReference<>();
    private final AtomicReference<Reading> reading = new AtomicReference<>(Reading.FLOWING);

    /** Decoding thread only. */
    private boolean paused;

    /** {@code null} when the program is asked nothing. Set and cleared by the decoding thread. */
    private volatile Question question;

    /** {@code null} when nothing of the kind is going on. */
    private final AtomicReference<Again> again = new AtomicReference<>();

    /** Unanswered PINGREQs, oldest first. Guarded by pingLock. */
    private final ArrayDeque<CompletableFuture<Boolean>> pings = new ArrayDeque<>();

    private final ReentrantLock pingLock = new ReentrantLock();

    private volatile Connection connection;
    private volatile ServerLimits limits;

    /** Who decodes, while it does. Reset by compare-and-set: after parking, another thread may have set it. */
    private final AtomicReference<Thread> decoding = new AtomicReference<>();

    /** The transport's thread while it is in {@link #drained}. */
    private volatile Thread draining;

    /** {@code null} while switched off. */
    private volatile KeepAlive keepAlive;

    private volatile Timers.Timer keepAliveTimer = () -> {};

    /**
     * Does nothing yet.
     *
     * @param dialogueOrNull the enhanced authentication that {@code connect} begins
     * @param maxPacketSize bytes of the largest packet that this side takes
     */
    ClientConnection(
            URI endpoint,
            Timers timers,
            Packet.Connect connect,
            AuthDialogue dialogueOrNull,
            int maxPacketSize,
            Owner owner) {
        this.endpoint = endpoint;
        this.timers = timers;
        this.connect = connect;
        this.version = connect.version();
        this.dialogue = dialogueOrNull;
        this.owner = owner;
        this.reader = new PacketReader(maxPacketSize);
    }

    ProtocolVersion version() {
        return version;
    }

    // ---- beginning

    /**
     * Starts the attempt.
     *
     * @throws IllegalArgumentException when the transport does not take the endpoint
     * @throws IllegalStateException when the transport is closed
     */
    void open(Transport transport, TransportChoice choice, ConnectOptions options) {
        transport.connect(endpoint, options, choice.layered(this::accept));
    }

    private ConnectionHandler accept(Connection outbound) {
        connection = outbound;
        if (isOver()) {
            outbound.abort();
        }
        return this;
    }

    @Override
    public void opened() {
        send(connect);
        flush();
    }

    /** What the broker sends up to CONNACK: nothing else, except for challenges where there is an authentication. */
    private void answered() throws CodecException {
        if (reader.type() == PacketType.CONNACK) {
            connAck((Packet.ConnAck) PacketDecoder.decode(reader, version));
        } else if (reader.type() == PacketType.AUTH && dialogue != null) {
            challenged(dialogue, (Packet.Auth) PacketDecoder.decode(reader, version));
        } else {
            breach(ReasonCode.PROTOCOL_ERROR, reader.type() + " came before CONNACK (MQTT-3.2.0-1)");
        }
    }

    private void challenged(AuthDialogue challenged, Packet.Auth challenge) {
        String violation = challenged.violationOf(challenge);
        if (violation != null) {
            breach(ReasonCode.PROTOCOL_ERROR, violation);
            return;
        }
        ask(
                () -> {
                    Packet.Auth answer = challenged.answer(challenge);
                    requireFits(answer);
                    return answer;
                },
                answer -> {
                    send(answer);
                    flush();
                });
    }

    private void connAck(Packet.ConnAck answer) {
        if (answer.reasonCode() != ReasonCode.SUCCESS) {
            fail(Loss.refused(
                    "broker '" + endpoint + "' refused the connection: "
                            + ReasonText.of(answer.reasonCode(), answer.properties()),
                    answer.reasonCode()));
        } else if (answer.sessionPresent() && connect.cleanStart()) {
            breach(ReasonCode.PROTOCOL_ERROR, "CONNACK has Session Present after a Clean Start (MQTT-3.2.2-2)");
        } else if (dialogue == null) {
            accepted(answer);
        } else {
            finish(dialogue, dialogue.violationOf(answer), answer.properties(), () -> accepted(answer));
        }
    }

    private void accepted(Packet.ConnAck answer) {
        limits = ServerLimits.of(connect, answer);
        startKeepAlive(limits.keepAliveSeconds());
        LOG.debug("connected to '{}' as '{}'", endpoint, limits.clientId());
        owner.accepted(this, limits);
    }

    /**
     * The broker has said yes: goes on when the program believes it.
     *
     * @param violation which rule the answer breaks; {@code null} for none
     * @param answer properties of the packet that said it
     */
    private void finish(AuthDialogue finished, String violation, Properties answer, Runnable next) {
        if (violation != null) {
            breach(ReasonCode.PROTOCOL_ERROR, violation);
            return;
        }
        ask(
                () -> {
                    finished.finish(answer);
                    return next;
                },
                Runnable::run);
    }

    // ---- authenticating again

    /**
     * Begins to authenticate again, or joins what has begun (MQTT 5, section 4.12.1). A connection that fails to is ended
     * (MQTT-4.12.1-2).
     *
     * @param timeoutNanos from the call to the outcome
     * @return completed on the decoding thread; exceptionally with why the connection ended, or with what the program threw
     *     before anything was sent
     */
    CompletableFuture<Void> reauthenticate(ClientAuthentication authentication, long timeoutNanos) {
        Again mine = new Again();
        Again earlier = again.compareAndExchange(null, mine);
        if (earlier != null) {
            return earlier.promise();
        }
        mine.limit = timers.schedule(timeoutNanos, () -> tooLate(mine, timeoutNanos));
        if (isOver()) {
            // Whoever ended it may have looked before there was anything to be seen.
            settle(mine, ended(over.get()));
        } else {
            owner.ask(() -> begin(mine, authentication));
        }
        return mine.promise();
    }

    private void begin(Again mine, ClientAuthentication authentication) {
        AuthDialogue begun;
        Packet.Auth opening;
        try {
            begun = dialogue.again(authentication);
            opening = begun.opening();
            requireFits(opening);
        } catch (RuntimeException | Error e) {
            settle(mine, e);
            return;
        }
        // Before it goes out: an answer may be decoded before send() returns.
        mine.dialogue = begun;
        send(opening);
        flush();
    }

    private void authenticating() throws CodecException {
        Again current = again.get();
        AuthDialogue begun = current == null ? null : current.dialogue;
        if (begun == null) {
            notDue();
            return;
        }
        Packet.Auth auth = (Packet.Auth) PacketDecoder.decode(reader, version);
        if (auth.reasonCode() == ReasonCode.SUCCESS) {
            finish(begun, begun.violationOf(auth), auth.properties(), () -> settle(current, null));
        } else {
            challenged(begun, auth);
        }
    }

    private void tooLate(Again mine, long timeoutNanos) {
        if (!again.compareAndSet(mine, null)) {
            return;
        }
        Loss loss = Loss.passing(new WaitTimeoutException(
                "authenticating again at broker '" + endpoint + "' was not over within "
                        + Duration.ofNanos(timeoutNanos) + "; the connection is ended (MQTT-4.12.1-2)",
                null));
        if (over.compareAndSet(null, loss)) {
            leave(loss, ReasonCode.UNSPECIFIED_ERROR);
        }
        mine.outcome.completeExceptionally(ended(over.get()));
    }

    /** Without effect when it is settled already; {@code null} stands for success. */
    private void settle(Again mine, Throwable failure) {
        mine.limit.cancel();
        if (!again.compareAndSet(mine, null)) {
            return;
        }
        if (failure == null) {
            mine.outcome.complete(null);
        } else {
            mine.outcome.completeExceptionally(failure);
        }
    }

    private static RecadoException ended(Loss loss) {
        return loss.reason() != null
                ? loss.reason()
                : new ClosedException("the client was closed before it had authenticated again", null);
    }

    // ---- asking the program

    /**
     * Asks the program on another thread, and goes on with the answer on the decoding one. Called there.
     *
     * @param asked its {@link RefusedException} ends the connection
     */
    private <T> void ask(Supplier<T> asked, Consumer<T> next) {
        Question mine = new Question();
        question = mine;
        owner.ask(() -> {
            mine.consequence = consequenceOf(asked, next);
            resume();
        });
    }

    private <T> Runnable consequenceOf(Supplier<T> asked, Consumer<T> next) {
        try {
            T answer = asked.get();
            return () -> next.accept(answer);
        } catch (RefusedException e) {
            return () -> distrust(e);
        }
    }

    private void goOn() {
        Runnable consequence = question.consequence;
        question = null;
        consequence.run();
    }

    private boolean wantsMore() {
        Question open = question;
        return open == null ? owner.wantsMore(this) : open.consequence != null;
    }

    /** Refuses an AUTH that the broker does not take; before CONNACK nobody knows what it takes. */
    private void requireFits(Packet.Auth auth) {
        ServerLimits known = limits;
        int size = PacketEncoder.size(auth, version);
        if (known != null && size > known.maxPacketSize()) {
            throw new RefusedException(
                    "AUTH has " + size + " bytes, over the broker's Maximum Packet Size of " + known.maxPacketSize()
                            + " (MQTT-3.2.2-15)",
                    ReasonCode.PACKET_TOO_LARGE);
        }
    }

    // ---- inbound

    @Override
    public void received(ByteBuffer bytes) {
        KeepAlive alive = keepAlive;
        if (alive != null) {
            alive.waiting(timers.nanoTime());
        }
        read(bytes);
    }

    /** Whether this is asked on a thread that decodes, or inside another callback of the transport: neither may wait. */
    boolean isCallback() {
        return decoding.get() == Thread.currentThread() || draining == Thread.currentThread();
    }

    /** More is wanted again; goes on where it stopped, on the calling thread. Without effect when it did not stop. */
    void resume() {
        if (reading.get() == Reading.PARKED && reading.compareAndSet(Reading.PARKED, Reading.FLOWING)) {
            KeepAlive alive = keepAlive;
            if (alive != null) {
                alive.waiting(timers.nanoTime());
            }
            read(NOTHING);
        }
    }

    private void read(ByteBuffer bytes) {
        Thread self = Thread.currentThread();
        decoding.set(self);
        try {
            decodeAll(bytes);
        } finally {
            decoding.compareAndSet(self, null);
        }
    }

    /** Decodes until nothing is left, or parks when no more is wanted. */
    private void decodeAll(ByteBuffer bytes) {
        for (boolean stopped = decode(bytes); stopped && !isOver(); stopped = decode(NOTHING)) {
            if (!wantsMore() && !park()) {
                return;
            }
        }
        if (paused) {
            // Still FLOWING, and the last thing done here: what comes in from now on is the transport's to decode.
            paused = false;
            connection.resumeReading();
        }
    }

    /**
     * Stops until {@link #resume}.
     *
     * @return {@code true} when more was wanted again before there was anybody to resume: the caller goes on
     */
    private boolean park() {
        if (!paused) {
            paused = true;
            connection.pauseReading();
        }
        reading.set(Reading.PARKED);
        return wantsMore() && reading.compareAndSet(Reading.PARKED, Reading.FLOWING);
    }

    /** Returns whether it stopped because no more is wanted, so that complete packets may be left. */
    private boolean decode(ByteBuffer bytes) {
        boolean stopped = false;
        reader.feed(bytes);
        try {
            while (!isOver() && !stopped) {
                if (!wantsMore()) {
                    stopped = true;
                } else if (question != null) {
                    goOn();
                } else if (reader.next()) {
                    dispatch();
                } else {
                    break;
                }
            }
        } catch (CodecException e) {
            boolean tls = limits == null && reader.isAtTlsRecord();
            breach(e.reasonCode(), tls ? "what came is TLS; does that port need mqtts://?" : e.getMessage());
        } finally {
            reader.finish();
        }
        owner.batchReceived(this);
        return stopped;
    }

    private void dispatch() throws CodecException {
        LOG.trace("received {}, {} bytes", reader.type(), reader.size());
        if (limits == null) {
            answered();
            return;
        }
        switch (reader.type()) {
            case PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK -> owner.received(this, reader);
            case PINGRESP -> {
                PacketDecoder.decode(reader, version);
                pong();
            }
            case DISCONNECT -> disconnected();
            case AUTH -> authenticating();
            default -> notDue();
        }
    }

    private void notDue() {
        breach(ReasonCode.PROTOCOL_ERROR, "the broker sent " + reader.type() + ", which is not due");
    }

    private void disconnected() throws CodecException {
        if (!version.hasProperties()) {
            // Only clients say goodbye in MQTT 3.1.1 (section 3.14).
            notDue();
            return;
        }
        Packet.Disconnect packet = (Packet.Disconnect) PacketDecoder.decode(reader, version);
        fail(Loss.disconnected(
                "broker '" + endpoint + "' ended the connection: "
                        + ReasonText.of(packet.reasonCode(), packet.properties()),
                packet.reasonCode()));
    }

    @Override
    public void drained() {
        draining = Thread.currentThread();
        try {
            owner.drained(this);
        } finally {
            draining = null;
        }
    }

    // ---- outbound

    /** Appends bytes; {@link #flush} sends them. */
    void write(ByteBuffer... bytes) {
        connection.write(bytes);
    }

    /** Appends a packet; {@link #flush} sends it. */
    void send(Packet packet) {
        connection.write(PacketEncoder.encode(packet, version));
    }

    void flush() {
        connection.flush();
        KeepAlive alive = keepAlive;
        if (alive != null) {
            alive.sent(timers.nanoTime());
        }
    }

    /** {@link Connection#pending}. */
    long pending() {
        return connection.pending();
    }

    // ---- PINGREQ and keep-alive

    /**
     * Asks the broker for an answer, which comes behind everything that the broker sent before, and after the broker has
     * seen everything that was written before.
     *
     * @param answer completed with {@code true} when it has come, on the decoding thread and before that decodes what comes
     *     behind; with {@code false} when the connection is over
     */
    void ping(CompletableFuture<Boolean> answer) {
        boolean asked;
        pingLock.lock();
        try {
            asked = !isOver();
            if (asked) {
                KeepAlive alive = keepAlive;
                if (alive != null && pings.isEmpty()) {
                    alive.waiting(timers.nanoTime());
                }
                pings.addLast(answer);
                send(new Packet.PingReq());
            }
        } finally {
            pingLock.unlock();
        }
        if (asked) {
            flush();
        } else {
            answer.complete(false);
        }
    }

    private void pong() {
        CompletableFuture<Boolean> answered;
        pingLock.lock();
        try {
            answered = pings.pollFirst();
        } finally {
            pingLock.unlock();
        }
        if (answered != null) {
            answered.complete(true);
        }
    }

    private boolean awaitsPong() {
        pingLock.lock();
        try {
            return !pings.isEmpty();
        } finally {
            pingLock.unlock();
        }
    }

    private void startKeepAlive(int seconds) {
        if (seconds > 0) {
            keepAlive = new KeepAlive(seconds * 1_000_000_000L, timers.nanoTime());
            checkKeepAlive();
        }
    }

    private void checkKeepAlive() {
        if (isOver()) {
            return;
        }
        long next = lookAtKeepAlive();
        if (next == KeepAlive.PING) {
            ping(new CompletableFuture<>());
            next = lookAtKeepAlive();
        }
        if (next == KeepAlive.LOST) {
            fail(Loss.passing(new ConnectionFailedException(
                    "the connection to '" + endpoint + "' is lost: nothing came for half the keep-alive interval of "
                            + limits.keepAliveSeconds() + " seconds after PINGREQ",
                    ReasonCode.KEEP_ALIVE_TIMEOUT,
                    null)));
            return;
        }
        keepAliveTimer = timers.schedule(next, this::checkKeepAlive);
        if (isOver()) {
            keepAliveTimer.cancel();
        }
    }

    private long lookAtKeepAlive() {
        return keepAlive.check(timers.nanoTime(), awaitsPong(), reading.get() == Reading.PARKED);
    }

    // ---- the end

    boolean isOver() {
        return over.get() != null;
    }

    /** The broker broke a rule: tells it so (MQTT-4.13.1-1), which MQTT 3.1.1 cannot, and ends the connection. */
    void breach(ReasonCode code, String what) {
        Loss loss = Loss.passing(new ConnectionFailedException(
                "broker '" + endpoint + "' broke the protocol: " + what + ": " + code, code, null));
        if (over.compareAndSet(null, loss)) {
            LOG.warn("broker '{}' broke the protocol: {}: {}", endpoint, what, code);
            leave(loss, code);
        }
    }

    /** The broker has not proved who it is. It is not told what gave it away, in case it is an impostor. */
    private void distrust(RefusedException reason) {
        Loss loss = Loss.forGood(reason);
        if (over.compareAndSet(null, loss)) {
            LOG.warn("broker '{}': {}", endpoint, reason.getMessage());
            leave(loss, ReasonCode.UNSPECIFIED_ERROR);
        }
    }

    private void leave(Loss loss, ReasonCode code) {
        if (version.hasProperties()) {
            send(new Packet.Disconnect(code, Properties.NONE));
        }
        connection.close();
        end(loss);
    }

    /** Ends the connection at once. */
    void fail(Loss loss) {
        if (over.compareAndSet(null, loss)) {
            abort();
            end(loss);
        }
    }

    /**
     * Ends the connection in good order: DISCONNECT, and whatever was written before it.
     *
     * @param endsSession whether a session that would outlive the connection is to end with it
     */
    void disconnect(boolean endsSession) {
        if (over.compareAndSet(null, BY_CLOSE)) {
            if (limits == null) {
                abort();
            } else {
                send(new Packet.Disconnect(ReasonCode.SUCCESS, farewell(endsSession)));
                connection.close();
            }
            end(BY_CLOSE);
        }
    }

    /** A Session Expiry Interval that was 0 in CONNECT stays 0 without being said again (MQTT 5, section 3.14.2.2.2). */
    private Properties farewell(boolean endsSession) {
        return endsSession && connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0) > 0
                ? Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 0).build()
                : Properties.NONE;
    }

    /** Closes the transport's connection, if there is one yet; changes nothing else. */
    void abort() {
        Connection outbound = connection;
        if (outbound != null) {
            outbound.abort();
        }
    }

    private void end(Loss loss) {
        keepAliveTimer.cancel();
        List<CompletableFuture<Boolean>> unanswered;
        pingLock.lock();
        try {
            unanswered = List.copyOf(pings);
            pings.clear();
        } finally {
            pingLock.unlock();
        }
        unanswered.forEach(ping -> ping.complete(false));
        owner.over(this, loss);
        Again interrupted = again.get();
        if (interrupted != null) {
            settle(interrupted, ended(loss));
        }
    }

    @Override
    public void closed(Throwable cause) {
        fail(Loss.passing(explain(cause)));
        owner.gone(this);
    }

    private RecadoException explain(Throwable cause) {
        if (limits != null) {
            return new ConnectionFailedException(
                    "the connection to '" + endpoint + "' was lost" + because(cause), cause);
        }
        if (cause == null) {
            return new ConnectionFailedException(
                    "broker '" + endpoint + "' closed the connection without answering CONNECT", null);
        }
        // A transport's own message names the endpoint (T20), so it says everything; a layer's may not.
        boolean complete = String.valueOf(cause.getMessage()).contains(endpoint.toString());
        return cause instanceof SocketTimeoutException
                ? new WaitTimeoutException(
                        complete ? cause.getMessage() : "no connection to '" + endpoint + "' in time" + because(cause),
                        cause)
                : new ConnectionFailedException(
                        complete ? cause.getMessage() : "cannot connect to '" + endpoint + "'" + because(cause), cause);
    }

    private static String because(Throwable cause) {
        return cause == null ? "" : ": " + cause.getMessage();
    }
}
