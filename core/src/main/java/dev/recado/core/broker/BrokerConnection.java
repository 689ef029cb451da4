package dev.recado.core.broker;

import dev.recado.ClientInfo;
import dev.recado.Limits;
import dev.recado.ReasonCode;
import dev.recado.Refusal;
import dev.recado.Role;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Login;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
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
    private static final byte[] NO_DATA = {};

    /** In one SUBSCRIBE or UNSUBSCRIBE; what a client may hold altogether is answered filter by filter. */
    private static final int MOST_FILTERS = 10_000;

    private final RecadoBroker broker;
    private final Router router;
    private final Limits limits;
    private final Timers timers;
    private final Batches batches;
    private final Connection connection;
    private final Pause pause;

    private final AtomicReference<ConnectionPhase> phase = new AtomicReference<>(ConnectionPhase.AWAITING_CONNECT);
    private final ReentrantLock inbound = new ReentrantLock();

    // Set once, with CONNECT or when the client is accepted; read by anybody afterwards.

    private volatile long clientMaxPacketSize = Long.MAX_VALUE;
    private volatile boolean problemInformation = true;
    private volatile Handshake.Accepted accepted;
    private volatile ProtocolVersion version;
    private volatile Session session;
    private volatile Link link;
    private volatile Publishing publishing;
    private volatile Authentication authentication;
    private volatile RoleGuard guard;
    private volatile Instant connectedAt;

    // Guarded by inbound.

    private final PacketReader reader;
    private boolean pumpDue;
    private long responseBytes;

    private volatile boolean backlogged;
    private volatile boolean resumeDue;

    // Timers.

    private volatile long lastReceivedAt;
    private volatile Timers.Timer connectTimer;
    private volatile Timers.Timer keepAliveTimer;
    private volatile Timers.Timer authTimer;

    /** Whether its CONNECT was ever answered with yes. */
    private volatile boolean wasConnected;

    /** Whether the client said goodbye in the way that its will is not for. */
    private volatile boolean willDiscarded;

    BrokerConnection(RecadoBroker broker, Connection connection) {
        this.broker = broker;
        this.router = broker.router;
        this.limits = broker.limits;
        this.timers = broker.timers;
        this.batches = broker.batches;
        this.connection = connection;
        this.reader = new PacketReader(limits.maxPacketSizeBeforeConnect());
        this.pause = new Pause(limits, timers, broker.counters, this::resumeSoon);
    }

    // ---- Called by the transport ----

    @Override
    public void opened() {
        lastReceivedAt = timers.nanoTime();
        connectTimer = timers.schedule(limits.connectTimeout().toNanos(), this::connectTimedOut);
    }

    @Override
    public void received(ByteBuffer bytes) {
        inbound.lock();
        try {
            lastReceivedAt = timers.nanoTime();
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
        Batch batch = batches.take();
        try {
            current.pump(batch, timers.nanoTime());
        } finally {
            batches.finish(batch);
        }
        if (backlogged) {
            backlogged = false;
            resumeSoon();
        }
        broker.drained(this);
    }

    @Override
    public void closed(Throwable cause) {
        if (cause != null) {
            LOG.debug("connection of {} broke", describe(), cause);
        }
        ConnectionPhase before = change(ConnectionPhase.Event.CLOSED);
        if (before != null && !before.isOver()) {
            leave(before, ReasonCode.UNSPECIFIED_ERROR, null);
        }
        broker.closed(this);
    }

    // ---- Reading ----

    /** Handles what has come, as far as it may be handled now; holding the inbound lock. */
    private void handle(ByteBuffer bytes) {
        Batch batch = batches.take();
        try {
            batch.bytesReceived += bytes.remaining();
            reader.feed(bytes);
            try {
                settleAuthentication(batch);
                while (mayRead() && reader.next()) {
                    batch.packetsReceived++;
                    dispatch(batch);
                    settleAuthentication(batch);
                }
            } catch (CodecException e) {
                fail(batch, e.reasonCode(), e.getMessage());
            } finally {
                reader.finish();
                respond(batch);
                pumpIfDue(batch);
            }
        } finally {
            batches.finish(batch);
        }
    }

    private boolean mayRead() {
        return !pause.isOn() && !backlogged && !isUndecided() && !phase.get().isOver();
    }

    /** Nothing overtakes the decision about who the client is. */
    private boolean isUndecided() {
        return phase.get() == ConnectionPhase.AUTHENTICATING
                && authentication.turn() == Authentication.Turn.AUTHENTICATOR;
    }

    private void dispatch(Batch batch) throws CodecException {
        PacketType type = reader.type();
        if (phase.get() == ConnectionPhase.AWAITING_CONNECT) {
            if (type != PacketType.CONNECT) {
                fail(ReasonCode.PROTOCOL_ERROR, "the first packet is a " + type + ", not a CONNECT (MQTT-3.1.0-1)");
                return;
            }
            firstPacket();
            return;
        }
        if (phase.get() == ConnectionPhase.AUTHENTICATING && type != PacketType.AUTH && type != PacketType.DISCONNECT) {
            refuseConnect(ReasonCode.PROTOCOL_ERROR, "a " + type + " before authentication was over (MQTT-3.1.2-30)");
            return;
        }
        switch (type) {
            case PUBLISH -> publish(batch);
            case PUBREL -> released(batch);
            case PUBACK, PUBREC, PUBCOMP -> acknowledged(batch, type);
            case SUBSCRIBE -> subscribe(batch, (Packet.Subscribe) decode());
            case UNSUBSCRIBE -> unsubscribe(batch, (Packet.Unsubscribe) decode());
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
            version = versionForRefusal(e.reasonCode());
            if (version == null) {
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
        return PacketDecoder.decode(reader, version, limits.maxUserProperties(), MOST_FILTERS);
    }

    private void connect(Packet.Connect connect) {
        version = connect.version();
        clientMaxPacketSize = connect.properties().number(Property.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
        problemInformation = connect.properties().number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
        Handshake.Decision decision = Handshake.decide(connect, limits);
        if (decision instanceof Handshake.Refused no) {
            refuseConnect(no.reason(), no.what());
            return;
        }
        accepted = (Handshake.Accepted) decision;
        Authenticator authenticator = broker.options.authenticator();
        String method = connect.properties().text(Property.AUTHENTICATION_METHOD);
        if (authenticator != null) {
            change(ConnectionPhase.Event.DOUBTED);
            Login login = new Login(
                    accepted.clientId(),
                    connect.userName(),
                    connect.password() == null ? null : bytes(connect.password()),
                    connection.peer());
            authentication = new Authentication(authenticator, login, method, this::authenticatorAnswered);
            authentication.begin(bytes(connect.properties().bytes(Property.AUTHENTICATION_DATA)));
        } else if (method != null) {
            refuseConnect(
                    ReasonCode.BAD_AUTHENTICATION_METHOD, "authentication method '" + method + "' is not supported");
        } else {
            accept(accepted, null);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return NO_DATA;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    // ---- AUTH ----

    private void authenticatorAnswered() {
        if (!inbound.isHeldByCurrentThread()) {
            resumeSoon();
        }
    }

    /** Acts on what the authenticator has said, if it has. */
    private void settleAuthentication(Batch batch) {
        AuthStep step = authentication == null || phase.get().isOver() ? null : authentication.poll();
        if (step == null) {
            if (isUndecided()) {
                connection.pauseReading();
            }
            return;
        }
        boolean connected = phase.get() == ConnectionPhase.CONNECTED;
        if (step instanceof AuthStep.Challenge challenge) {
            sendAuth(batch, ReasonCode.CONTINUE_AUTHENTICATION, challenge.data());
        } else if (step instanceof AuthStep.Accepted yes && connected) {
            cancel(authTimer);
            sendAuth(batch, ReasonCode.SUCCESS, yes.data());
        } else if (step instanceof AuthStep.Accepted yes) {
            accept(accepted, yes.data());
        } else if (step instanceof AuthStep.Denied no && connected) {
            // DISCONNECT has fewer reason codes than CONNACK.
            fail(batch, ReasonCode.NOT_AUTHORIZED, no.what());
        } else if (step instanceof AuthStep.Denied no) {
            refuseConnect(no.reason(), no.what());
        }
    }

    private void sendAuth(Batch batch, ReasonCode reason, byte[] data) {
        Properties.Builder properties =
                Properties.builder().set(Property.AUTHENTICATION_METHOD, authentication.method());
        if (data != null) {
            properties.set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(data));
        }
        Packet.Auth auth = new Packet.Auth(reason, properties.build());
        if (phase.get() == ConnectionPhase.CONNECTED) {
            respond(batch, auth);
        } else if (Fitting.fit(auth, version, clientMaxPacketSize) == null) {
            refuseConnect(ReasonCode.PACKET_TOO_LARGE, "AUTH is over the client's Maximum Packet Size");
        } else {
            write(auth);
            connection.flush();
        }
    }

    private void authenticate(Batch batch, Packet.Auth auth) {
        String violation = violationOf(auth);
        boolean connected = phase.get() == ConnectionPhase.CONNECTED;
        if (violation != null) {
            if (connected) {
                fail(batch, ReasonCode.PROTOCOL_ERROR, violation);
            } else {
                refuseConnect(ReasonCode.PROTOCOL_ERROR, violation);
            }
            return;
        }
        byte[] data = bytes(auth.properties().bytes(Property.AUTHENTICATION_DATA));
        if (auth.reasonCode() == ReasonCode.REAUTHENTICATE) {
            authTimer = timers.schedule(limits.connectTimeout().toNanos(), this::authenticationTimedOut);
            authentication.begin(data);
        } else {
            authentication.next(data);
        }
    }

    private String violationOf(Packet.Auth auth) {
        String method = auth.properties().text(Property.AUTHENTICATION_METHOD);
        if (authentication == null || authentication.method() == null) {
            return "AUTH, but CONNECT had no Authentication Method (MQTT-4.12.0-6)";
        }
        if (!authentication.method().equals(method)) {
            return "AUTH with Authentication Method '" + method + "', but CONNECT had '" + authentication.method()
                    + "' (MQTT-4.12.0-5)";
        }
        boolean again = auth.reasonCode() == ReasonCode.REAUTHENTICATE;
        boolean fits = again
                ? phase.get() == ConnectionPhase.CONNECTED && authentication.turn() == Authentication.Turn.NOBODY
                : auth.reasonCode() == ReasonCode.CONTINUE_AUTHENTICATION
                        && authentication.turn() == Authentication.Turn.CLIENT;
        return fits ? null : "AUTH with " + auth.reasonCode() + " is out of turn (MQTT 5, section 4.12)";
    }

    private void authenticationTimedOut() {
        fail(ReasonCode.NOT_AUTHORIZED, "authentication took longer than " + limits.connectTimeout());
    }

    // ---- The client is accepted ----

    private void accept(Handshake.Accepted client, byte[] authData) {
        for (String topic : client.topics()) {
            if (!TopicRules.hasWildcard(topic)
                    && !VirtualTopics.concerns(topic)
                    && router.catalogue.findOrAdd(topic) == null) {
                refuseConnect(ReasonCode.QUOTA_EXCEEDED, router.noRoomForTopic(topic));
                return;
            }
        }
        connectedAt = broker.wallClock.instant();
        link = Link.to(connection, client, limits.topicAliasMaximum());
        Sessions.Entry entry = broker.sessions.enter(this, client);
        if (entry.session() == null) {
            refuseConnect(ReasonCode.QUOTA_EXCEEDED, entry.refusal());
            return;
        }
        enter(entry, client, authData);
    }

    private void enter(Sessions.Entry entry, Handshake.Accepted client, byte[] authData) {
        session = entry.session();
        boolean undecided = client.role() == Role.UNSTATED;
        guard = new RoleGuard(undecided ? session.role : client.role(), client.topics(), broker.options.roles());
        publishing = new Publishing(this, broker, session, link, guard);
        connectTimer.cancel();
        reader.maxPacketSize(limits.maxPacketSize());
        String method = authentication == null ? null : authentication.method();
        Properties announced = version.hasProperties()
                ? Handshake.announcement(client, broker.options, method, authData)
                : Properties.NONE;
        // Before MQTT 3.1.1 there was no Session Present; that bit was reserved.
        boolean present = entry.present() && version != ProtocolVersion.MQTT_3_1;
        Packet packet =
                Fitting.fit(new Packet.ConnAck(present, ReasonCode.SUCCESS, announced), version, clientMaxPacketSize);
        if (packet == null) {
            broker.sessions.leave(this, session, null);
            refuseConnect(
                    ReasonCode.PACKET_TOO_LARGE,
                    "CONNACK is over the client's Maximum Packet Size of " + clientMaxPacketSize);
            return;
        }
        ByteBuffer connAck = PacketEncoder.encode(packet, version);
        broker.counters.bytesSent.add(connAck.remaining());
        if (session.open(link, connAck, this::admit)) {
            broker.connected(this);
            connection.flush();
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

    private void refuseConnect(ReasonCode reason, String what) {
        refused(reason, what);
        write(new Packet.ConnAck(false, reason, reasonString(what)));
        end(reason, false);
    }

    /** Sends a packet to a client that is not connected yet, if it takes one of this size. */
    private void write(Packet packet) {
        Packet fitting = Fitting.fit(packet, version, clientMaxPacketSize);
        if (fitting != null) {
            ByteBuffer bytes = PacketEncoder.encode(fitting, version);
            broker.counters.bytesSent.add(bytes.remaining());
            connection.write(bytes);
        }
    }

    // ---- PUBLISH, PUBREL ----

    private void publish(Batch batch) throws CodecException {
        publishing.publish(batch, reader);
        if (!batch.overflowing.isEmpty() && pause.begin(batch.overflowing, session)) {
            connection.pauseReading();
        }
    }

    private void released(Batch batch) throws CodecException {
        batch.ack.decode(reader, version);
        publishing.release(batch);
    }

    // ---- PUBACK, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT ----

    private void acknowledged(Batch batch, PacketType type) throws CodecException {
        batch.ack.decode(reader, version);
        int packetId = batch.ack.packetId();
        DeliveryStage stage = session.acknowledged(
                link, type, packetId, batch.ack.reasonCode().isError());
        if (type == PacketType.PUBREC && stage != DeliveryStage.DONE) {
            // Unknown to us, it must be ended all the same, or the client keeps it for ever.
            ReasonCode reason = stage == null ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND : ReasonCode.SUCCESS;
            acknowledge(batch, PacketType.PUBREL, packetId, reason);
        }
        if (stage == null) {
            LOG.debug("{} sent {} for packet identifier {}, which does not wait for it", describe(), type, packetId);
        }
        pumpDue = true;
    }

    private void subscribe(Batch batch, Packet.Subscribe subscribe) {
        List<ReasonCode> answers = new ArrayList<>(subscribe.subscriptions().size());
        Map<String, Replay> replays = new LinkedHashMap<>();
        List<Integer> identifiers = subscribe.properties().subscriptionIdentifiers();
        int[] identifier = identifiers.isEmpty() ? null : new int[] {identifiers.get(0)};
        for (Packet.Subscription wanted : subscribe.subscriptions()) {
            answers.add(subscribe(wanted, identifier, replays));
        }
        respond(batch, new Packet.SubAck(subscribe.packetId(), Properties.NONE, answers));
        if (!replays.isEmpty()) {
            // SUBACK first: then a client knows its subscription before the first message of it.
            respond(batch);
            session.begin(replays, router::lastValues);
            pumpDue = true;
        }
    }

    private ReasonCode subscribe(Packet.Subscription wanted, int[] identifiers, Map<String, Replay> replays) {
        String filter = wanted.filter();
        String violation = Handshake.filterViolation(filter, limits);
        if (violation != null) {
            refused(ReasonCode.TOPIC_FILTER_INVALID, violation);
            return ReasonCode.TOPIC_FILTER_INVALID;
        }
        violation = guard.violationOfSubscribe(filter);
        if (violation != null) {
            refused(ReasonCode.NOT_AUTHORIZED, violation);
            return ReasonCode.NOT_AUTHORIZED;
        }
        Subscription subscription = new Subscription(
                session, filter, wanted.qos(), wanted.noLocal(), wanted.retainAsPublished(), identifiers);
        // Shared subscriptions get no last values, for nobody could say which member had them (section 4.8.2).
        boolean wantsLastValues = wanted.retainHandling() < 2 && !subscription.isShared();
        Replay replay = wantsLastValues ? new Replay(subscription, batches.finishedUpTo()) : null;
        Session.Subscribed subscribed = session.subscribe(link, subscription, replay, wanted.retainHandling() == 0);
        if (subscribed == Session.Subscribed.TOO_MANY) {
            refused(
                    ReasonCode.QUOTA_EXCEEDED,
                    "subscription to '" + filter + "' is over the limit of " + limits.maxSubscriptionsPerClient()
                            + " for one client");
            return ReasonCode.QUOTA_EXCEEDED;
        }
        if (replay != null && (wanted.retainHandling() == 0 || subscribed == Session.Subscribed.NEW)) {
            replays.put(filter, replay);
        }
        return switch (wanted.qos()) {
            case AT_MOST_ONCE -> ReasonCode.SUCCESS;
            case AT_LEAST_ONCE -> ReasonCode.GRANTED_QOS_1;
            case EXACTLY_ONCE -> ReasonCode.GRANTED_QOS_2;
        };
    }

    /** Clients take the answer for a sign that everything before it has come: so it goes behind all that can be sent. */
    private void ping(Batch batch) throws CodecException {
        decode();
        pumpIfDue(batch);
        if (!session.deferPing(link)) {
            respond(batch, new Packet.PingResp());
        }
    }

    private void unsubscribe(Batch batch, Packet.Unsubscribe unsubscribe) {
        List<ReasonCode> answers = unsubscribe.filters().stream()
                .map(filter -> session.unsubscribe(filter) ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED)
                .toList();
        respond(batch, new Packet.UnsubAck(unsubscribe.packetId(), Properties.NONE, answers));
    }

    private void disconnected(Batch batch, Packet.Disconnect disconnect) {
        Properties properties = disconnect.properties();
        if (properties.has(Property.SESSION_EXPIRY_INTERVAL) && !changeExpiry(batch, properties)) {
            return;
        }
        respond(batch);
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
        session.expiryNanos(TimeUnit.SECONDS.toNanos(
                Math.min(seconds, limits.maxSessionExpiry().toSeconds())));
        return true;
    }

    // ---- Answers ----

    /** Without a reason string; allocates nothing. */
    void acknowledge(Batch batch, PacketType type, int packetId, ReasonCode reason) {
        makeRoom(batch, 8);
        PacketEncoder.encodeAck(batch.responses, version, type, packetId, reason);
    }

    void respond(Batch batch, Packet whole) {
        Packet packet = Fitting.fit(whole, version, clientMaxPacketSize);
        if (packet == null) {
            // Without its answer the client could only wait for ever.
            fail(
                    batch,
                    ReasonCode.PACKET_TOO_LARGE,
                    "the " + whole.type() + " that is due is over the client's Maximum Packet Size of "
                            + clientMaxPacketSize);
            return;
        }
        int size = PacketEncoder.size(packet, version);
        if (size > batch.responses.capacity()) {
            respond(batch);
            send(batch, PacketEncoder.encode(packet, version));
            return;
        }
        makeRoom(batch, size);
        PacketEncoder.encode(packet, version, batch.responses);
    }

    private void makeRoom(Batch batch, int size) {
        if (batch.responses.remaining() < size) {
            respond(batch);
        }
    }

    /** Sends the answers that have gathered. */
    private void respond(Batch batch) {
        if (batch.responses.position() > 0) {
            send(batch, batch.responses.flip());
            batch.responses.clear();
        }
    }

    /** A client that asks and asks and never reads the answers is not read either, until it has. */
    private void send(Batch batch, ByteBuffer packets) {
        responseBytes = connection.pending() == 0 ? 0 : responseBytes + packets.remaining();
        session.respond(link, batch, packets);
        if (responseBytes > limits.maxOutboundBytes() && connection.pending() > limits.maxOutboundBytes()) {
            responseBytes = 0;
            backlogged = true;
            connection.pauseReading();
        }
    }

    private void pumpIfDue(Batch batch) {
        if (pumpDue) {
            pumpDue = false;
            session.pump(batch, timers.nanoTime());
            broker.drained(this);
        }
    }

    Properties reasonString(String what) {
        if (!version.hasProperties() || !problemInformation) {
            return Properties.NONE;
        }
        // Names of others' making may be long, and a reason string is for people.
        String shortened = what.length() <= 500 ? what : what.substring(0, 500) + "...";
        return Properties.builder().set(Property.REASON_STRING, shortened).build();
    }

    // ---- Going on after a pause ----

    /** Notes that a reason to pause is over. Whoever calls may hold other connections' locks, so it is done by another thread. */
    private void resumeSoon() {
        resumeDue = true;
        timers.schedule(0, this::resumeIfDue);
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
        if (!pause.endIfOver()) {
            return;
        }
        // What was paused does not count as the client's silence.
        lastReceivedAt = timers.nanoTime();
        handle(NO_BYTES);
        if (mayRead()) {
            connection.resumeReading();
        }
    }

    // ---- Timers ----

    private void connectTimedOut() {
        ConnectionPhase now = phase.get();
        if (now == ConnectionPhase.AWAITING_CONNECT || now == ConnectionPhase.AUTHENTICATING) {
            String missing = now == ConnectionPhase.AWAITING_CONNECT ? "no CONNECT" : "authentication was not over";
            refused(ReasonCode.PROTOCOL_ERROR, missing + " within " + limits.connectTimeout());
            end(ReasonCode.PROTOCOL_ERROR, false);
        }
    }

    /** One and a half times what the client promised (MQTT-3.1.2-22). */
    private long keepAliveNanos() {
        return TimeUnit.SECONDS.toNanos(accepted.keepAlive()) * 3 / 2;
    }

    private void scheduleKeepAlive(long delay) {
        if (accepted.keepAlive() > 0 && !phase.get().isOver()) {
            keepAliveTimer = timers.schedule(delay, this::checkKeepAlive);
        }
    }

    private void checkKeepAlive() {
        long silence = timers.nanoTime() - lastReceivedAt;
        if (pause.isOn() || backlogged) {
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
        respond(batch);
        fail(reason, what);
    }

    /** The client broke a rule. */
    private void fail(ReasonCode reason, String what) {
        refused(reason, what);
        end(reason, true, reasonStringOfGoodbye(what));
    }

    private Properties reasonStringOfGoodbye(String what) {
        return version == null ? Properties.NONE : reasonString(what);
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
        end(reason, tell, Properties.NONE);
    }

    private void end(ReasonCode reason, boolean tell, Properties explanation) {
        ConnectionPhase before = change(ConnectionPhase.Event.ENDED);
        if (before == null) {
            return;
        }
        boolean goodbye = tell && before == ConnectionPhase.CONNECTED && version.hasProperties();
        leave(before, reason, goodbye ? goodbye(reason, explanation) : null);
        connection.close();
    }

    private ByteBuffer goodbye(ReasonCode reason, Properties explanation) {
        Packet packet = Fitting.fit(new Packet.Disconnect(reason, explanation), version, clientMaxPacketSize);
        return packet == null ? null : PacketEncoder.encode(packet, version);
    }

    /** Gives up on a connection that did not end in time. */
    void abort() {
        connection.abort();
    }

    private void leave(ConnectionPhase before, ReasonCode reason, ByteBuffer goodbye) {
        cancel(connectTimer);
        cancel(keepAliveTimer);
        cancel(authTimer);
        pause.cancel();
        if (before == ConnectionPhase.CONNECTED) {
            broker.sessions.leave(this, session, goodbye);
            broker.disconnected(info(), reason);
        }
    }

    private static void cancel(Timers.Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    // ---- What others may ask ----

    Link link() {
        return link;
    }

    /** The will that is to be published, now or after its delay; null for none. */
    Packet.Will willIfDue() {
        return willDiscarded || !wasConnected ? null : accepted.will();
    }

    /** What the session's next connection without a stated role is to be held to. */
    Role roleFor(Session left) {
        return guard == null ? left.role : accepted.role() != Role.UNSTATED ? Role.UNSTATED : guard.role();
    }

    boolean isConnected() {
        return phase.get() == ConnectionPhase.CONNECTED;
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
                version.toString(),
                connection.peer().address(),
                connectedAt);
    }

    private String describe() {
        Handshake.Accepted client = accepted;
        return client == null ? "a client that is not accepted yet" : "client '" + client.clientId() + "'";
    }

    /** Returns the phase that was left by it; null when the event changed nothing. */
    private ConnectionPhase change(ConnectionPhase.Event event) {
        while (true) {
            ConnectionPhase now = phase.get();
            ConnectionPhase next = now.after(event);
            if (next == now) {
                return null;
            }
            if (phase.compareAndSet(now, next)) {
                return now;
            }
        }
    }
}
