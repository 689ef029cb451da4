package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Role;
import dev.recado.auth.Identity;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.time.Timers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * A client's subscriptions, and its messages between routing and acknowledgement. It may outlive its connection, and then
 * waits for the next one; who may come next, and when it ends, is for {@link Sessions} to decide.
 *
 * <p>One short lock guards the queue, the packet identifiers and the append to the connection, so that a publisher's thread
 * and the thread that reads acknowledgements cannot change the order of messages, and so that nothing follows a DISCONNECT.
 * Under it only the {@link Subscriptions}' lock and those of last values, histories, batches and outbound buffers are taken; nobody
 * holding one of those asks for this one. {@link Stalled} publishers are called after it has been released.
 *
 * <p>Order: first what an earlier connection left unfinished, then stored messages, then what waits in the queue. A message goes
 * straight to the connection only while nothing waits before it; QoS 0 queues behind QoS 1 and 2.
 */
final class Session {

    /** What became of one message for this session. */
    enum Outcome {
        SENT,
        /** Sent or queued, and now so much waits that its publisher should. */
        OVERFLOWING,
        QUEUED,
        /** And counted. */
        DROPPED,
        /** Neither sent nor queued nor counted, because the caller had asked for more than there is room for. */
        DECLINED,
        /** The session has ended. */
        GONE
    }

    /** How badly a caller wants this session, and no other, to take a message. */
    enum Demand {
        /** When it can be sent now. */
        AT_ONCE,
        /** When the client is connected. */
        CONNECTED,
        /** In any case. */
        WHENEVER
    }

    /** What was found about a QoS 2 message of the client. */
    enum Receipt {
        NEW,
        KNOWN,
        /** More are not released than Receive Maximum allows. */
        TOO_MANY
    }

    /** The same bytes in every version; written without being changed. */
    private static final ByteBuffer PING_RESPONSE =
            PacketEncoder.encode(new Packet.PingResp(), ProtocolVersion.MQTT_5).asReadOnlyBuffer();

    private static final int PUBREL_SIZE = 4;

    final String clientId;

    private final Subscriptions routing;
    private final Batches batches;
    private final Counters counters;
    private final Limits limits;
    private final Timers timers;

    /** Whose it is; never another principal's. Set before the session has subscriptions. */
    private volatile Identity identity;

    /** For how long it outlives its connection. Written under the lock that Sessions has for this client identifier. */
    private volatile long expiryNanos;

    // Guarded by the lock that Sessions has for this client identifier.

    /** Whose session it is now; null while its client is away. */
    BrokerConnection owner;

    /** How often a client has left it. */
    long absences;

    /** Of the last absence. */
    Timers.Timer expiryTimer;

    /** To be published, unless the client comes back before; null for none. */
    GrantedWill pendingWill;

    Timers.Timer willTimer;

    /** What the client's first act made it, under exclusive roles. */
    Role role = Role.UNSTATED;

    private final ReentrantLock lock = new ReentrantLock();

    // Everything below is guarded by the lock.

    private boolean ended;

    /** Null while no client is connected. Written under the lock; without it, what is read may have changed meanwhile. */
    private volatile Link link;

    // Most clients only wait, so what a session may never need is made when it does: until then it is null, or the
    // empty collection that takes nothing in and that all sessions share.

    private Map<String, Subscription> subscriptions = Map.of();
    private SessionQueue queue;
    private List<Replay> replays = List.of();

    /** Null unless there are messages that can come twice. */
    private Overlap overlap;

    private Unfinished unfinished;
    private ReceivedIds received;
    private List<Stalled> stalled = List.of();

    private OutboundFlow flow = OutboundFlow.FLOWING;

    /** PINGRESPs that wait until what could be sent before them has been. */
    private int pingsDue;

    /** Whether somebody's batch will flush the connection. */
    private boolean flushDue;

    /** Somebody who waits for this session to drain. */
    interface Stalled {
        /** Called on any thread, which may hold locks of other connections: must only make a note of it. */
        void stallOver(Session session);
    }

