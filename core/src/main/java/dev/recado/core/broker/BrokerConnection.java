package dev.recado.core.broker;

import dev.recado.ClientInfo;
import dev.recado.ReasonCode;
import dev.recado.Refusal;
import dev.recado.Role;
import dev.recado.auth.Identity;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: reads packets, and dispatches to one method for each type.
 *
 * <p>Threads. The transport's thread brings bytes. While this connection is paused, what it has already read waits in the
 * {@link PacketReader}, and whoever ends the pause handles it; hence the {@code inbound} lock around everything that reads.
 * Nobody ever waits for that lock but the transport's own thread: others {@linkplain #resumeSoon note} that there is something
 * to do, try the lock, and leave it to its holder if they do not get it. {@link #end} may be called by anybody.
 */
final class BrokerConnection implements ConnectionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnection.class);
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    private static final Timers.Timer NO_TIMER = () -> {};

    /** Each connection would hold an AtomicReference otherwise. */
    private static final AtomicReferenceFieldUpdater<BrokerConnection, ConnectionPhase> PHASE =
            AtomicReferenceFieldUpdater.newUpdater(BrokerConnection.class, ConnectionPhase.class, "phase");

    /** In one SUBSCRIBE or UNSUBSCRIBE; what a client may hold altogether is answered filter by filter. */
    private static final int MOST_FILTERS = 10_000;

    private final RecadoBroker broker;
    private final Connection connection;
    private final Replies replies;

    private volatile ConnectionPhase phase = ConnectionPhase.AWAITING_CONNECT;
    private final ReentrantLock inbound = new ReentrantLock();

    /** Null once the client is connected, unless it may authenticate again. Set by whoever holds {@code inbound}. */
    private volatile Admission admission;

    // Set once, with CONNECT or when the client is accepted; read by anybody afterwards.

    private volatile Handshake.Accepted accepted;
    private volatile Session session;
    private volatile Link link;
    private volatile RoleGuard guard;
    private volatile Permissions permissions;
    private volatile GrantedWill will;
    private volatile Instant connectedAt;

    // Guarded by inbound.

    private final PacketReader reader;
    private boolean pumpDue;

    // Made when they are needed: most connections publish, or subscribe, or only wait.

    private Publishing publishing;
    private Subscribing subscribing;
    private volatile Pause pause;

    private volatile boolean resumeDue;

    // Timers.

    private volatile long lastReceivedAt;

    /** That of CONNECT; once the client is accepted, that of its silence. Null before the connection is opened. */
    private volatile Timers.Timer timer;

    /** Whether its CONNECT was ever answered with yes. */
    private volatile boolean wasConnected;

    /** Whether the client said goodbye in the way that its will is not for. */
    private volatile boolean willDiscarded;

    BrokerConnection(RecadoBroker broker, Connection connection) {
        this.broker = broker;
        this.connection = connection;
        this.reader = new PacketReader(broker.limits.maxPacketSizeBeforeConnect());
        this.replies = new Replies(connection, broker.limits, broker.counters);
        this.admission = new Admission(this, broker, connection, replies);
    }

    // ---- Called by the transport ----

    @Override
    public void opened() {
        lastReceivedAt = broker.timers.nanoTime();
        timer = broker.timers.schedule(broker.limits.connectTimeout().toNanos(), this::connectTimedOut);
    }

    @Override
    public void received(ByteBuffer bytes) {
        inbound.lock();
        try {
            lastReceivedAt = broker.timers.nanoTime();
            handle(bytes);
        } finally {
            inbound.unlock();
        }
        resumeIfDue();
    }

    @Override
    public void drained() {
        Session current = session;
        if (current == null) {
            return;
        }
        Batch batch = broker.batches.take();
        try {
            current.pump(batch, broker.timers.nanoTime());
        } finally {
            broker.batches.finish(batch);
        }
        if (replies.drained()) {
            resumeSoon();
        }
        broker.drained(this);
    }

    @Override
    public void closed(Throwable cause) {
        if (cause != null) {
            LOG.debug("connection of {} broke", describe(), cause);
            reportFailedHandshake(cause);
        }
        ConnectionPhase before = change(ConnectionPhase.Event.CLOSED);
        if (before != null && !before.isOver()) {
            leave(before, ReasonCode.UNSPECIFIED_ERROR, null);
        }
        broker.closed(this);
    }

    /** Who could not even open a connection is refused by what lies below: TLS. */
    private void reportFailedHandshake(Throwable cause) {
        // The timer is set when the connection is opened.
        if (timer == null && (cause instanceof SSLException || cause instanceof SocketTimeoutException)) {
            broker.refused(new Refusal("", connection.peer().address(), ReasonCode.NOT_AUTHORIZED, cause.getMessage()));
        }
    }

    // ---- Reading ----

    /** Handles what has come, as far as it may be handled now; holding the inbound lock. */
    private void handle(ByteBuffer bytes) {
        Batch batch = broker.batches.take();
        try {
            batch.bytesReceived += bytes.remaining();
            reader.feed(bytes);
            try {
                settleAdmission(batch);
                openRun(batch, bytes);
                while (mayRead() && reader.next()) {
                    batch.packetsReceived++;
                    dispatch(batch);
                    settleAdmission(batch);
                }
            } catch (CodecException e) {
                boolean tls = phase == ConnectionPhase.AWAITING_CONNECT && reader.isAtTlsRecord();
                fail(batch, e.reasonCode(), tls ? "what came is TLS; this endpoint speaks plain MQTT" : e.getMessage());
            } finally {
                finishRun(batch);
                batch.run.close();
                finishPubAcks(batch);
                reader.finish();
                replies.send(batch);
                pumpIfDue(batch);
            }
        } finally {
            broker.batches.finish(batch);
        }
    }

    private void settleAdmission(Batch batch) {
        Admission current = admission;
        if (current != null) {
            current.settle(batch);
        }
    }

    /** Before it has a session a client publishes nothing; what it publishes right behind its CONNECT is routed singly. */
    private void openRun(Batch batch, ByteBuffer bytes) {
        if (link != null) {
            batch.run.open(bytes, session, link, broker.limits.maxOutboundBytes());
        }
    }

    /** Whatever else the client asked for comes behind the messages that it had published. */
    private void finishRun(Batch batch) {
        if (!batch.run.isEmpty()) {
            broker.router.finishRun(batch);
            pauseIfOverflowing(batch);
        }
    }

    private boolean mayRead() {
        return !isPaused() && !replies.isBacklogged() && !isBeingAdmitted() && !awaitsPermission() && !phase.isOver();
    }

    private boolean isBeingAdmitted() {
        Admission current = admission;
        return current != null && current.isPending();
    }

    private void dispatch(Batch batch) throws CodecException {
        PacketType type = reader.type();
        if (type != PacketType.PUBLISH) {
            finishRun(batch);
        }
        if (type != PacketType.PUBACK) {
            finishPubAcks(batch);
        }
        if (phase == ConnectionPhase.AWAITING_CONNECT) {
            if (type != PacketType.CONNECT) {
                fail(ReasonCode.PROTOCOL_ERROR, "the first packet is a " + type + ", not a CONNECT (MQTT-3.1.0-1)");
                return;
            }
            firstPacket();
            return;
        }
        if (phase == ConnectionPhase.AUTHENTICATING && type != PacketType.AUTH && type != PacketType.DISCONNECT) {
            refuseConnect(ReasonCode.PROTOCOL_ERROR, "a " + type + " before authentication was over (MQTT-3.1.2-30)");
            return;
        }
        switch (type) {
            case PUBLISH -> publish(batch);
            case PUBREL -> released(batch);
            case PUBACK -> acknowledged(batch);
            case PUBREC, PUBCOMP -> acknowledged(batch, type);
            case SUBSCRIBE -> subscribe(batch, (Packet.Subscribe) decode());
            case UNSUBSCRIBE -> subscribing().unsubscribe(batch, (Packet.Unsubscribe) decode());
            case PINGREQ -> ping(batch);
            case DISCONNECT -> disconnected(batch, (Packet.Disconnect) decode());
            case AUTH -> authenticate(batch, (Packet.Auth) decode());
            case CONNECT -> fail(batch, ReasonCode.PROTOCOL_ERROR, "a second CONNECT on one connection (MQTT-3.1.0-2)");
            default -> fail(batch, ReasonCode.PROTOCOL_ERROR, type + " is not for a client to send here");
        }
    }

    // ---- CONNECT ----

    private void firstPacket() {
        try {
            connect((Packet.Connect) decode());
        } catch (CodecException e) {
            replies.agreeOn(versionForRefusal(e.reasonCode()));
            if (replies.version() == null) {
                fail(e.reasonCode(), e.getMessage());
            } else {
                refuseConnect(e.reasonCode(), e.getMessage());
            }
        }
    }

    /**
     * In which version of MQTT a CONNECT that cannot be read is answered; null for not at all, as MQTT 3.1.1 has it for all but
     * a wrong version (MQTT-3.1.2-2 in both).
     */
    private ProtocolVersion versionForRefusal(ReasonCode reason) {
        ProtocolVersion stated = PacketDecoder.connectVersion(reader);
        return stated == ProtocolVersion.MQTT_5 || reason == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION ? stated : null;
    }

    /** The packet that the reader stands on, within bounds: small packets can say to make many objects. */
    private Packet decode() throws CodecException {
        return PacketDecoder.decode(reader, replies.version(), broker.limits.maxUserProperties(), MOST_FILTERS);
    }

    private void connect(Packet.Connect connect) {
        replies.agreeOn(connect);
        Handshake.Decision decision = Handshake.decide(connect, broker.limits);
        if (decision instanceof Handshake.Refused no) {
            refuseConnect(no.reason(), no.what());
        } else {
            accepted = (Handshake.Accepted) decision;
            admission.begin(connect, accepted);
        }
    }

    private void authenticate(Batch batch, Packet.Auth auth) {
        Admission current = admission;
        if (current == null) {
            fail(batch, ReasonCode.PROTOCOL_ERROR, Admission.NO_METHOD);
        } else {
            current.authenticate(batch, auth);
        }
    }

    /** The authenticator, or the authorizer, has said something; on any thread. */
    void answered() {
        if (!inbound.isHeldByCurrentThread()) {
            resumeSoon();
        }
    }

    // ---- The client is accepted ----

    /**
     * Lets a client in.
     *
     * @param itsPermissions what it may do
     * @param itsWill null for none
     * @param statedTopics those without wildcards that it stated and may use
     * @param authMethod null when it was not used
     * @param authData for CONNACK; null for none
     */
    void accept(
            Handshake.Accepted client,
            Permissions itsPermissions,
            GrantedWill itsWill,
            List<String> statedTopics,
            String authMethod,
            byte[] authData) {
        permissions = itsPermissions;
        will = itsWill;
        for (String topic : statedTopics) {
            if (broker.router.catalogue.findOrAdd(topic) == null) {
                refuseConnect(ReasonCode.QUOTA_EXCEEDED, broker.router.noRoomForTopic(topic));
                return;
            }
        }
        connectedAt = broker.wallClock.instant();
        link = Link.to(connection, client, broker.limits.topicAliasMaximum());
        Sessions.Entry entry = broker.sessions.enter(this, client);
        if (entry.session() == null) {
            refuseConnect(entry.reason(), entry.refusal());
            return;
        }
        if (entry.will() != null) {
            entry.will().publish();
        }
        enter(entry, client, authMethod, authData);
    }

    private void enter(Sessions.Entry entry, Handshake.Accepted client, String authMethod, byte[] authData) {
        session = entry.session();
        boolean undecided = client.role() == Role.UNSTATED;
        guard = new RoleGuard(
                undecided ? session.role : client.role(),
                client.topics(),
                Handshake.responseInformation(client, broker.options),
                broker.options.roles());
        replies.sendThrough(session, link);
        stopTimer();
        reader.maxPacketSize(broker.limits.maxPacketSize());
        ProtocolVersion version = client.version();
        Properties announced = version.hasProperties()
                ? Handshake.announcement(client, broker.options, authMethod, authData)
                : Properties.NONE;
        // Before MQTT 3.1.1 there was no Session Present; that bit was reserved.
        boolean present = entry.present() && version != ProtocolVersion.MQTT_3_1;
        ByteBuffer connAck = replies.encode(new Packet.ConnAck(present, ReasonCode.SUCCESS, announced));
        if (connAck == null) {
            broker.sessions.leave(this, session, null);
            refuseConnect(ReasonCode.PACKET_TOO_LARGE, "CONNACK is over the client's Maximum Packet Size");
            return;
        }
        broker.counters.bytesSent.add(connAck.remaining());
        if (session.open(link, connAck, this::admit)) {
            broker.connected(this);
            connection.flush();
            if (authMethod == null) {
                // The client's password goes with it.
                admission = null;
            }
            pumpDue = true;
            scheduleKeepAlive(keepAliveNanos());
        } else {
            // Ended by others before it had a session to leave.
            broker.sessions.leave(this, session, null);
        }
    }

    /** Under the session's lock, which whoever asks for the will has held since. */
    private boolean admit() {
        wasConnected = change(ConnectionPhase.Event.ACCEPTED) != null;
        return wasConnected;
    }

    void refuseConnect(ReasonCode reason, String what) {
        refused(reason, what);
        replies.sendNow(new Packet.ConnAck(false, reason, replies.reason(what)));
        end(reason, false);
    }

    // ---- PUBLISH, PUBREL ----

    private void publish(Batch batch) throws CodecException {
        if (!publishing().publish(batch, reader)) {
            hold(batch);
            return;
        }
        permissions.done();
        pauseIfOverflowing(batch);
    }

    private void pauseIfOverflowing(Batch batch) {
        if (batch.overflowing.isEmpty()) {
            return;
        }
        // The message in hand may have begun another run: delivered during the pause, it would begin the pause again.
        broker.router.finishRun(batch);
        if (pause().begin(batch.overflowing, session)) {
            connection.pauseReading();
        }
    }

    private void released(Batch batch) throws CodecException {
        batch.ack.decode(reader, accepted.version());
        publishing().release(batch);
    }

    private Publishing publishing() {
        if (publishing == null) {
            publishing = new Publishing(this, broker, replies, session, link, guard, permissions);
        }
        return publishing;
    }

    private Pause pause() {
        if (pause == null) {
            pause = new Pause(broker.limits, broker.timers, broker.counters, this::resumeSoon);
        }
        return pause;
    }

    private boolean isPaused() {
        Pause begun = pause;
        return begun != null && begun.isOn();
    }

    // ---- PUBACK, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT ----

    private void acknowledged(Batch batch) throws CodecException {
        batch.ack.decode(reader, accepted.version());
        batch.pubAcks.add(batch.ack.packetId());
        if (batch.pubAcks.isFull()) {
            finishPubAcks(batch);
        }
    }

    private void finishPubAcks(Batch batch) {
        if (batch.pubAcks.isEmpty()) {
            return;
        }
        int unknown = session.acknowledged(link, batch.pubAcks);
        if (unknown > 0) {
            LOG.debug("{} sent {} PUBACK for packet identifiers that do not wait for one", describe(), unknown);
        }
        batch.pubAcks.clear();
        pumpDue = true;
    }

    private void acknowledged(Batch batch, PacketType type) throws CodecException {
        batch.ack.decode(reader, accepted.version());
        int packetId = batch.ack.packetId();
        DeliveryStage stage = session.acknowledged(
                link, type, packetId, batch.ack.reasonCode().isError());
        if (type == PacketType.PUBREC && stage != DeliveryStage.DONE) {
            // Unknown to us, it must be ended all the same, or the client keeps it for ever.
            ReasonCode reason = stage == null ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND : ReasonCode.SUCCESS;
            replies.acknowledge(batch, PacketType.PUBREL, packetId, reason);
        }
        if (stage == null) {
            LOG.debug("{} sent {} for packet identifier {}, which does not wait for it", describe(), type, packetId);
        }
        pumpDue = true;
    }

    /** Clients take the answer for a sign that everything before it has come: so it goes behind all that can be sent. */
    private void ping(Batch batch) throws CodecException {
        decode();
        pumpIfDue(batch);
        if (!session.deferPing(link)) {
            respond(batch, new Packet.PingResp());
        }
    }

    private void subscribe(Batch batch, Packet.Subscribe subscribe) {
        List<Subscribing.Refused> refusals = subscribing().decide(subscribe);
        if (refusals == null) {
            hold(batch);
            return;
        }
        permissions.done();
        pumpDue |= subscribing().subscribe(batch, subscribe, refusals);
    }

    private Subscribing subscribing() {
        if (subscribing == null) {
            subscribing = new Subscribing(this, broker, replies, session, link, guard, permissions);
        }
        return subscribing;
    }

    /** The packet in hand waits for permission, and nothing overtakes it. */
    private void hold(Batch batch) {
        batch.packetsReceived--;
        reader.putBack();
        permissions.await();
        connection.pauseReading();
    }

    private boolean awaitsPermission() {
        Permissions asked = permissions;
        return asked != null && asked.isPending();
    }

    private void disconnected(Batch batch, Packet.Disconnect disconnect) {
        Properties properties = disconnect.properties();
        if (isConnected() && properties.has(Property.SESSION_EXPIRY_INTERVAL) && !changeExpiry(batch, properties)) {
            return;
        }
        replies.send(batch);
        if (disconnect.reasonCode() == ReasonCode.SUCCESS) {
            willDiscarded = true; // MQTT-3.1.2-10
        }
        end(disconnect.reasonCode(), false);
    }

    private boolean changeExpiry(Batch batch, Properties properties) {
        long seconds = properties.number(Property.SESSION_EXPIRY_INTERVAL, 0);
        if (seconds > 0 && accepted.sessionExpiryWanted() == 0) {
            fail(
                    batch,
                    ReasonCode.PROTOCOL_ERROR,
                    "DISCONNECT with Session Expiry Interval " + seconds + ", but CONNECT had 0 (MQTT-3.14.2-2)");
            return false;
        }
        long granted = Math.min(seconds, broker.limits.maxSessionExpiry().toSeconds());
        broker.sessions.changeExpiry(this, session, TimeUnit.SECONDS.toNanos(granted));
        return true;
    }

    // ---- Answers ----

    /** Without its answer the client could only wait for ever: so one that does not fit ends the connection. */
    void respond(Batch batch, Packet packet) {
        if (!replies.add(batch, packet)) {
            fail(
                    batch,
                    ReasonCode.PACKET_TOO_LARGE,
                    "the " + packet.type() + " that is due is over the client's Maximum Packet Size");
        }
    }

    private void pumpIfDue(Batch batch) {
        if (pumpDue) {
            pumpDue = false;
            session.pump(batch, broker.timers.nanoTime());
            broker.drained(this);
        }
    }

    // ---- Going on after a pause ----

    /** Notes that a reason to pause is over. Whoever calls may hold other connections' locks, so it is done by another thread. */
    private void resumeSoon() {
        resumeDue = true;
        broker.timers.schedule(0, this::resumeIfDue);
    }

    private void resumeIfDue() {
        while (resumeDue && inbound.tryLock()) {
            try {
                resumeDue = false;
                resume();
            } finally {
                inbound.unlock();
            }
        }
    }

    private void resume() {
        if (isPaused() && !pause.endIfOver()) {
            return;
        }
        // What was paused does not count as the client's silence.
        lastReceivedAt = broker.timers.nanoTime();
        handle(NO_BYTES);
        if (mayRead()) {
            connection.resumeReading();
        }
    }

    // ---- Timers ----

    private void connectTimedOut() {
        ConnectionPhase now = phase;
        if (now == ConnectionPhase.AWAITING_CONNECT || now == ConnectionPhase.AUTHENTICATING) {
            String missing = now == ConnectionPhase.AWAITING_CONNECT
                    ? "no CONNECT"
                    : "it was not decided who this is and what it may do";
            refused(ReasonCode.PROTOCOL_ERROR, missing + " within " + broker.limits.connectTimeout());
            end(ReasonCode.PROTOCOL_ERROR, false);
        }
    }

    /** One and a half times what the client promised (MQTT-3.1.2-22). */
    private long keepAliveNanos() {
        return TimeUnit.SECONDS.toNanos(accepted.keepAlive()) * 3 / 2;
    }

    private void scheduleKeepAlive(long delay) {
        if (accepted.keepAlive() > 0 && !phase.isOver()) {
            timer = broker.timers.schedule(delay, this::checkKeepAlive);
        }
    }

    private void checkKeepAlive() {
        long silence = broker.timers.nanoTime() - lastReceivedAt;
        if (isPaused() || replies.isBacklogged() || awaitsPermission()) {
            scheduleKeepAlive(keepAliveNanos());
        } else if (silence < keepAliveNanos()) {
            scheduleKeepAlive(keepAliveNanos() - silence);
        } else {
            fail(
                    ReasonCode.KEEP_ALIVE_TIMEOUT,
                    "nothing came for " + TimeUnit.NANOSECONDS.toMillis(silence) + " ms, with a keep-alive of "
                            + accepted.keepAlive() + " s");
        }
    }

    // ---- The end ----

    /** A packet broke a rule: those before it, which were in order, are answered first. */
    void fail(Batch batch, ReasonCode reason, String what) {
        finishRun(batch);
        finishPubAcks(batch);
        replies.send(batch);
        fail(reason, what);
    }

    /** The client broke a rule. */
    void fail(ReasonCode reason, String what) {
        refused(reason, what);
        end(reason, true, what);
    }

    void refused(ReasonCode reason, String what) {
        Handshake.Accepted client = accepted;
        broker.refused(new Refusal(
                client == null ? "" : client.clientId(), connection.peer().address(), reason, what));
    }

    /**
     * Ends the connection, once; from any thread.
     *
     * @param tell whether a client that is connected gets a DISCONNECT, if its version has one for servers
     */
    void end(ReasonCode reason, boolean tell) {
        end(reason, tell, null);
    }

    private void end(ReasonCode reason, boolean tell, String what) {
        ConnectionPhase before = change(ConnectionPhase.Event.ENDED);
        if (before == null) {
            return;
        }
        boolean hasGoodbye = tell
                && before == ConnectionPhase.CONNECTED
                && accepted.version().hasProperties();
        leave(before, reason, hasGoodbye ? replies.encode(new Packet.Disconnect(reason, replies.reason(what))) : null);
        connection.close();
    }

    /** Gives up on a connection that did not end in time. */
    void abort() {
        connection.abort();
    }

    private void leave(ConnectionPhase before, ReasonCode reason, ByteBuffer goodbye) {
        stopTimer();
        Admission current = admission;
        if (current != null) {
            current.cancel();
        }
        Pause begun = pause;
        if (begun != null) {
            begun.cancel();
        }
        Permissions asked = permissions;
        if (asked != null) {
            asked.cancel();
        }
        if (before == ConnectionPhase.CONNECTED) {
            broker.sessions.leave(this, session, goodbye);
            broker.disconnected(info(), reason);
        }
    }

    private void stopTimer() {
        Timers.Timer running = timer;
        if (running != null) {
            running.cancel();
            timer = NO_TIMER;
        }
    }

    // ---- What others may ask ----

    Link link() {
        return link;
    }

    /** Who it is; of nobody in particular before the client is accepted. */
    Identity identity() {
        Permissions asked = permissions;
        return asked == null ? new Identity("", "", null, connection.peer()) : asked.who();
    }

    /** The will that is to be published, now or after its delay; null for none. */
    GrantedWill willIfDue() {
        return willDiscarded || !wasConnected ? null : will;
    }

    /** What the session's next connection without a stated role is to be held to. */
    Role roleFor(Session left) {
        return guard == null ? left.role : accepted.role() != Role.UNSTATED ? Role.UNSTATED : guard.role();
    }

    ConnectionPhase phase() {
        return phase;
    }

    boolean isConnected() {
        return phase == ConnectionPhase.CONNECTED;
    }

    /** Whether nothing is left to be sent to this client. */
    boolean isIdle() {
        return session == null || session.isIdle();
    }

    ClientInfo info() {
        return new ClientInfo(
                accepted.clientId(),
                guard.role(),
                accepted.topics(),
                accepted.version().toString(),
                connection.peer().address(),
                connectedAt);
    }

    private String describe() {
        Handshake.Accepted client = accepted;
        return client == null ? "a client that is not accepted yet" : "client '" + client.clientId() + "'";
    }

    /** Returns the phase that was left by it; null when the event changed nothing. */
    ConnectionPhase change(ConnectionPhase.Event event) {
        while (true) {
            ConnectionPhase now = phase;
            ConnectionPhase next = now.after(event);
            if (next == now) {
                return null;
            }
            if (PHASE.compareAndSet(this, now, next)) {
                return now;
            }
        }
    }
}
