package dev.recado.core.broker;

import dev.recado.ClientInfo;
import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Refusal;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.PublishView;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
final class BrokerConnection implements ConnectionHandler, Session.Stalled {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnection.class);
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    /** In one SUBSCRIBE or UNSUBSCRIBE; what a client may hold altogether is answered filter by filter. */
    private static final int MOST_FILTERS = 10_000;

    private final RecadoBroker broker;
    private final Router router;
    private final Limits limits;
    private final Timers timers;
    private final Batches batches;
    private final Connection connection;

    private final AtomicReference<ConnectionPhase> phase = new AtomicReference<>(ConnectionPhase.AWAITING_CONNECT);
    private final ReentrantLock inbound = new ReentrantLock();

    // Set once, when the client is accepted; read by anybody afterwards.

    private volatile Handshake.Accepted accepted;
    private volatile ProtocolVersion version;
    private volatile Session session;
    private volatile RoleGuard guard;
    private volatile Instant connectedAt;

    // Guarded by inbound.

    private final PacketReader reader;
    private Topic lastTopic;
    private Topic permittedTopic;
    private boolean pumpDue;
    private long responseBytes;
    private final List<Session> overflowing = new ArrayList<>(0);

    // Pausing.

    private final StallBudget stallBudget;
    private final List<Session> waitingFor = new ArrayList<>(0);
    private long stalledSince;
    private volatile boolean stalled;
    private volatile boolean backlogged;
    private volatile boolean resumeDue;
    private volatile Timers.Timer stallTimer;

    // Timers.

    private volatile long lastReceivedAt;
    private volatile Timers.Timer connectTimer;
    private volatile Timers.Timer keepAliveTimer;

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
        this.stallBudget = new StallBudget(limits.stallLimit(), timers.nanoTime());
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
                while (mayRead() && reader.next()) {
                    batch.packetsReceived++;
                    dispatch(batch);
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
        return !stalled && !backlogged && !phase.get().isOver();
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
        switch (type) {
            case PUBLISH -> publish(batch);
            case PUBACK -> acknowledged(batch);
            case SUBSCRIBE -> subscribe(batch, (Packet.Subscribe) decode());
            case UNSUBSCRIBE -> unsubscribe(batch, (Packet.Unsubscribe) decode());
            case PINGREQ -> ping(batch);
            case DISCONNECT -> disconnected(batch, (Packet.Disconnect) decode());
            case CONNECT -> fail(batch, ReasonCode.PROTOCOL_ERROR, "a second CONNECT on one connection (MQTT-3.1.0-2)");
            case PUBREC, PUBREL, PUBCOMP ->
                fail(batch, ReasonCode.PROTOCOL_ERROR, type + " belongs to QoS 2, over this broker's Maximum QoS of 1");
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
     * a wrong version (MQTT-3.1.2-2 in both). A client of a version to come is most likely to understand the latest one.
     */
    private ProtocolVersion versionForRefusal(ReasonCode reason) {
        if (reason == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION) {
            return ProtocolVersion.MQTT_5;
        }
        ProtocolVersion stated = PacketDecoder.connectVersion(reader);
        return stated == ProtocolVersion.MQTT_5 ? stated : null;
    }

    /** The packet that the reader stands on, within bounds: small packets can say to make many objects. */
    private Packet decode() throws CodecException {
        return PacketDecoder.decode(reader, version, limits.maxUserProperties(), MOST_FILTERS);
    }

    private void connect(Packet.Connect connect) {
        version = connect.version();
        Handshake.Decision decision = Handshake.decide(connect, limits);
        if (decision instanceof Handshake.Refused no) {
            refuseConnect(no.reason(), no.what());
        } else {
            accept((Handshake.Accepted) decision);
        }
    }

    private void accept(Handshake.Accepted client) {
        for (String topic : client.topics()) {
            if (!TopicRules.hasWildcard(topic)
                    && !VirtualTopics.concerns(topic)
                    && router.catalogue.findOrAdd(topic) == null) {
                refuseConnect(ReasonCode.QUOTA_EXCEEDED, noRoomForTopic(topic));
                return;
            }
        }
        guard = new RoleGuard(client.role(), client.topics(), broker.roles);
        connectedAt = broker.wallClock.instant();
        session = new Session(
                client.clientId(),
                version,
                connection,
                client.receiveMaximum(),
                client.maxPacketSize(),
                router.subscriptions,
                broker.counters,
                limits);
        accepted = client;
        String refusal = broker.register(this);
        if (refusal != null) {
            refuseConnect(ReasonCode.QUOTA_EXCEEDED, refusal);
            return;
        }
        connectTimer.cancel();
        reader.maxPacketSize(limits.maxPacketSize());
        Properties announced = version.hasProperties() ? Handshake.announcement(client, limits) : Properties.NONE;
        ByteBuffer connAck = PacketEncoder.encode(new Packet.ConnAck(false, ReasonCode.SUCCESS, announced), version);
        broker.counters.bytesSent.add(connAck.remaining());
        if (session.open(connAck, () -> change(ConnectionPhase.Event.ACCEPTED) != null)) {
            broker.connected(this);
            connection.flush();
            scheduleKeepAlive(keepAliveNanos());
        }
    }

    private void refuseConnect(ReasonCode reason, String what) {
        refused(reason, what);
        ByteBuffer connAck = PacketEncoder.encode(new Packet.ConnAck(false, reason, reasonString(what)), version);
        broker.counters.bytesSent.add(connAck.remaining());
        connection.write(connAck);
        end(reason, false);
    }

    // ---- PUBLISH ----

    private void publish(Batch batch) throws CodecException {
        PublishView message = batch.publish;
        message.decode(reader, version);
        if (message.qos() == QoS.EXACTLY_ONCE) {
            fail(batch, ReasonCode.QOS_NOT_SUPPORTED, "PUBLISH with QoS 2, over this broker's Maximum QoS of 1");
            return;
        }
        if (message.topicAlias() != 0) {
            fail(
                    batch,
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias " + message.topicAlias() + " is over this broker's Topic Alias Maximum of 0");
            return;
        }
        if (message.hasSubscriptionIdentifier()) {
            fail(batch, ReasonCode.PROTOCOL_ERROR, "a client's PUBLISH with a subscription identifier (MQTT-3.3.4-6)");
            return;
        }
        if (message.userPropertyCount() > limits.maxUserProperties()) {
            refusePublish(
                    batch,
                    ReasonCode.QUOTA_EXCEEDED,
                    message.userPropertyCount() + " user properties in PUBLISH are over the limit of "
                            + limits.maxUserProperties());
            return;
        }
        Topic topic = topicOf(batch, message);
        if (topic == null) {
            return;
        }
        switch (router.route(batch, message, topic, session, overflowing)) {
            case DELIVERED -> acknowledge(batch, message, ReasonCode.SUCCESS);
            case NOBODY_SUBSCRIBES -> acknowledge(batch, message, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            case NO_ROOM_FOR_LAST_VALUE -> refusePublish(batch, ReasonCode.QUOTA_EXCEEDED, noRoomForLastValue(topic));
        }
        if (!overflowing.isEmpty()) {
            stall();
        }
    }

    /** The topic of a message that this client may publish to; null when it was refused. */
    private Topic topicOf(Batch batch, PublishView message) {
        Topic topic = lastTopic;
        if (topic == null
                || topic.isForgotten()
                || !topic.isCalled(message.buffer(), message.topicStart(), message.topicLength())) {
            topic = router.catalogue.find(batch.probe, message.buffer(), message.topicStart(), message.topicLength());
            if (topic == null) {
                topic = newTopic(batch, message);
                if (topic == null) {
                    return null;
                }
            }
            lastTopic = topic;
        }
        if (topic != permittedTopic) {
            String violation = guard.violationOfPublish(topic.name);
            if (violation != null) {
                refusePublish(batch, ReasonCode.NOT_AUTHORIZED, violation);
                return null;
            }
            permittedTopic = topic;
        }
        return topic;
    }

    private Topic newTopic(Batch batch, PublishView message) {
        byte[] utf8 = new byte[message.topicLength()];
        message.buffer().get(message.topicStart(), utf8);
        String name = new String(utf8, StandardCharsets.UTF_8);
        String violation = Handshake.topicViolation(name, limits);
        if (violation != null) {
            refusePublish(batch, ReasonCode.TOPIC_NAME_INVALID, violation);
            return null;
        }
        // Before it is catalogued: a topic that its publisher may not use has not been used.
        violation = guard.violationOfPublish(name);
        if (violation != null) {
            refusePublish(batch, ReasonCode.NOT_AUTHORIZED, violation);
            return null;
        }
        Topic topic = router.catalogue.findOrAdd(name);
        if (topic == null) {
            refusePublish(batch, ReasonCode.QUOTA_EXCEEDED, noRoomForTopic(name));
        }
        return topic;
    }

    private String noRoomForTopic(String name) {
        return "no room for topic '" + name + "' in the catalogue: the limit is " + limits.maxTopics() + " topics";
    }

    private String noRoomForLastValue(Topic topic) {
        return "no room for the last value of '" + topic + "': the limits are " + limits.maxRetainedMessages()
                + " messages and " + limits.maxRetainedBytes() + " bytes";
    }

    private void acknowledge(Batch batch, PublishView message, ReasonCode reason) {
        if (message.qos() == QoS.AT_LEAST_ONCE) {
            makeRoom(batch, 8);
            PacketEncoder.encodeAck(batch.responses, version, PacketType.PUBACK, message.packetId(), reason);
        }
    }

    /** Says no in the strongest way that this PUBLISH and this version of MQTT have. */
    private void refusePublish(Batch batch, ReasonCode reason, String what) {
        PublishView message = batch.publish;
        boolean atLeastOnce = message.qos() == QoS.AT_LEAST_ONCE;
        if (atLeastOnce && version.hasProperties()) {
            refused(reason, what);
            respond(batch, new Packet.Ack(PacketType.PUBACK, message.packetId(), reason, reasonString(what)));
        } else if (!atLeastOnce && reason == ReasonCode.QUOTA_EXCEEDED) {
            refused(reason, what);
        } else {
            fail(batch, reason, what);
        }
    }

    // ---- PUBACK, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT ----

    private void acknowledged(Batch batch) throws CodecException {
        batch.ack.decode(reader, version);
        if (!session.acknowledged(batch.ack.packetId())) {
            LOG.debug("{} acknowledged packet identifier {}, which is not in use", describe(), batch.ack.packetId());
        }
        pumpDue = true;
    }

    private void subscribe(Batch batch, Packet.Subscribe subscribe) {
        List<ReasonCode> answers = new ArrayList<>(subscribe.subscriptions().size());
        List<Replay> replays = new ArrayList<>();
        for (Packet.Subscription wanted : subscribe.subscriptions()) {
            answers.add(subscribe(wanted, subscribe.properties(), replays));
        }
        respond(batch, new Packet.SubAck(subscribe.packetId(), Properties.NONE, answers));
        if (!replays.isEmpty()) {
            // SUBACK first: then a client knows its subscription before the first message of it.
            respond(batch);
            replays.forEach(session::replay);
            pumpDue = true;
        }
    }

    private ReasonCode subscribe(Packet.Subscription wanted, Properties properties, List<Replay> replays) {
        String filter = wanted.filter();
        if (!properties.subscriptionIdentifiers().isEmpty()) {
            return refusedFilter(filter, ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED, "subscription identifiers");
        }
        if (filter.startsWith("$share/")) {
            return refusedFilter(filter, ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, "shared subscriptions");
        }
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
        QoS granted = wanted.qos().min(QoS.AT_LEAST_ONCE);
        Session.Subscribed subscribed =
                session.subscribe(filter, granted, wanted.noLocal(), wanted.retainAsPublished());
        if (subscribed == Session.Subscribed.TOO_MANY) {
            refused(
                    ReasonCode.QUOTA_EXCEEDED,
                    "subscription to '" + filter + "' is over the limit of " + limits.maxSubscriptionsPerClient()
                            + " for one client");
            return ReasonCode.QUOTA_EXCEEDED;
        }
        boolean wantsLastValues =
                wanted.retainHandling() == 0 || (wanted.retainHandling() == 1 && subscribed == Session.Subscribed.NEW);
        if (wantsLastValues) {
            replays.add(router.replay(filter, granted));
        }
        return granted == QoS.AT_MOST_ONCE ? ReasonCode.SUCCESS : ReasonCode.GRANTED_QOS_1;
    }

    private ReasonCode refusedFilter(String filter, ReasonCode reason, String what) {
        refused(reason, "subscription to '" + filter + "': this broker has no " + what);
        return reason;
    }

    /** Clients take the answer for a sign that everything before it has come: so it goes behind all that can be sent. */
    private void ping(Batch batch) throws CodecException {
        decode();
        pumpIfDue(batch);
        if (!session.deferPing()) {
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
        respond(batch);
        if (disconnect.reasonCode() == ReasonCode.SUCCESS) {
            willDiscarded = true; // MQTT-3.1.2-10
        }
        end(disconnect.reasonCode(), false);
    }

    // ---- Answers ----

    private void respond(Batch batch, Packet packet) {
        int size = PacketEncoder.size(packet, version);
        if (size > accepted.maxPacketSize()) {
            // MQTT-3.1.2-24 forbids to send it; without its answer the client could only wait for ever.
            fail(
                    batch,
                    ReasonCode.PACKET_TOO_LARGE,
                    "the " + packet.type() + " of " + size
                            + " bytes that is due is over the client's Maximum Packet Size of "
                            + accepted.maxPacketSize());
            return;
        }
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
        session.respond(batch, packets);
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

    private Properties reasonString(String what) {
        if (!version.hasProperties() || (accepted != null && !accepted.problemInformation())) {
            return Properties.NONE;
        }
        // Names of others' making may be long, and a reason string is for people.
        String shortened = what.length() <= 500 ? what : what.substring(0, 500) + "...";
        return Properties.builder().set(Property.REASON_STRING, shortened).build();
    }

    // ---- Pausing for slow subscribers ----

    /** Some of those who got the last message lag behind: waits for them, if this client can be made to wait. */
    private void stall() {
        long now = timers.nanoTime();
        long allowed = stallBudget.remaining(now);
        boolean canWait = allowed > 0 && !session.hasBacklog();
        for (Session slow : overflowing) {
            // What waits may be nothing but this batch, which would be flushed at its end.
            slow.flush();
            if (slow.hasCaughtUp()) {
                continue;
            }
            if (!canWait || slow == session) {
                slow.endStall();
                continue;
            }
            synchronized (waitingFor) {
                waitingFor.add(slow);
            }
            if (!slow.stall(this)) {
                synchronized (waitingFor) {
                    waitingFor.remove(slow);
                }
            }
        }
        overflowing.clear();
        boolean waits;
        synchronized (waitingFor) {
            waits = !waitingFor.isEmpty();
            stalled = waits;
        }
        if (waits) {
            broker.counters.stalls.increment();
            stalledSince = now;
            connection.pauseReading();
            stallTimer = timers.schedule(allowed, this::stallTimedOut);
        }
    }

    @Override
    public void stallOver(Session session) {
        synchronized (waitingFor) {
            waitingFor.remove(session);
            if (!waitingFor.isEmpty() || !stalled) {
                return;
            }
        }
        resumeSoon();
    }

    private void stallTimedOut() {
        List<Session> slow;
        synchronized (waitingFor) {
            slow = List.copyOf(waitingFor);
        }
        slow.forEach(Session::endStall);
    }

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
        if (stalled) {
            synchronized (waitingFor) {
                if (!waitingFor.isEmpty()) {
                    return;
                }
                stalled = false;
            }
            stallBudget.use(timers.nanoTime() - stalledSince);
            stallTimer.cancel();
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
        if (phase.get() == ConnectionPhase.AWAITING_CONNECT) {
            refused(ReasonCode.PROTOCOL_ERROR, "no CONNECT within " + limits.connectTimeout());
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
        if (stalled || backlogged) {
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
    private void fail(Batch batch, ReasonCode reason, String what) {
        respond(batch);
        fail(reason, what);
    }

    /** The client broke a rule. */
    private void fail(ReasonCode reason, String what) {
        refused(reason, what);
        end(reason, true);
    }

    private void refused(ReasonCode reason, String what) {
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
        ConnectionPhase before = change(ConnectionPhase.Event.ENDED);
        if (before == null) {
            return;
        }
        boolean goodbye = tell && before == ConnectionPhase.CONNECTED && version.hasProperties();
        leave(
                before,
                reason,
                goodbye ? PacketEncoder.encode(new Packet.Disconnect(reason, Properties.NONE), version) : null);
        connection.close();
    }

    /** Gives up on a connection that did not end in time. */
    void abort() {
        connection.abort();
    }

    private void leave(ConnectionPhase before, ReasonCode reason, ByteBuffer goodbye) {
        cancel(connectTimer);
        cancel(keepAliveTimer);
        cancel(stallTimer);
        if (session == null) {
            return;
        }
        session.end(goodbye);
        broker.left(this);
        if (before == ConnectionPhase.CONNECTED) {
            broker.disconnected(info(), reason);
            if (accepted.will() != null && !willDiscarded) {
                // Sessions end with their connection, and no Will Delay outlasts the session (MQTT-3.1.2-8). On another
                // thread, because this one may hold locks of other connections.
                timers.schedule(0, this::publishWill);
            }
        }
    }

    private static void cancel(Timers.Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Publishes the will as the client itself would have, only that roles do not bind it. */
    private void publishWill() {
        Packet.Will will = accepted.will();
        Topic topic = router.catalogue.findOrAdd(will.topic());
        if (topic == null) {
            refused(ReasonCode.QUOTA_EXCEEDED, noRoomForTopic(will.topic()));
            return;
        }
        Batch batch = batches.take();
        try {
            Packet.Publish publish = new Packet.Publish(
                    false,
                    will.qos(),
                    will.retain(),
                    will.topic(),
                    will.qos() == QoS.AT_MOST_ONCE ? 0 : 1,
                    forwarded(will.properties()),
                    will.payload());
            PacketReader ownReader = new PacketReader(Integer.MAX_VALUE);
            ownReader.feed(PacketEncoder.encode(publish, ProtocolVersion.MQTT_5));
            ownReader.next();
            batch.publish.decode(ownReader, ProtocolVersion.MQTT_5);
            List<Session> slow = new ArrayList<>(0);
            if (router.route(batch, batch.publish, topic, session, slow) == Router.Routed.NO_ROOM_FOR_LAST_VALUE) {
                refused(ReasonCode.QUOTA_EXCEEDED, noRoomForLastValue(topic));
            }
            slow.forEach(Session::endStall);
        } catch (CodecException e) {
            throw new IllegalStateException("a will that was decoded does not encode", e);
        } finally {
            batches.finish(batch);
        }
    }

    private static Properties forwarded(Properties ofWill) {
        Properties.Builder forwarded = Properties.builder();
        for (Property property : List.of(Property.PAYLOAD_FORMAT_INDICATOR, Property.MESSAGE_EXPIRY_INTERVAL)) {
            if (ofWill.has(property)) {
                forwarded.set(property, ofWill.number(property, 0));
            }
        }
        for (Property property : List.of(Property.CONTENT_TYPE, Property.RESPONSE_TOPIC)) {
            if (ofWill.has(property)) {
                forwarded.set(property, ofWill.text(property));
            }
        }
        if (ofWill.has(Property.CORRELATION_DATA)) {
            forwarded.set(Property.CORRELATION_DATA, ofWill.bytes(Property.CORRELATION_DATA));
        }
        ofWill.userProperties().forEach(property -> forwarded.userProperty(property.name(), property.value()));
        return forwarded.build();
    }

    // ---- What others may ask ----

    String clientId() {
        return accepted.clientId();
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
