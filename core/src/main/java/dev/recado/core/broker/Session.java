package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.Connection;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A client's subscriptions, and its messages between routing and acknowledgement. It ends with its connection.
 *
 * <p>One short lock guards the queue, the packet identifiers and the append to the connection, so that a publisher's thread
 * and the thread that reads acknowledgements cannot change the order of messages, and so that nothing follows a DISCONNECT.
 * Under it only the {@link Subscriptions}' lock and those of last values and outbound buffers are taken; nobody holding one of
 * those asks for this one. {@link Stalled} publishers are called after it has been released.
 *
 * <p>Order: a message goes straight to the connection only while nothing waits before it; QoS 0 queues behind QoS 1.
 */
final class Session {

    /** What became of one message for this session. */
    enum Outcome {
        SENT,
        /** Sent or queued, and now so much waits that its publisher should. */
        OVERFLOWING,
        QUEUED,
        DROPPED,
        /** The session has ended. */
        GONE
    }

    /** The same bytes in every version; written without being changed. */
    private static final ByteBuffer PING_RESPONSE =
            PacketEncoder.encode(new Packet.PingResp(), ProtocolVersion.MQTT_5).asReadOnlyBuffer();

    private final String clientId;
    private final ProtocolVersion version;
    private final Subscriptions routing;
    private final Counters counters;
    private final Limits limits;
    private final long maxPacketSize;

    private final ReentrantLock lock = new ReentrantLock();

    // Everything below is guarded by the lock.

    /** Null once the session has ended. */
    private Connection connection;

    private final Map<String, Subscription> subscriptions = new HashMap<>(2);
    private final int receiveMaximum;
    private InFlight inFlight;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>(0);
    private long queuedBytes;
    private final ArrayDeque<Replay> replays = new ArrayDeque<>(0);
    private OutboundFlow flow = OutboundFlow.FLOWING;
    private final List<Stalled> stalled = new ArrayList<>(0);

    /** PINGRESPs that wait until what could be sent before them has been. */
    private int pingsDue;

    /** Whether somebody's batch will flush the connection. */
    private boolean flushDue;

    /** Somebody who waits for this session to drain. */
    interface Stalled {
        /** Called on any thread, which may hold locks of other connections: must only make a note of it. */
        void stallOver(Session session);
    }

    Session(
            String clientId,
            ProtocolVersion version,
            Connection connection,
            int clientReceiveMaximum,
            long maxPacketSize,
            Subscriptions routing,
            Counters counters,
            Limits limits) {
        this.clientId = clientId;
        this.version = version;
        this.connection = connection;
        this.receiveMaximum = clientReceiveMaximum;
        this.maxPacketSize = maxPacketSize;
        this.routing = routing;
        this.counters = counters;
        this.limits = limits;
    }

    String clientId() {
        return clientId;
    }