    Session(String clientId, Subscriptions routing, Batches batches, Counters counters, Limits limits, Timers timers) {
        this.clientId = clientId;
        this.routing = routing;
        this.batches = batches;
        this.counters = counters;
        this.limits = limits;
        this.timers = timers;
    }

    Identity identity() {
        return identity;
    }

    void identity(Identity of) {
        identity = of;
    }

    long expiryNanos() {
        return expiryNanos;
    }

    void expiryNanos(long nanos) {
        expiryNanos = nanos;
    }

    /**
     * Lets the client in: whoever reads the CONNACK finds it connected, and no DISCONNECT of a takeover comes before it.
     *
     * @param to the new connection
     * @param connAck the first packet
     * @param admit makes the client connected; {@code false} when it is too late for that
     * @return whether the client is in
     */
    boolean open(Link to, ByteBuffer connAck, BooleanSupplier admit) {
        lock.lock();
        try {
            if (ended || !admit.getAsBoolean()) {
                return false;
            }
            link = to;
            flow = OutboundFlow.FLOWING;
            pingsDue = 0;
            flushDue = false;
            if (unfinished != null) {
                unfinished.connected(to.receiveMaximum());
            }
            to.connection().write(connAck);
            return true;
        } finally {
            lock.unlock();
        }
    }

    // ---- Subscriptions: called by the thread that handles the connection's input ----

    enum Subscribed {
        NEW,
        REPLACED,
        TOO_MANY,
        GONE
    }

