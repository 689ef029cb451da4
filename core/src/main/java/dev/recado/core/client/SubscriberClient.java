package dev.recado.core.client;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.codec.AckView;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.PublishView;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscriber. A message's way: the decoding thread makes a {@link Received} of it and puts it into the {@link Inbox}; when
 * that is full, decoding and with it reading stops. The consumer, whichever of the three kinds, {@link #take takes} it and,
 * {@linkplain #done done} with it, has it acknowledged; when the inbox is half empty again, reading goes on.
 */
final class SubscriberClient implements Subscriber, ClientLink.Role, MessageStream.Source {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriberClient.class);

    /** A subscriber sends two packets with an identifier at most: one at a connection's beginning, one when it closes. */
    private static final int SUBSCRIBE_ID = 1;

    private static final int UNSUBSCRIBE_ID = 2;

    /** A user property of SUBSCRIBE: how many messages of each topic's history are wanted. */
    private static final String REPLAY_PROPERTY = "recado-replay";

    /** Topic Alias Maximum: enough for busy topics, and no more than 2 MiB of names. */
    private static final int ALIAS_MAXIMUM = 32;

    private static final int MAX_PER_TURN = 256;

    /** How long an acknowledgement may wait for others, with a handler at work: one system call then takes many. */
    private static final long MAX_ACK_DELAY_NANOS = 1_000_000;

    private static final long FAILURE_LOG_INTERVAL_NANOS = 1_000_000_000;
    private static final long MOST_TO_END_NANOS = 1_000_000_000;

    /** How messages are consumed; decided once. */
    private enum Way {
        UNDECIDED,
        HANDLER,
        RECEIVE,
        STREAM
    }

    /** What belongs to one connection; its views are touched by its decoding thread only. */
    private static final class Inbound {

        final ClientConnection connection;
        final ServerLimits limits;
        final PublishView publish = new PublishView();
        final AckView release = new AckView();
        final MessageDecoder decoder = new MessageDecoder(ALIAS_MAXIMUM);

        /** Something was answered in this batch. */
        boolean answered;

        Inbound(ClientConnection connection, ServerLimits limits) {
            this.connection = connection;
            this.limits = limits;
        }
    }

    private final Topics topics;

    /** How many messages of each topic's history are wanted; 0 for none. */
    private final int replay;

    private final int buffer;
    private final boolean manualAck;
    private final Consumer<? super Message> handler;
    private final long timeoutNanos;
    private final ClientLink link;
    private final Timers timers;
    private final Inbox inbox;
    private final AckQueue acks;
    private final MessageStream stream = new MessageStream(this);

    /** {@code null} when the program gave an executor. */
    private final SerialThread ownThread;

    private final Executor executor;
    private final Turns turns;
    private final AtomicReference<Way> way;
    private final AtomicBoolean closing = new AtomicBoolean();

    /**
     * Held while a message enters the queue of acknowledgements and the inbox, and while a new connection comes: a consumer
     * that goes on decoding an old connection after a pause must not put a message behind those of the new one, which had the
     * same message sent again and, having it seen, left it to the old one.
     */
    private final ReentrantLock arrival = new ReentrantLock();

    /** {@code null} before the first connection. Written under {@link #arrival}. */
    private volatile Inbound inbound;

    /** Those that the session has, or is to have; empty before the first connection. */
    private volatile List<Packet.Subscription> subscriptions = List.of();

    /** The session has the subscriptions. */
    private volatile boolean subscribed;

    private volatile Timers.Timer subscribeTimer = () -> {};

    /** UNSUBSCRIBE was sent. */
    private volatile boolean unsubscribed;

    /** What comes is dropped: it is behind the barrier of {@link #close}, or nobody will take it. */
    private volatile boolean deaf;

    // Touched in turns only.
    private ClientConnection toFlush;
    private long toFlushSince;
    private long failures;
    private long lastFailureLog;

    SubscriberClient(
            ClientSettings settings,
            Timers timersOrNull,
            Topics topics,
            int replay,
            int buffer,
            boolean manualAck,
            Consumer<? super Message> handlerOrNull,
            Executor executorOrNull) {
        this.topics = topics;
        this.replay = replay;
        this.buffer = buffer;
        this.manualAck = manualAck;
        this.handler = handlerOrNull;
        this.timeoutNanos = settings.timeoutNanos();
        this.link = new ClientLink(settings, this, timersOrNull);
        this.timers = link.timers();
        this.inbox = new Inbox(buffer);
        this.acks = new AckQueue(buffer, manualAck);
        this.ownThread =
                executorOrNull == null ? new SerialThread(() -> "recado-subscriber-" + clientId(), true) : null;
        this.executor = executorOrNull == null ? ownThread : executorOrNull;
        this.turns = new Turns(executor, this::turn, this::rejected);
        this.way = new AtomicReference<>(handlerOrNull == null ? Way.UNDECIDED : Way.HANDLER);
        this.lastFailureLog = timers.nanoTime() - FAILURE_LOG_INTERVAL_NANOS;
    }

    SubscriberClient connect() {
        link.open();
        return this;
    }

    // ---- the role: connecting

    @Override
    public String name() {
        return "subscriber";
    }

    @Override
    public void describe(Properties.Builder connect) {
        topics.describe(connect);
        connect.set(Property.RECEIVE_MAXIMUM, buffer).set(Property.TOPIC_ALIAS_MAXIMUM, ALIAS_MAXIMUM);
    }

    @Override
    public boolean endsSession() {
        return topics.endSession();
    }

    /** The broker bounds messages; here only what the wire can carry does. Memory follows the bytes that really came. */
    @Override
    public int maxPacketSize() {
        return ServerLimits.LARGEST_PACKET;
    }

    @Override
    public void accepted(ClientConnection connection, ServerLimits limits) {
        arrival.lock();
        try {
            acks.connected(connection, limits.sessionPresent());
            inbound = new Inbound(connection, limits);
        } finally {
            arrival.unlock();
        }
        if (limits.sessionPresent() && subscribed) {
            link.ready(connection);
            return;
        }
        subscribed = false;
        subscriptions = topics.subscriptions(limits);
        Packet.Subscribe subscribe = new Packet.Subscribe(SUBSCRIBE_ID, asking(), subscriptions);
        RefusedException objection = objection(subscribe, limits);
        if (objection != null) {
            connection.fail(Loss.forGood(objection));
            return;
        }
        awaitSubAck(connection);
        connection.send(subscribe);
        connection.flush();
    }

    private Properties asking() {
        return replay == 0
                ? Properties.NONE
                : Properties.builder()
                        .userProperty(REPLAY_PROPERTY, Integer.toString(replay))
                        .build();
    }

    private void awaitSubAck(ClientConnection connection) {
        subscribeTimer.cancel();
        subscribeTimer = timers.schedule(timeoutNanos, () -> lateSubAck(connection));
    }

    private void lateSubAck(ClientConnection connection) {
        if (inbox.isFull() && !connection.isOver()) {
            // It may well have come: what is not read because of us is not late.
            awaitSubAck(connection);
            return;
        }
        connection.fail(Loss.passing(new WaitTimeoutException(
                "the broker did not grant the subscriptions to " + topics() + " within " + timeout(), null)));
    }

    private RefusedException objection(Packet.Subscribe subscribe, ServerLimits limits) {
        for (String filter : topics()) {
            if (!limits.wildcardsAvailable() && TopicRules.hasWildcard(filter)) {
                return new RefusedException(
                        "the broker has no wildcard subscriptions, as '" + filter + "' is (MQTT 5, section 3.2.2.3.11)",
                        ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
            }
            if (!limits.sharedAvailable() && TopicRules.isShared(filter)) {
                return new RefusedException(
                        "the broker has no shared subscriptions, as '" + filter + "' is (MQTT 5, section 3.2.2.3.13)",
                        ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
            }
        }
        if (replay > 0 && !limits.replayAvailable()) {
            return new RefusedException(
                    "the broker does not announce that it can replay: it is none of Recado's, or a relay between hides it",
                    ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
        }
        int size = PacketEncoder.size(subscribe, inbound.connection.version());
        return size <= limits.maxPacketSize()
                ? null
                : new RefusedException(
                        subscriptions.size() + " topic filters make a SUBSCRIBE of " + size
                                + " bytes, over the broker's" + " Maximum Packet Size of " + limits.maxPacketSize()
                                + " (MQTT-3.2.2-15)",
                        ReasonCode.PACKET_TOO_LARGE);
    }

    @Override
    public void connected(ClientConnection connection, ServerLimits limits) {
        // The subscriptions are granted; nothing else waits for a connection.
    }

    @Override
    public void disconnected() {
        // What has arrived is still handed out; its acknowledgements go nowhere.
    }

    // ---- the role: receiving

    @Override
    public void received(ClientConnection from, PacketReader packet) throws CodecException {
        Inbound current = inbound;
        if (current == null || current.connection != from) {
            return;
        }
        switch (packet.type()) {
            case PUBLISH -> published(current, packet);
            case PUBREL -> released(current, packet);
            case SUBACK -> granted(from, (Packet.SubAck) PacketDecoder.decode(packet, from.version()));
            case UNSUBACK -> {
                // Whatever it says: the barrier behind it counts.
                PacketDecoder.decode(packet, from.version());
                if (!unsubscribed) {
                    notDue(from, packet.type());
                }
            }
            default -> notDue(from, packet.type());
        }
    }

    private static void notDue(ClientConnection from, PacketType type) {
        from.breach(ReasonCode.PROTOCOL_ERROR, "a subscriber was sent " + type);
    }

    private void granted(ClientConnection from, Packet.SubAck answer) {
        List<ReasonCode> codes = answer.reasonCodes();
        if (answer.packetId() != SUBSCRIBE_ID || codes.size() != subscriptions.size()) {
            from.breach(
                    ReasonCode.PROTOCOL_ERROR,
                    "SUBACK answers packet " + answer.packetId() + " with " + codes.size()
                            + " reason codes, but packet " + SUBSCRIBE_ID + " with " + subscriptions.size()
                            + " filters was sent (MQTT-3.8.4-6)");
            return;
        }
        subscribeTimer.cancel();
        if (subscribed) {
            notDue(from, PacketType.SUBACK);
            return;
        }
        for (int i = 0; i < codes.size(); i++) {
            if (codes.get(i).isError()) {
                from.fail(Loss.refused(
                        "the broker refused the subscription to '"
                                + subscriptions.get(i).filter() + "': "
                                + ReasonText.of(codes.get(i), answer.properties()),
                        codes.get(i)));
                return;
            }
        }
        subscribed = true;
        link.ready(from);
    }

    private void published(Inbound current, PacketReader packet) throws CodecException {
        ClientConnection from = current.connection;
        PublishView publish = current.publish;
        publish.decodeAllButTopic(packet, from.version());
        if (publish.topicAlias() > ALIAS_MAXIMUM) {
            from.breach(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "PUBLISH has Topic Alias " + publish.topicAlias() + ", over the Topic Alias Maximum of "
                            + ALIAS_MAXIMUM + " (MQTT-3.1.2-26)");
            return;
        }
        String topic = current.decoder.topic(publish);
        if (topic == null) {
            from.breach(
                    ReasonCode.PROTOCOL_ERROR,
                    "PUBLISH has Topic Alias " + publish.topicAlias()
                            + " and no topic, but this alias stands for nothing (MQTT 5, section 3.3.2.3.4)");
            return;
        }
        if (publish.qos().compareTo(topics.qos()) > 0 && !current.limits.sessionPresent()) {
            from.breach(
                    ReasonCode.PROTOCOL_ERROR,
                    "PUBLISH has QoS " + publish.qos() + ", over the subscriptions' " + topics.qos()
                            + " (MQTT-3.8.4-8)");
            return;
        }
        if (!arrived(current, topic)) {
            from.breach(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + buffer + " messages are unacknowledged (MQTT-3.3.4-9)");
        }
    }

    /** Returns {@code false} when it is more than the broker may send. */
    private boolean arrived(Inbound current, String topic) {
        PublishView publish = current.publish;
        QoS qos = publish.qos();
        arrival.lock();
        try {
            if (inbound != current || deaf) {
                return true;
            }
            if (qos == QoS.EXACTLY_ONCE && acks.isRepeated(publish.packetId())) {
                current.answered = true;
                return true;
            }
            Message message = current.decoder.decode(publish, topic);
            Received received = qos == QoS.AT_MOST_ONCE
                    ? new Received(message, qos, 0)
                    : acks.add(message, qos, publish.packetId());
            if (received != null) {
                inbox.add(received);
            }
            return received != null;
        } finally {
            arrival.unlock();
        }
    }

    private void released(Inbound current, PacketReader packet) throws CodecException {
        current.release.decode(packet, current.connection.version());
        int packetId = current.release.packetId();
        boolean due;
        arrival.lock();
        try {
            due = inbound != current || acks.release(packetId);
        } finally {
            arrival.unlock();
        }
        if (due) {
            current.answered = true;
        } else {
            current.connection.breach(
                    ReasonCode.PROTOCOL_ERROR, "PUBREL came for packet " + packetId + " before its PUBREC was sent");
        }
    }

    /** CONNACK is always welcome: after a reconnect the inbox may still be full of what the last connection brought. */
    @Override
    public boolean wantsMore(ClientConnection from) {
        if (deaf || !inbox.isFull()) {
            return true;
        }
        if (closing.get() && !isConsuming()) {
            // Nobody makes room, and close() waits for what is behind: the rest is left with the broker.
            deaf = true;
            return true;
        }
        Inbound current = inbound;
        return current == null || current.connection != from;
    }

    @Override
    public void batchReceived(ClientConnection from) {
        Inbound current = inbound;
        if (current != null && current.connection == from && current.answered) {
            current.answered = false;
            from.flush();
        }
        if (!inbox.isEmpty()) {
            wake();
        }
    }

    @Override
    public void drained(ClientConnection from) {
        // Acknowledgements are bounded by the Receive Maximum, whatever waits.
    }

    @Override
    public void ended(RecadoException cause) {
        subscribeTimer.cancel();
        inbox.end();
        wake();
        if (ownThread != null) {
            ownThread.release();
        }
    }

    // ---- consuming

    @Override
    public Received take() {
        return inbox.poll();
    }

    @Override
    public void done(Received received) {
        ClientConnection wrote = manualAck ? null : acks.acknowledge(received);
        if (wrote != null) {
            flushAcksLater(wrote);
        }
        inbox.handled();
        resumeReading();
    }

    private void flushAcksLater(ClientConnection wrote) {
        long now = timers.nanoTime();
        if (toFlush == null) {
            toFlushSince = now;
        }
        toFlush = wrote;
        if (inbox.isEmpty() || now - toFlushSince >= MAX_ACK_DELAY_NANOS) {
            flushAcks();
        }
    }

    private void flushAcks() {
        if (toFlush != null) {
            toFlush.flush();
            toFlush = null;
        }
    }

    private void resumeReading() {
        if (inbox.isHalfEmpty()) {
            inbound.connection.resume();
        }
    }

    @Override
    public void wake() {
        Way decided = way.get();
        if (decided == Way.HANDLER || decided == Way.STREAM) {
            turns.wake();
        }
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The program has shut its executor down; whoever subscribes is told all the same.
            task.run();
        }
    }

    private void rejected(RejectedExecutionException e) {
        LOG.warn("subscriber '{}' is closed: its executor takes no more tasks", clientId());
        // Nobody is left to handle them.
        inbox.clear();
        link.end(new RecadoException("the executor of subscriber '" + clientId() + "' takes no more tasks", e));
    }

    private boolean turn() {
        boolean more = handler != null ? handle() : stream.turn();
        flushAcks();
        return more;
    }

    private boolean handle() {
        for (int i = 0; i < MAX_PER_TURN; i++) {
            Received received = take();
            if (received == null) {
                return false;
            }
            try {
                handler.accept(received.message());
            } catch (Throwable e) {
                // Whatever it throws, Errors of failed assertions included, the next message is handled all the same.
                failed(e);
            } finally {
                done(received);
            }
        }
        return true;
    }

    private void failed(Throwable e) {
        failures++;
        long now = timers.nanoTime();
        if (now - lastFailureLog >= FAILURE_LOG_INTERVAL_NANOS) {
            lastFailureLog = now;
            LOG.warn("the handler of subscriber '{}' threw, {} times so far", clientId(), failures, e);
        }
    }

    @Override
    public Optional<Message> receive(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative, but is " + timeout);
        }
        decide(Way.RECEIVE);
        Received received;
        try {
            received = inbox.poll(Nanos.of(timeout));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException("interrupted while waiting for a message; none is lost", e);
        }
        if (received == null) {
            if (inbox.isExhausted() && endCause() != null) {
                throw link.closed();
            }
            return Optional.empty();
        }
        inbox.handled();
        ClientConnection wrote = manualAck ? null : acks.acknowledge(received);
        if (wrote != null) {
            wrote.flush();
        }
        resumeReading();
        return Optional.of(received.message());
    }

    @Override
    public Flow.Publisher<Message> messages() {
        decide(Way.STREAM);
        return stream;
    }

    private void decide(Way wanted) {
        if (!way.compareAndSet(Way.UNDECIDED, wanted) && way.get() != wanted) {
            throw new IllegalStateException("this subscriber consumes with " + way.get() + ", not with " + wanted
                    + ": it has one way for its whole life");
        }
    }

    @Override
    public void acknowledge(Message message) {
        if (!manualAck) {
            throw new IllegalStateException("acknowledging is not manual: the builder's manualAck() was not called");
        }
        ClientConnection wrote = acks.acknowledge(message);
        if (wrote != null) {
            wrote.flush();
        }
    }

    // ---- closing

    @Override
    public boolean isExhausted() {
        return inbox.isExhausted();
    }

    @Override
    public RecadoException endCause() {
        return link.endCause();
    }

    @Override
    public void cancelled() {
        closing.set(true);
        deaf = true;
        inbox.clear();
        link.end(null);
    }

    @Override
    public void close() {
        if (inCallback()) {
            // From the handler: what is to be waited for is the handler itself.
            if (closing.compareAndSet(false, true)) {
                Threads.start("recado-closer-" + clientId(), this::drainAndEnd);
            }
        } else if (closing.compareAndSet(false, true)) {
            drainAndEnd();
        } else {
            link.awaitReleased();
        }
    }

    /** Ends without waiting for anything but its resources; what has arrived and not been consumed is lost. */
    void closeNow() {
        cancelled();
        link.awaitReleased();
        awaitOwnThread();
    }

    /** Whether the calling thread must not wait for what others do for this subscriber. */
    boolean inCallback() {
        return turns.isCurrent() || link.inCallback();
    }

    private void drainAndEnd() {
        long deadline = timers.nanoTime() + timeoutNanos;
        InterruptedException interrupt = null;
        link.endWithConnection();
        try {
            if (!awaitRest(deadline)) {
                LOG.warn("subscriber '{}' closes with messages that were not handled within {}", clientId(), timeout());
            }
        } catch (InterruptedException e) {
            interrupt = e;
            Thread.currentThread().interrupt();
        }
        deaf = true;
        if (isConsuming()) {
            // Its time is up.
            inbox.clear();
        } else if (outlives()) {
            // It comes again to the next subscriber of this name.
            inbox.removeIf(received -> received.qos() != QoS.AT_MOST_ONCE);
        }
        link.end(null);
        if (interrupt != null) {
            throw new WaitInterruptedException("interrupted while closing; messages may be lost", interrupt);
        }
        link.awaitReleased();
        awaitOwnThread();
    }

    /**
     * Waits until all that the broker has for this subscriber has been received and consumed. First the broker is told to
     * send nothing new, or a busy topic would never end. What it sent comes before its PINGRESP; but it may hold more back,
     * because as many are unacknowledged as it may send. Then, when those are consumed, it is asked again; not so with
     * acknowledging by hand, which nobody here can hasten. Where nobody takes what comes, the buffer is all that is waited
     * for: who was not there to make room while the subscriber was open is not awaited when it closes.
     *
     * <p>With a session that outlives the connection, one answer is enough: the rest waits there.
     */
    private boolean awaitRest(long deadline) throws InterruptedException {
        if (state() == ConnectionState.CONNECTED) {
            if (!outlives()) {
                unsubscribe();
            }
            // Reading may stand still though there is room, and nobody comes any more to make it half.
            inbound.connection.resume();
        }
        while (state() == ConnectionState.CONNECTED && !deaf) {
            if (!awaitBarrier(deadline) || !awaitConsumed(deadline)) {
                return false;
            }
        }
        return awaitConsumed(deadline);
    }

    /** Whether the broker keeps the session when the connection has ended. */
    private boolean outlives() {
        Inbound current = inbound;
        return current != null && current.limits.keepsSession();
    }

    private void unsubscribe() {
        unsubscribed = true;
        inbound.connection.send(new Packet.Unsubscribe(UNSUBSCRIBE_ID, Properties.NONE, topics()));
    }

    private boolean awaitBarrier(long deadline) throws InterruptedException {
        long finished = acks.finished();
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        // Attached before the answer can come, so that it runs before anything behind the answer is decoded.
        CompletableFuture<Void> decided = answer.thenAccept(
                came -> deaf = deaf || outlives() || manualAck || !isConsuming() || !acks.wasFull(finished));
        inbound.connection.ping(answer);
        try {
            decided.get(deadline - timers.nanoTime(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether somebody takes what waits, without being waited for himself. */
    private boolean isConsuming() {
        return way.get() == Way.HANDLER || (way.get() == Way.STREAM && stream.isWanted());
    }

    private boolean awaitConsumed(long deadline) throws InterruptedException {
        return inbox.awaitHandled(deadline - timers.nanoTime(), this::isConsuming);
    }

    private void awaitOwnThread() {
        try {
            if (ownThread != null) {
                ownThread.awaitEnd(MOST_TO_END_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration timeout() {
        return Duration.ofNanos(timeoutNanos);
    }

    @Override
    public List<String> topics() {
        return subscriptions.stream().map(Packet.Subscription::filter).toList();
    }

    @Override
    public String clientId() {
        return link.clientId();
    }

    @Override
    public CompletableFuture<Void> reauthenticate() {
        return link.reauthenticate();
    }

    @Override
    public ConnectionState state() {
        return link.state();
    }

    @Override
    public String toString() {
        return "Subscriber[" + topics() + ", " + clientId() + ", " + state() + "]";
    }
}