    /**
     * Lets the client in: whoever reads the CONNACK finds it connected, and no DISCONNECT of a takeover comes before it.
     *
     * @param connAck the first packet
     * @param admit makes the client connected; {@code false} when it is too late for that
     * @return whether the client is in
     */
    boolean open(ByteBuffer connAck, BooleanSupplier admit) {
        lock.lock();
        try {
            if (connection == null || !admit.getAsBoolean()) {
                return false;
            }
            connection.write(connAck);
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

    Subscribed subscribe(String filter, QoS qos, boolean noLocal, boolean retainAsPublished) {
        lock.lock();
        try {
            if (connection == null) {
                return Subscribed.GONE;
            }
            boolean known = subscriptions.containsKey(filter);
            if (!known && subscriptions.size() >= limits.maxSubscriptionsPerClient()) {
                return Subscribed.TOO_MANY;
            }
            Subscription subscription = new Subscription(this, filter, qos, noLocal, retainAsPublished);
            subscriptions.put(filter, subscription);
            routing.add(subscription);
            return known ? Subscribed.REPLACED : Subscribed.NEW;
        } finally {
            lock.unlock();
        }
    }

    boolean unsubscribe(String filter) {
        lock.lock();
        try {
            if (subscriptions.remove(filter) == null) {
                return false;
            }
            routing.remove(this, filter);
            return true;
        } finally {
            lock.unlock();
        }
    }

    // ---- Output ----

    /** Sends the current message of the batch, or lets it wait, or drops it. */
    Outcome deliver(Batch batch, QoS qos, boolean retain) {
        lock.lock();
        try {
            if (connection == null) {
                return Outcome.GONE;
            }
            if (batch.outbound.size(version, qos, retain) > maxPacketSize) {
                return dropped(batch); // MQTT-3.1.2-25
            }
            if (queue.isEmpty() && replays.isEmpty() && canSend(qos)) {
                send(batch, qos, retain);
                return overflowed() ? Outcome.OVERFLOWING : Outcome.SENT;
            }
            if (flow == OutboundFlow.SLOW && qos == QoS.AT_MOST_ONCE) {
                return dropped(batch);
            }
            StoredMessage message = batch.outbound.stored();
            if (queue.size() >= limits.maxQueuedMessages() || queuedBytes + message.size() > limits.maxQueuedBytes()) {
                return dropped(batch);
            }
            queue.addLast(new Waiting(message, qos, retain));
            queuedBytes += message.size();
            counters.messagesQueued.increment();
            return overflowed() ? Outcome.OVERFLOWING : Outcome.QUEUED;
        } finally {
            lock.unlock();
        }
    }

    private boolean canSend(QoS qos) {
        if (qos == QoS.AT_MOST_ONCE) {
            // A stalling session still takes what its publishers had already read when they were paused.
            return flow != OutboundFlow.SLOW;
        }
        return flow == OutboundFlow.FLOWING && (inFlight == null || !inFlight.isFull());
    }

    private void send(Batch batch, QoS qos, boolean retain) {
        int packetId = 0;
        if (qos != QoS.AT_MOST_ONCE) {
            if (inFlight == null) {
                inFlight = new InFlight(receiveMaximum);
            }
            packetId = inFlight.take();
        }
        ByteBuffer[] parts = batch.outbound.parts(version, qos, retain, packetId);
        connection.write(parts);
        batch.bytesSent += batch.outbound.size(version, qos, retain);
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

    private static Outcome dropped(Batch batch) {
        batch.messagesDropped++;
        return Outcome.DROPPED;
    }

    private boolean overflowed() {
        boolean over = connection.pending() > limits.maxOutboundBytes()
                || queue.size() > limits.maxQueuedMessages() / 2
                || queuedBytes > limits.maxQueuedBytes() / 2;
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
            while (connection != null && connection.pending() <= limits.maxOutboundBytes()) {
                boolean sent = replays.isEmpty() ? sendQueued(batch, now) : sendReplayed(batch, now);
                if (!sent) {
                    break;
                }
            }
            answerPings(batch);
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    /**
     * Puts the answer to a PINGREQ behind what waits for room in the connection, so that a client which has read it has read
     * everything before it. What waits for the client's own acknowledgements is not waited for.
     *
     * @return {@code false} when nothing waits so, and the caller is to answer
     */
    boolean deferPing() {
        lock.lock();
        try {
            if (!isHeldBack()) {
                return false;
            }
            pingsDue++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isHeldBack() {
        return connection != null
                && connection.pending() > limits.maxOutboundBytes()
                && !(queue.isEmpty() && replays.isEmpty());
    }

    private void answerPings(Batch batch) {
        while (pingsDue > 0 && connection != null && !isHeldBack()) {
            pingsDue--;
            connection.write(PING_RESPONSE);
            batch.bytesSent += PING_RESPONSE.remaining();
            flushLater(batch);
        }
    }

    private boolean sendReplayed(Batch batch, long now) {
        Replay replay = replays.peekFirst();
        StoredMessage message = replay.current(now);
        if (message == null) {
            replays.removeFirst();
            return true;
        }
        QoS qos = message.qos().min(replay.maxQoS());
        if (isWindowFullFor(qos)) {
            return false;
        }
        replay.advance();
        sendStored(batch, message, qos, true, now);
        return true;
    }

    private boolean sendQueued(Batch batch, long now) {
        Waiting next = queue.peekFirst();
        if (next == null || isWindowFullFor(next.qos())) {
            return false;
        }
        queue.removeFirst();
        queuedBytes -= next.message().size();
        counters.messagesQueued.decrement();
        sendStored(batch, next.message(), next.qos(), next.retain(), now);
        return true;
    }

    private boolean isWindowFullFor(QoS qos) {
        return qos != QoS.AT_MOST_ONCE && inFlight != null && inFlight.isFull();
    }

    private void sendStored(Batch batch, StoredMessage message, QoS qos, boolean retain, long now) {
        if (message.isExpired(now)) {
            dropped(batch);
            return;
        }
        batch.outbound.begin(message, now);
        if (batch.outbound.size(version, qos, retain) > maxPacketSize) {
            dropped(batch);
            return;
        }
        send(batch, qos, retain);
    }

    /** Lets last values follow what has been sent; {@link #pump} sends them. */
    void replay(Replay replay) {
        lock.lock();
        try {
            if (connection != null) {
                replays.addLast(replay);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes an acknowledgement; {@code false} when the identifier was not in use. */
    boolean acknowledged(int packetId) {
        lock.lock();
        try {
            return inFlight != null && inFlight.acknowledge(packetId);
        } finally {
            lock.unlock();
        }
    }

    /** Answers of the broker to this client's requests; never dropped while the session lasts. */
    void respond(Batch batch, ByteBuffer packets) {
        lock.lock();
        try {
            if (connection != null) {
                connection.write(packets);
                batch.bytesSent += packets.remaining();
                flushLater(batch);
            }
        } finally {
            lock.unlock();
        }
    }

    void flush() {
        Connection toFlush;
        lock.lock();
        try {
            flushDue = false;
            toFlush = connection;
        } finally {
            lock.unlock();
        }
        if (toFlush != null) {
            toFlush.flush();
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
            if (flow != OutboundFlow.STALLING || connection == null) {
                return false;
            }
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
        if (flow == OutboundFlow.FLOWING || connection == null || !isDrained()) {
            return List.of();
        }
        flow = flow.after(OutboundFlow.Event.DRAINED);
        return takeStalled();
    }

    private boolean isDrained() {
        return connection.pending() <= lowWaterMark(limits)
                && queue.size() <= limits.maxQueuedMessages() / 4
                && queuedBytes <= limits.maxQueuedBytes() / 4;
    }

    /** The transport calls back at this mark, so it must be the same one here. */
    static int lowWaterMark(Limits limits) {
        return limits.maxOutboundBytes() / 4;
    }

    private List<Stalled> takeStalled() {
        if (stalled.isEmpty()) {
            return List.of();
        }
        List<Stalled> taken = List.copyOf(stalled);
        stalled.clear();
        return taken;
    }

    /** Whether this client has still to read, or to acknowledge: then it must not be paused, for it might wait for us too. */
    boolean hasBacklog() {
        lock.lock();
        try {
            return connection != null
                    && (connection.pending() > 0 || !queue.isEmpty() || (inFlight != null && !inFlight.isEmpty()));
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is left that could be sent if the client took it. */
    boolean isIdle() {
        lock.lock();
        try {
            return connection == null || (queue.isEmpty() && replays.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    // ---- The end ----

    /**
     * Ends the session: its subscriptions go, what waits is dropped and counted, and nothing is written any more.
     *
     * @param goodbye the last packet; null for none
     */
    void end(ByteBuffer goodbye) {
        List<Stalled> woken;
        lock.lock();
        try {
            if (connection == null) {
                return;
            }
            if (goodbye != null) {
                connection.write(goodbye);
                counters.bytesSent.add(goodbye.remaining());
            }
            connection = null;
            for (String filter : subscriptions.keySet()) {
                routing.remove(this, filter);
            }
            subscriptions.clear();
            counters.messagesQueued.add(-queue.size());
            counters.messagesDropped.add(queue.size());
            queue.clear();
            queuedBytes = 0;
            replays.clear();
            woken = takeStalled();
        } finally {
            lock.unlock();
        }
        wake(woken);
    }
}