    /**
     * Subscribes.
     *
     * @param replay takes its place before anything matches, if the subscription is new or {@code replayAnyway}; null for none
     */
    Subscribed subscribe(Link from, Subscription subscription, Replay replay, boolean replayAnyway) {
        lock.lock();
        try {
            if (link != from) {
                return Subscribed.GONE;
            }
            Subscription known = subscriptions.get(subscription.filter());
            if (known == null && subscriptions.size() >= limits.maxSubscriptionsPerClient()) {
                return Subscribed.TOO_MANY;
            }
            if (replay != null && (known == null || replayAnyway)) {
                // Else a client that does not read could have any number of them. Those that have not begun are of this
                // very SUBSCRIBE, which may name a filter twice.
                stopReplays(earlier -> earlier.hasBegun() && earlier.filter().equals(subscription.filter()));
                if (replays.size() >= limits.maxSubscriptionsPerClient()) {
                    stopReplays(earlier -> earlier.hasBegun() && !subscriptions.containsKey(earlier.filter()));
                }
                replays = replays.isEmpty() ? new ArrayList<>(1) : replays;
                replays.add(replay);
            }
            subscriptions = subscriptions.isEmpty() ? new HashMap<>(2) : subscriptions;
            subscriptions.put(subscription.filter(), subscription);
            routing.add(subscription);
            return known == null ? Subscribed.NEW : Subscribed.REPLACED;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a subscription back. Its replay goes on (MQTT 5, section 3.10.4, leaves it to the broker): a subscriber that closes
     * wants all that was there when it came.
     */
    boolean unsubscribe(Link from, String filter) {
        lock.lock();
        try {
            Subscription removed = link == from ? subscriptions.get(filter) : null;
            if (removed == null) {
                return false;
            }
            subscriptions.remove(filter);
            routing.remove(removed);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A copy. */
    List<Subscription> subscriptions() {
        lock.lock();
        try {
            return List.copyOf(subscriptions.values());
        } finally {
            lock.unlock();
        }
    }

    /** Takes a subscription away, unless the client has done so, or renewed it; returns whether it was there. */
    boolean revoke(Subscription subscription) {
        lock.lock();
        try {
            if (!subscription.equals(subscriptions.get(subscription.filter()))) {
                return false;
            }
            subscriptions.remove(subscription.filter());
            routing.remove(subscription);
            stopReplays(replay -> replay.filter().equals(subscription.filter()));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets a replay go out. */
    void begin(Replay replay, Iterator<LongFunction<StoredMessage>> stored) {
        lock.lock();
        try {
            replay.begin(stored);
        } finally {
            lock.unlock();
        }
    }

    // ---- Output ----

    /** Sends the current message of the batch, or lets it wait, or drops it. */
    Outcome deliver(Batch batch, QoS qos, boolean retain, int[] identifiers, ShareGroup group, Demand demand) {
        lock.lock();
        try {
            if (ended) {
                return Outcome.GONE;
            }
            if (overlap != null && hasBeenReplayed(batch.outbound.sequence(), qos)) {
                return Outcome.SENT;
            }
            if (link == null) {
                return demand == Demand.WHENEVER
                        ? deliverLater(batch, qos, retain, identifiers, group)
                        : Outcome.DECLINED;
            }
            if (canSend(qos)) {
                return send(batch, qos, retain, identifiers, group, null);
            }
            if (demand == Demand.AT_ONCE) {
                return Outcome.DECLINED;
            }
            if (flow == OutboundFlow.SLOW && qos == QoS.AT_MOST_ONCE) {
                return lost(batch, Losses.Room.CONNECTION);
            }
            return enqueue(batch, qos, retain, identifiers, group);
        } finally {
            lock.unlock();
        }
    }

    /** Sends a run as it is; {@link Outcome#DECLINED}, and nothing is done, when its messages have to come one by one. */
    Outcome deliver(Batch batch, Run run, Terms terms) {
        Link now = link;
        if (now == null || !isAsWanted(run, terms, now)) {
            return Outcome.DECLINED;
        }
        lock.lock();
        try {
            if (ended) {
                return Outcome.GONE;
            }
            if (link != now || overlap != null || !canSend(QoS.AT_MOST_ONCE)) {
                return Outcome.DECLINED;
            }
            now.connection().write(run.bytes());
            batch.bytesSent += run.length();
            batch.messagesDelivered += run.count();
            flushLater(batch);
            return isOverflowing() ? Outcome.OVERFLOWING : Outcome.SENT;
        } finally {
            lock.unlock();
        }
    }

    private static boolean isAsWanted(Run run, Terms terms, Link link) {
        return terms.identifiers() == null
                && !(run.hasRetained() && terms.retainAsPublished())
                && (link.aliases() == null || run.longestTopic() < OutboundAliases.SHORTEST_NAME)
                && link.version().hasProperties() == run.hasProperties()
                && run.largest() <= link.maxPacketSize();
    }

    /** QoS 0 does not outlive the connection that it is for. */
    private Outcome deliverLater(Batch batch, QoS qos, boolean retain, int[] identifiers, ShareGroup group) {
        return qos == QoS.AT_MOST_ONCE ? dropped(batch) : enqueue(batch, qos, retain, identifiers, group);
    }

    private Outcome enqueue(Batch batch, QoS qos, boolean retain, int[] identifiers, ShareGroup group) {
        Waiting waiting = new Waiting(batch.outbound.stored(), qos, retain, identifiers, group, false);
        if (!enqueue(batch, waiting, timers.nanoTime())) {
            return Outcome.DROPPED;
        }
        if (!replays.isEmpty() && batch.outbound.sequence() != 0) {
            overlap().waits(batch.outbound.topic(), batch.outbound.sequence(), qos);
        }
        return isOverflowing() ? Outcome.OVERFLOWING : Outcome.QUEUED;
    }

    private boolean enqueue(Batch batch, Waiting waiting, long now) {
        queue = queue == null ? new SessionQueue(limits, counters) : queue;
        boolean taken = queue.add(waiting, now);
        long overflowed = queue.takeOverflowed();
        if (overflowed > 0) {
            batch.losses.of(this, Losses.Room.QUEUE, overflowed);
        }
        return taken;
    }

    private boolean canSend(QoS qos) {
        if (!isCaughtUp()) {
            return false;
        }
        if (qos == QoS.AT_MOST_ONCE) {
            // A stalling session still takes what its publishers had already read when they were paused.
            return flow != OutboundFlow.SLOW;
        }
        return flow == OutboundFlow.FLOWING && !isWindowFullFor(qos);
    }

    private boolean isWindowFullFor(QoS qos) {
        return qos != QoS.AT_MOST_ONCE && unfinished != null && unfinished.isWindowFull();
    }

    /** Sends the current message of the batch; {@code waited} is what it was in the queue, null when it was not. */
    private Outcome send(Batch batch, QoS qos, boolean retain, int[] identifiers, ShareGroup group, Waiting waited) {
        OutboundPublish outbound = batch.outbound;
        int aliasToSet = selectForm(outbound, qos, retain, identifiers);
        if (outbound.size() > link.maxPacketSize()) {
            return lost(batch, Losses.Room.PACKET);
        }
        if (aliasToSet != 0) {
            link.aliases().set(outbound.topic(), aliasToSet);
        }
        int packetId = 0;
        if (qos != QoS.AT_MOST_ONCE) {
            // Only a session that may see another connection, or whose messages others may get, needs them again.
            boolean keeps = expiryNanos > 0 || group != null;
            Waiting kept = !keeps || waited != null
                    ? waited
                    : new Waiting(outbound.stored(), qos, retain, identifiers, group, false);
            unfinished = unfinished == null ? new Unfinished(link.receiveMaximum()) : unfinished;
            packetId = unfinished.add(qos, keeps ? kept : null);
        }
        write(batch, packetId);
        return isOverflowing() ? Outcome.OVERFLOWING : Outcome.SENT;
    }

    /** Encodes the message as this client wants it; returns the topic alias that is new to the client, or 0. */
    private int selectForm(OutboundPublish outbound, QoS qos, boolean retain, int[] identifiers) {
        OutboundAliases aliases = link.aliases();
        if (aliases == null) {
            if (identifiers == null) {
                outbound.select(link.version(), qos, retain);
            } else {
                outbound.select(link.version(), false, qos, retain, identifiers, OutboundPublish.Alias.NONE, 0);
            }
            return 0;
        }
        int known = aliases.of(outbound.topic());
        int added = known == 0 && !VirtualTopics.isVirtual(outbound.topic()) ? aliases.next(outbound.topic()) : 0;
        OutboundPublish.Alias use = known != 0
                ? OutboundPublish.Alias.USED
                : added != 0 ? OutboundPublish.Alias.SET : OutboundPublish.Alias.NONE;
        outbound.select(link.version(), false, qos, retain, identifiers, use, known + added);
        return added;
    }

    private void write(Batch batch, int packetId) {
        link.connection().write(batch.outbound.parts(packetId));
        batch.bytesSent += batch.outbound.size();
        batch.messagesDelivered++;
        flushLater(batch);
    }

    /** The first to write since the last flush flushes for all; its batch ends soon, as every batch does. */
    private void flushLater(Batch batch) {
        if (!flushDue) {
            flushDue = true;
            batch.flushLater(this);
        }
    }

    private Outcome lost(Batch batch, Losses.Room room) {
        batch.losses.of(this, room, 1);
        return dropped(batch);
    }

    private static Outcome dropped(Batch batch) {
        batch.messagesDropped++;
        return Outcome.DROPPED;
    }

    private boolean isOverflowing() {
        if (link == null) {
            // Nobody could hasten a client that is away.
            return false;
        }
        boolean over = link.connection().pending() > limits.maxOutboundBytes() || isQueueFilledOver(2);
        if (over) {
            flow = flow.after(OutboundFlow.Event.OVERFLOWED);
        }
        return over && flow == OutboundFlow.STALLING;
    }

    /** Sends what waits, as far as there is room, and lets those go on who waited for that. */
    void pump(Batch batch, long now) {
        List<Stalled> woken;
        lock.lock();
        try {
            woken = takeStalledIfDrained();
            while (link != null && link.connection().pending() <= limits.maxOutboundBytes()) {
                if (!sendNext(batch, now)) {
                    break;
                }
            }
            answerPings(batch);
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    private boolean sendNext(Batch batch, long now) {
        if (unfinished != null && !unfinished.owesNothing()) {
            return sendOwed(batch, now);
        }
        return replays.isEmpty() ? sendQueued(batch, now) : sendReplayed(batch, now);
    }

    private boolean sendOwed(Batch batch, long now) {
        Unacknowledged message = unfinished.nextOwed();
        if (message == null) {
            return true;
        }
        if (message.stage() == DeliveryStage.AWAITING_PUBCOMP) {
            unfinished.sentNextOwed();
            sendPubRel(batch, message.packetId);
            return true;
        }
        Waiting delivery = message.delivery();
        if (isWindowFullFor(delivery.qos())) {
            return false;
        }
        batch.outbound.begin(delivery.message(), now);
        batch.outbound.select(
                link.version(),
                true, // MQTT-3.3.1-1
                delivery.qos(),
                delivery.retain(),
                delivery.identifiers(),
                OutboundPublish.Alias.NONE,
                0);
        if (batch.outbound.size() > link.maxPacketSize()) {
            unfinished.dropNextOwed();
            lost(batch, Losses.Room.PACKET);
            return true;
        }
        unfinished.sentNextOwed();
        write(batch, message.packetId);
        return true;
    }

    private void sendPubRel(Batch batch, int packetId) {
        ByteBuffer pubRel = ByteBuffer.allocate(PUBREL_SIZE);
        PacketEncoder.encodeAck(pubRel, link.version(), PacketType.PUBREL, packetId, ReasonCode.SUCCESS);
        link.connection().write(pubRel.flip());
        batch.bytesSent += PUBREL_SIZE;
        flushLater(batch);
    }

    private boolean sendReplayed(Batch batch, long now) {
        Replay replay = replays.get(0);
        if (!replay.hasBegun()) {
            return false;
        }
        StoredMessage message = replay.current(now);
        if (message == null) {
            stopReplays(finished -> finished == replay);
            return true;
        }
        QoS qos = message.qos().min(replay.maxQoS());
        boolean mayComeLive = replay.mayComeLive(message);
        if (mayComeLive && batches.awaitsDelivery(this, message.stored().sequence())) {
            return false;
        }
        Waiting stored = new Waiting(message, qos, true, replay.identifiers(), null, mayComeLive);
        switch (mayComeLive ? overlap().placeOf(message, qos, replay.isOrdered()) : Overlap.Place.HERE) {
            case NOWHERE -> replay.advance();
            case BEHIND_LIVE -> {
                replay.advance();
                enqueue(batch, stored, now);
            }
            case HERE -> {
                if (isWindowFullFor(qos)) {
                    return false;
                }
                replay.advance();
                sendStored(batch, stored, now);
            }
        }
        return true;
    }

    private void stopReplays(Predicate<Replay> which) {
        if (!replays.isEmpty() && replays.removeIf(which) && replays.isEmpty() && overlap != null) {
            overlap.finish(batches);
        }
    }

    private Overlap overlap() {
        if (overlap == null) {
            overlap = new Overlap();
        }
        return overlap;
    }

    private boolean hasBeenReplayed(long itsSequence, QoS qos) {
        if (replays.isEmpty() && isQueueEmpty() && overlap.isOver(batches)) {
            overlap = null;
            return false;
        }
        return overlap.covers(itsSequence, qos);
    }

    private boolean sendQueued(Batch batch, long now) {
        Waiting next = queue == null ? null : queue.peek();
        if (next == null || isWindowFullFor(next.qos())) {
            return false;
        }
        StoredMessage message = next.message();
        boolean again = overlap != null
                && !next.mayComeLive()
                && overlap.covers(message.stored().sequence(), next.qos());
        queue.poll();
        if (!again) {
            sendStored(batch, next, now);
        }
        return true;
    }

    private void sendStored(Batch batch, Waiting waiting, long now) {
        if (waiting.message().isExpired(now)) {
            dropped(batch);
            return;
        }
        if (waiting.mayComeLive()) {
            overlap().sent(waiting.message(), waiting.qos());
        }
        batch.outbound.begin(waiting.message(), now);
        send(batch, waiting.qos(), waiting.retain(), waiting.identifiers(), waiting.group(), waiting);
    }

    // ---- Answers of the client ----

    /**
     * Takes an answer to a QoS 2 message.
     *
     * @param answer PUBREC or PUBCOMP
     * @param error whether its reason code says no
     * @return the stage that the message is at now; null when the answer belongs to none, or comes too late
     */
    DeliveryStage acknowledged(Link from, PacketType answer, int packetId, boolean error) {
        lock.lock();
        try {
            return link == from && unfinished != null ? unfinished.acknowledged(answer, packetId, error) : null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes PUBACKs; returns how many of them belong to no message, or come too late. */
    int acknowledged(Link from, PubAcks acks) {
        int unknown = 0;
        lock.lock();
        try {
            for (int i = 0; i < acks.count(); i++) {
                boolean known = link == from
                        && unfinished != null
                        && unfinished.acknowledged(PacketType.PUBACK, acks.packetId(i), false) != null;
                unknown += known ? 0 : 1;
            }
        } finally {
            lock.unlock();
        }
        return unknown;
    }

    // ---- QoS 2 messages of the client ----

    /** Notes a QoS 2 message; a known one must not be routed again (MQTT-4.3.3-10). */
    Receipt receive(Link from, int packetId, int mostUnreleased) {
        lock.lock();
        try {
            if (received == null) {
                received = new ReceivedIds();
            }
            if (link != from || received.contains(packetId)) {
                return Receipt.KNOWN;
            }
            if (received.size() >= mostUnreleased) {
                return Receipt.TOO_MANY;
            }
            received.add(packetId);
            return Receipt.NEW;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a QoS 2 message, for it was released, or refused; returns whether it was known. */
    boolean release(Link from, int packetId) {
        lock.lock();
        try {
            return link == from && received != null && received.remove(packetId);
        } finally {
            lock.unlock();
        }
    }

    // ---- Answers to the client ----

    /** Answers of the broker to this client's requests; never dropped while its connection lasts. */
    void respond(Link to, Batch batch, ByteBuffer packets) {
        lock.lock();
        try {
            if (link == to) {
                to.connection().write(packets);
                batch.bytesSent += packets.remaining();
                flushLater(batch);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts the answer to a PINGREQ behind what waits for room in the connection, so that a client which has read it has read
     * everything before it. What waits for the client's own acknowledgements is not waited for.
     *
     * @return {@code false} when nothing waits so, and the caller is to answer
     */
    boolean deferPing(Link to) {
        lock.lock();
        try {
            if (link != to || !isHeldBack()) {
                return false;
            }
            pingsDue++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isHeldBack() {
        return link != null && link.connection().pending() > limits.maxOutboundBytes() && !isCaughtUp();
    }

    private boolean isCaughtUp() {
        return isQueueEmpty() && replays.isEmpty() && (unfinished == null || unfinished.owesNothing());
    }

    private boolean isQueueEmpty() {
        return queue == null || queue.isEmpty();
    }

    private void answerPings(Batch batch) {
        while (pingsDue > 0 && link != null && !isHeldBack()) {
            pingsDue--;
            link.connection().write(PING_RESPONSE);
            batch.bytesSent += PING_RESPONSE.remaining();
            flushLater(batch);
        }
    }

    void flush() {
        Link toFlush;
        lock.lock();
        try {
            flushDue = false;
            toFlush = link;
        } finally {
            lock.unlock();
        }
        if (toFlush != null) {
            toFlush.connection().flush();
        }
    }

    // ---- Slow subscribers ----

    /** Whether what overflowed has gone out meanwhile. */
    boolean hasCaughtUp() {
        List<Stalled> woken;
        boolean caughtUp;
        lock.lock();
        try {
            woken = takeStalledIfDrained();
            caughtUp = flow == OutboundFlow.FLOWING;
        } finally {
            lock.unlock();
        }
        wake(woken);
        return caughtUp;
    }

    /** Makes somebody wait for this session; {@code false} when there is nothing to wait for any more. */
    boolean stall(Stalled publisher) {
        lock.lock();
        try {
            if (flow != OutboundFlow.STALLING || link == null) {
                return false;
            }
            stalled = stalled.isEmpty() ? new ArrayList<>(1) : stalled;
            stalled.add(publisher);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A publisher cannot wait, or not longer: from now on nobody does, and those who did go on. */
    void endStall() {
        List<Stalled> woken;
        lock.lock();
        try {
            flow = flow.after(OutboundFlow.Event.STALL_ENDED);
            woken = takeStalled();
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    private void wake(List<Stalled> woken) {
        for (int i = 0; i < woken.size(); i++) {
            woken.get(i).stallOver(this);
        }
    }

    private List<Stalled> takeStalledIfDrained() {
        if (flow == OutboundFlow.FLOWING || link == null || !isDrained()) {
            return List.of();
        }
        flow = flow.after(OutboundFlow.Event.DRAINED);
        return takeStalled();
    }

    private boolean isDrained() {
        return link.connection().pending() <= lowWaterMark(limits) && !isQueueFilledOver(4);
    }

    private boolean isQueueFilledOver(int part) {
        return queue != null && queue.isFilledOver(part);
    }

    /** The transport calls back at this mark, so it must be the same one here. */
    static int lowWaterMark(Limits limits) {
        return limits.maxOutboundBytes() / 4;
    }

    private List<Stalled> takeStalled() {
        List<Stalled> taken = stalled;
        stalled = List.of();
        return taken;
    }

    /** Whether this client has still to read, or to acknowledge: then it must not be paused, for it might wait for us too. */
    boolean hasBacklog() {
        lock.lock();
        try {
            return link != null
                    && (link.connection().pending() > 0
                            || !isQueueEmpty()
                            || (unfinished != null && !unfinished.isEmpty()));
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is left that could be sent if the client took it. */
    boolean isIdle() {
        lock.lock();
        try {
            return link == null || isCaughtUp();
        } finally {
            lock.unlock();
        }
    }

    // ---- The end of a connection, and of the session ----

    /**
     * Takes the connection away. What it left unfinished waits for the next one.
     *
     * @param from the connection
     * @param goodbye the last packet; null for none
     * @param last whether {@link #end} follows. What was matched before and comes in between is for nobody: it must not be
     *     queued, or it would be counted as dropped.
     */
    void detach(Link from, ByteBuffer goodbye, boolean last) {
        List<Stalled> woken;
        lock.lock();
        try {
            if (link == null || link != from) {
                return;
            }
            if (goodbye != null) {
                link.connection().write(goodbye);
                counters.bytesSent.add(goodbye.remaining());
            }
            link = null;
            ended = last;
            // Its SUBACK was never sent.
            stopReplays(replay -> !replay.hasBegun());
            woken = takeStalled();
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    /**
     * Ends the session: its subscriptions go, and what waits is dropped and counted.
     *
     * @return those of a shared subscription that others of its group may get instead: not QoS 2 that was sent
     *     (MQTT-4.8.2-5)
     */
    Collection<Waiting> end() {
        List<Waiting> orphans = new ArrayList<>(0);
        lock.lock();
        try {
            ended = true;
            subscriptions.values().forEach(routing::remove);
            subscriptions = Map.of();
            replays = List.of();
            if (unfinished != null) {
                orphans.addAll(unfinished.forOthers());
            }
            while (!isQueueEmpty()) {
                Waiting waiting = queue.poll();
                if (waiting.group() != null) {
                    orphans.add(waiting);
                } else {
                    counters.messagesDropped.increment();
                }
            }
        } finally {
            lock.unlock();
        }
        return orphans;
    }
}
