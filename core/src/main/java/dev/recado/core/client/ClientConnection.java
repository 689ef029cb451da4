package dev.recado.core.client;

import dev.recado.ConnectionFailedException;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.WaitTimeoutException;
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
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
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

    private final URI endpoint;
    private final Timers timers;
    private final Packet.Connect connect;
    private final ProtocolVersion version;

    /** {@code null} without enhanced authentication. Decoding thread only. */
    private final AuthDialogue dialogue;

    private final Owner owner;
    private final PacketReader reader;
    private final AtomicReference<Loss> over = new AtomicReference<>();
    private final AtomicReference<Reading> reading = new AtomicReference<>(Reading.FLOWING);

    /** Decoding thread only. */
    private boolean paused;

    /** Unanswered PINGREQs, oldest first. Guarded by pingLock. */
    private final ArrayDeque<CompletableFuture<Boolean>> pings = new ArrayDeque<>();

    private final ReentrantLock pingLock = new ReentrantLock();

    private volatile Connection connection;
    private volatile ServerLimits limits;

    /** The transport's threads while they are in here. */
    private volatile Thread receiving;

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
            challenged((Packet.Auth) PacketDecoder.decode(reader, version));
        } else {
            breach(ReasonCode.PROTOCOL_ERROR, reader.type() + " came before CONNACK (MQTT-3.2.0-1)");
        }
    }

    private void challenged(Packet.Auth challenge) {
        String violation = dialogue.violationOf(challenge);
        if (violation != null) {
            breach(ReasonCode.PROTOCOL_ERROR, violation);
            return;
        }
        try {
            send(dialogue.answer(challenge));
            flush();
        } catch (RefusedException e) {
            distrust(e);
        }
    }

    private void connAck(Packet.ConnAck answer) {
        if (answer.reasonCode() != ReasonCode.SUCCESS) {
            fail(Loss.refused(
                    "broker '" + endpoint + "' refused the connection: "
                            + saying(answer.reasonCode(), answer.properties()),
                    answer.reasonCode()));
        } else if (answer.sessionPresent() && connect.cleanStart()) {
            breach(ReasonCode.PROTOCOL_ERROR, "CONNACK has Session Present after a Clean Start (MQTT-3.2.2-2)");
        } else if (isAuthenticated(answer)) {
            limits = ServerLimits.of(connect, answer);
            startKeepAlive(limits.keepAliveSeconds());
            LOG.debug("connected to '{}' as '{}'", endpoint, limits.clientId());
            owner.accepted(this, limits);
        }
    }

    /** Whether the authentication, if there is one, ends well with this CONNACK; else the connection is over. */
    private boolean isAuthenticated(Packet.ConnAck answer) {
        if (dialogue == null) {
            return true;
        }
        String violation = dialogue.violationOf(answer);
        if (violation != null) {
            breach(ReasonCode.PROTOCOL_ERROR, violation);
            return false;
        }
        try {
            dialogue.finish(answer);
            return true;
        } catch (RefusedException e) {
            distrust(e);
            return false;
        }
    }

    private static String saying(ReasonCode code, Properties properties) {
        String text = properties.text(Property.REASON_STRING);
        return text == null ? code.toString() : code + ", '" + text + "'";
    }

    // ---- inbound

    @Override
    public void received(ByteBuffer bytes) {
        KeepAlive alive = keepAlive;
        if (alive != null) {
            alive.waiting(timers.nanoTime());
        }
        receiving = Thread.currentThread();
        try {
            read(bytes);
        } finally {
            receiving = null;
        }
    }

    /** Whether this is asked inside a callback of the transport, which waits for nothing. */
    boolean isCallback() {
        return receiving == Thread.currentThread() || draining == Thread.currentThread();
    }

    /** The owner wants more again; goes on where it stopped, on the calling thread. Without effect when it did not stop. */
    void resume() {
        if (reading.get() == Reading.PARKED && reading.compareAndSet(Reading.PARKED, Reading.FLOWING)) {
            KeepAlive alive = keepAlive;
            if (alive != null) {
                alive.waiting(timers.nanoTime());
            }
            read(NOTHING);
        }
    }

    /** Decodes until nothing is left, or parks when the owner wants no more. */
    private void read(ByteBuffer bytes) {
        for (boolean stopped = decode(bytes); stopped && !isOver(); stopped = decode(NOTHING)) {
            if (!owner.wantsMore(this) && !park()) {
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
     * @return {@code true} when the owner changed its mind before there was anybody to resume: the caller goes on
     */
    private boolean park() {
        if (!paused) {
            paused = true;
            connection.pauseReading();
        }
        reading.set(Reading.PARKED);
        return owner.wantsMore(this) && reading.compareAndSet(Reading.PARKED, Reading.FLOWING);
    }

    /** Returns whether it stopped because the owner wants no more, so that complete packets may be left. */
    private boolean decode(ByteBuffer bytes) {
        boolean stopped = false;
        reader.feed(bytes);
        try {
            while (!isOver() && !stopped) {
                if (!owner.wantsMore(this)) {
                    stopped = true;
                } else if (reader.next()) {
                    dispatch();
                } else {
                    break;
                }
            }
        } catch (CodecException e) {
            breach(e.reasonCode(), e.getMessage());
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
                "broker '" + endpoint + "' ended the connection: " + saying(packet.reasonCode(), packet.properties()),
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
