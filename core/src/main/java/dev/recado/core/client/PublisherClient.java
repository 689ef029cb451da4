package dev.recado.core.client;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.codec.AckView;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher. A call's way: {@link MessageChecks} makes a {@link Delivery} of the message; the caller passes the entrance,
 * where it waits its turn for room in the window; under the client's lock the delivery enters the {@link Outbox} and
 * {@link #pump} writes what may be written; outside the lock the bytes are flushed. Acknowledgements, {@code drained}, a new
 * connection and the time limit are the other occasions on which deliveries move; each ends in
 * {@link #settle}.
 *
 * <p>Two locks, because waiting for room must keep the callers' order: the fair entrance is held while waiting, the client's
 * lock only while something changes.
 */
final class PublisherClient implements Publisher, ClientLink.Role {

    private static final Logger LOG = LoggerFactory.getLogger(PublisherClient.class);

    /** The broker sends acknowledgements; their longest text, a reason string, is 64 KiB. */
    private static final int MAX_PACKET_SIZE = 256 * 1024;

    /** A caller that comes back within this time is running ahead; see {@link #flush(ClientConnection, boolean, long)}. */
    private static final long RUNNING_AHEAD_NANOS = 100_000;

    private final List<String> topics;
    private final String topic;
    private final boolean retain;
    private final QoS qos;
    private final long timeoutNanos;
    private final MessageChecks checks;
    private final PublishWriter writer;
    private final Timers timers;
    private final ClientLink link;
    private final ReentrantLock entrance = new ReentrantLock(true);
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean flushDue = new AtomicBoolean();

    private final ReentrantLock lock;

    /** Signalled, if somebody waits, when deliveries have finished. */
    private final Condition progress;

    private volatile ServerLimits limits;
    private volatile long lastFlush;

    // Guarded by lock.
    private final Outbox outbox;
    private final AckView ack = new AckView();
    private DeliveryQueue finished = new DeliveryQueue();
    private ClientConnection connection;

    /** The broker has a session of this client, whose state is in the outbox. */
    private boolean inSession;

    /** PUBRELs were written since the last flush. */
    private boolean released;

    private int waiting;
    private Timers.Timer expiry = () -> {};
    private boolean expiryArmed;

    /** Counts what was written at QoS 0, and up to where it is known to have arrived. */
    private long lastUnacknowledged;

    private long lastConfirmed;

    /**
     * Does nothing yet.
     *
     * @param topics names or filters that it states, one at least
     */
    PublisherClient(ClientSettings settings, Timers timers, List<String> topics, QoS qos, boolean retain, int window) {
        this.topics = topics;
        this.topic = String.join(", ", topics);
        this.retain = retain;
        this.qos = qos;
        this.timeoutNanos = settings.timeoutNanos();
        this.checks = new MessageChecks(topics, qos, retain, settings.version(), timeoutNanos);
        this.writer = new PublishWriter(settings.version());
        this.outbox = new Outbox(window);
        this.link = new ClientLink(settings, this, timers);
        this.timers = link.timers();
        this.lock = link.lock();
        this.progress = lock.newCondition();
        this.lastFlush = this.timers.nanoTime() - RUNNING_AHEAD_NANOS;
    }

    PublisherClient connect() {
        link.open();
        return this;
    }

    // ---- the role

    @Override
    public String name() {
        return "publisher";
    }

    @Override
    public void describe(Properties.Builder connect) {
        topics.forEach(stated -> connect.userProperty("recado-topic", stated));
        connect.set(Property.MAXIMUM_PACKET_SIZE, MAX_PACKET_SIZE);
    }

    @Override
    public int maxPacketSize() {
        return MAX_PACKET_SIZE;
    }

    @Override
    public void accepted(ClientConnection accepted, ServerLimits granted) {
        if (qos.compareTo(granted.maxQos()) > 0) {
            accepted.fail(Loss.forGood(MessageChecks.refusedQos(qos, granted)));
        } else if (retain && !granted.retainAvailable()) {
            accepted.fail(Loss.forGood(new RefusedException(
                    "the publisher retains its messages, but the broker keeps no last values (MQTT-3.2.2-14);"
                            + " open it with retain(false)",
                    ReasonCode.RETAIN_NOT_SUPPORTED)));
        } else {
            link.ready(accepted);
        }
    }

    @Override
    public boolean endsSession() {
        // Nothing waits in it for a publisher, and what it was sending is known to this object only.
        return true;
    }

    /** What waits is written at the end of the batch of packets that brought CONNACK. */
    @Override
    public void connected(ClientConnection accepted, ServerLimits granted) {
        if (inSession && !granted.sessionPresent()) {
            sessionLost();
        } else if (!inSession && granted.sessionPresent()) {
            outbox.inherited();
        }
        limits = granted;
        connection = accepted;
        inSession = true;
        writer.connected(granted);
        outbox.connected(granted.receiveMaximum());
        outbox.released().forEach(delivery -> writer.release(delivery.packetId, ReasonCode.SUCCESS, accepted));
    }

    @Override
    public void disconnected() {
        connection = null;
        // What was sent at QoS 0 is gone with the connection; nobody waits for it any more.
        lastConfirmed = lastUnacknowledged;
        if (!limits.keepsSession() && !closing.get()) {
            sessionLost();
            if (finished.first() != null) {
                timers.schedule(0, this::settleFinished);
            }
        }
        signalProgress();
    }

    private void settleFinished() {
        DeliveryQueue done;
        lock.lock();
        try {
            done = takeFinished();
        } finally {
            lock.unlock();
        }
        settle(done);
    }

    private void sessionLost() {
        inSession = false;
        DeliveryQueue undecided = new DeliveryQueue();
        outbox.sessionLost(undecided);
        for (Delivery delivery = undecided.first(); delivery != null; delivery = delivery.next) {
            delivery.failure = new ConnectionFailedException(
                    "the connection was lost while the message to '" + MessageChecks.topicOf(delivery)
                            + "' was on its way, and with it the session: it may have arrived, and is not sent again"
                            + " because it must not arrive twice",
                    null);
        }
        undecided.moveTo(finished);
    }

    @Override
    public void received(ClientConnection from, PacketReader packet) throws CodecException {
        String breach;
        lock.lock();
        try {
            if (from != connection) {
                return;
            }
            breach = switch (packet.type()) {
                case PUBACK, PUBREC, PUBCOMP -> {
                    ack.decode(packet, from.version());
                    yield acknowledged(packet, from, outbox.inFlight(ack.packetId()));
                }
                default -> "a publisher was sent " + packet.type();
            };
        } finally {
            lock.unlock();
        }
        if (breach != null) {
            from.breach(ReasonCode.PROTOCOL_ERROR, breach);
        }
    }

    /**
     * Under the lock: what an acknowledgement does.
     *
     * @param delivery {@code null} when its identifier stands for nothing
     * @return how the broker broke the protocol; {@code null} when it did not
     */
    private String acknowledged(PacketReader packet, ClientConnection from, Delivery delivery) throws CodecException {
        PacketType type = packet.type();
        if (delivery == null) {
            LOG.debug("'{}': {} for {}, which is not in flight", topic, type, ack.packetId());
            if (type == PacketType.PUBREC && !ack.reasonCode().isError()) {
                release(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
            }
            return null;
        }
        if ((type == PacketType.PUBACK) != (delivery.qos == QoS.AT_LEAST_ONCE)) {
            return type + " came for packet " + ack.packetId() + ", which was sent with QoS " + delivery.qos;
        }
        if (type != PacketType.PUBCOMP && ack.reasonCode().isError()) {
            // Read once more, as a whole: the view leaves out why.
            Packet.Ack refusal = (Packet.Ack) PacketDecoder.decode(packet, from.version());
            delivery.failure = new RefusedException(
                    "the broker refused the message to '" + MessageChecks.topicOf(delivery) + "': "
                            + ReasonText.of(refusal.reasonCode(), refusal.properties()),
                    refusal.reasonCode());
            finished(delivery);
        } else if (type == PacketType.PUBREC) {
            delivery.unmatched = ack.reasonCode() == ReasonCode.NO_MATCHING_SUBSCRIBERS;
            outbox.received(delivery);
            release(ReasonCode.SUCCESS);
        } else if (type == PacketType.PUBACK || delivery.state == DeliveryState.RELEASED) {
            delivery.unmatched |= ack.reasonCode() == ReasonCode.NO_MATCHING_SUBSCRIBERS;
            finished(delivery);
        }
        return null;
    }

    private void release(ReasonCode code) {
        writer.release(ack.packetId(), code, connection);
        released = true;
    }

    private void finished(Delivery delivery) {
        outbox.finished(delivery);
        finished.addLast(delivery);
    }

    @Override
    public boolean wantsMore(ClientConnection from) {
        return true;
    }

    @Override
    public void batchReceived(ClientConnection from) {
        proceed(from);
    }

    @Override
    public void drained(ClientConnection from) {
        proceed(from);
    }

    private void proceed(ClientConnection from) {
        long now = timers.nanoTime();
        boolean wrote;
        DeliveryQueue done;
        lock.lock();
        try {
            wrote = from == connection && pump(now) | takeReleased();
            signalProgress();
            done = takeFinished();
        } finally {
            lock.unlock();
        }
        if (wrote) {
            flush(from, true, now);
        }
        settle(done);
    }

    private boolean takeReleased() {
        boolean any = released;
        released = false;
        return any;
    }

    @Override
    public void ended(RecadoException cause) {
        DeliveryQueue done;
        DeliveryQueue given = new DeliveryQueue();
        lock.lock();
        try {
            expiry.cancel();
            // Acknowledged, and only not told yet: the end may come between a PUBACK and the end of its batch.
            done = takeFinished();
            outbox.moveAllTo(given);
            progress.signalAll();
        } finally {
            lock.unlock();
        }
        settle(done);
        for (Delivery delivery = given.first(); delivery != null; delivery = delivery.next) {
            delivery.failure = link.closed();
        }
        settle(given);
    }

    // ---- publishing

    /** The topic of what names none; throws when there are several. */
    String onlyTopic() {
        return checks.topic();
    }

    @Override
    public void publish(String text) {
        publish(Message.of(checks.topic(), text));
    }

    @Override
    public void publish(byte[] payload) {
        publish(Message.of(checks.topic(), payload));
    }

    @Override
    public void publish(String to, String text) {
        publish(Message.of(to, text));
    }

    @Override
    public CompletableFuture<Void> publishAsync(String text) {
        return publishAsync(Message.of(checks.topic(), text));
    }

    @Override
    public CompletableFuture<Void> publishAsync(Message message) {
        return submit(message, false);
    }

    @Override
    public void publish(Message message) {
        // Its time limit, the broker's answer or the client's end completes it; no further time limit is needed here.
        Delivery delivery = submit(message, true);
        try {
            delivery.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(
                    "interrupted while publishing to '" + message.topic() + "'; the message may still arrive", e);
        } catch (ExecutionException e) {
            // The caller's stack says more than that of the thread that received the answer.
            RuntimeException failure = (RuntimeException) e.getCause();
            failure.fillInStackTrace();
            throw failure;
        }
    }

    /**
     * Publishes without waiting for the acknowledgement.
     *
     * @param urgent whether nothing more is to come at once, so that nothing is gained by waiting for it
     * @return as {@link #publishAsync(Message)}
     */
    Delivery submit(Message message, boolean urgent) {
        long now = timers.nanoTime();
        Delivery delivery = checks.delivery(message, now);
        RuntimeException objection = MessageChecks.objection(delivery, limits);
        if (objection instanceof IllegalArgumentException) {
            throw objection;
        } else if (objection != null) {
            delivery.completeExceptionally(objection);
            return delivery;
        }
        ClientConnection target;
        boolean wrote;
        DeliveryQueue done;
        boolean entered = enter(delivery.deadline);
        try {
            awaitRoom(delivery.deadline);
            now = entered ? timers.nanoTime() : now;
            outbox.add(delivery);
            armExpiry(delivery.deadline);
            wrote = pump(now);
            target = connection;
            done = takeFinished();
        } finally {
            lock.unlock();
            if (entered) {
                entrance.unlock();
            }
        }
        if (wrote) {
            flush(target, urgent, now);
        }
        settle(done);
        return delivery;
    }

    /**
     * Takes the lock. Callers get their turns in the order in which they came.
     *
     * @return whether it has the entrance as well, for there was no room, or somebody waits for it already
     */
    private boolean enter(long deadline) {
        lock.lock();
        if (!entrance.isLocked() && outbox.hasRoom()) {
            return false;
        }
        lock.unlock();
        try {
            if (!entrance.tryLock(deadline - timers.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw noRoom();
            }
        } catch (InterruptedException e) {
            throw interruptedBeforeSending(e);
        }
        lock.lock();
        return true;
    }

    private void awaitRoom(long deadline) {
        waiting++;
        try {
            while (true) {
                if (closing.get() || link.isClosed()) {
                    throw link.closed();
                }
                if (outbox.hasRoom()) {
                    return;
                }
                long left = deadline - timers.nanoTime();
                if (left <= 0) {
                    throw noRoom();
                }
                progress.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw interruptedBeforeSending(e);
        } finally {
            waiting--;
        }
    }

    private static WaitInterruptedException interruptedBeforeSending(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new WaitInterruptedException("interrupted while waiting for room; the message was not sent", e);
    }

    private WaitTimeoutException noRoom() {
        return new WaitTimeoutException(
                "no room in the window within " + timeout() + ": the messages before it are not acknowledged, and the"
                        + " client is " + state() + "; the message was not sent",
                null);
    }

    private Duration timeout() {
        return Duration.ofNanos(timeoutNanos);
    }

    /** Writes what may be written now, in order; under the lock. Returns whether there is something to flush. */
    private boolean pump(long now) {
        ClientConnection target = connection;
        if (target == null) {
            return false;
        }
        boolean wrote = false;
        for (Delivery delivery = outbox.next();
                delivery != null && target.pending() <= link.highWaterMark();
                delivery = outbox.next()) {
            delivery.failure = objection(delivery, now);
            if (delivery.failure == null) {
                write(delivery, now, target);
                wrote = true;
            } else {
                outbox.giveUpNext();
                finished.addLast(delivery);
            }
        }
        return wrote;
    }

    private void write(Delivery delivery, long now, ClientConnection target) {
        outbox.sendNext();
        if (outbox.mayBeMistaken(delivery)) {
            writer.release(delivery.packetId, ReasonCode.SUCCESS, target);
        }
        writer.publish(delivery, delivery.expiryLeft(now), target);
        if (!delivery.isAcknowledged()) {
            lastUnacknowledged++;
            finished.addLast(delivery);
        }
    }

    private RuntimeException objection(Delivery delivery, long now) {
        // Once sent, it is no longer subject to its expiry (MQTT-4.3.3-7).
        return delivery.state == DeliveryState.UNSENT && delivery.hasExpired(now)
                ? new WaitTimeoutException(
                        "the message to '" + MessageChecks.topicOf(delivery)
                                + "' expired while it waited to be sent: its" + " expiry is " + delivery.expiry
                                + " seconds; it was not sent",
                        null)
                : MessageChecks.objection(delivery, limits);
    }

    /**
     * Sends what was written. A message by itself goes out at once. A caller that comes back at once after the last flush is
     * running ahead with many, and one system call takes those of a tenth of a millisecond: it makes that call itself when it
     * comes back later than that, and a timer does when it does not come back. Another thread to flush at once would have to be
     * woken for every few messages, which costs more than it does.
     */
    private void flush(ClientConnection target, boolean urgent, long now) {
        long next = lastFlush + RUNNING_AHEAD_NANOS;
        if (urgent || now - next >= 0) {
            lastFlush = now;
            target.flush();
        } else if (flushDue.compareAndSet(false, true)) {
            timers.schedule(next - now, this::flushLater);
        }
    }

    private void flushLater() {
        // Before flushing: who finds it set has written before, and who comes later asks again.
        flushDue.set(false);
        // Not urgent: somebody may have flushed meanwhile, and then written more.
        flushWritten(false);
    }

    private void flushWritten(boolean urgent) {
        ClientConnection target = current();
        if (target != null) {
            flush(target, urgent, timers.nanoTime());
        }
    }

    private ClientConnection current() {
        lock.lock();
        try {
            return connection;
        } finally {
            lock.unlock();
        }
    }

    // ---- finishing

    private DeliveryQueue takeFinished() {
        if (finished.first() == null) {
            return null;
        }
        DeliveryQueue taken = finished;
        finished = new DeliveryQueue();
        return taken;
    }

    /** Completes futures, without the lock, since the program's code may hang on them. */
    private static void settle(DeliveryQueue done) {
        if (done != null) {
            for (Delivery delivery = done.pollFirst(); delivery != null; delivery = done.pollFirst()) {
                delivery.finish();
            }
        }
    }

    private void signalProgress() {
        if (waiting > 0) {
            progress.signalAll();
        }
    }

    private void armExpiry(long deadline) {
        if (!expiryArmed) {
            expiryArmed = true;
            expiry = timers.schedule(deadline - timers.nanoTime(), this::expire);
        }
    }

    private void expire() {
        List<Delivery> expired = new ArrayList<>();
        lock.lock();
        try {
            long now = timers.nanoTime();
            long soonest = outbox.expire(now, expired);
            expiryArmed = false;
            if (soonest != now) {
                armExpiry(soonest);
            }
            signalProgress();
        } finally {
            lock.unlock();
        }
        for (Delivery delivery : expired) {
            delivery.completeExceptionally(new WaitTimeoutException(
                    "the message to '" + MessageChecks.topicOf(delivery) + "' was not "
                            + (delivery.isAcknowledged() ? "acknowledged" : "sent") + " within " + timeout()
                            + "; the client is " + state(),
                    null));
        }
    }

    // ---- flush and close

    @Override
    public void flush() {
        long deadline = timers.nanoTime() + timeoutNanos;
        flushWritten(true);
        try {
            lock.lock();
            try {
                if (closing.get() || link.isClosed()) {
                    throw link.closed();
                }
                if (!awaitFinished(deadline)) {
                    throw notFlushed();
                }
            } finally {
                lock.unlock();
            }
            if (!awaitUnacknowledged(deadline)) {
                throw notFlushed();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException("interrupted while flushing; what was published is still on its way", e);
        }
    }

    private WaitTimeoutException notFlushed() {
        return new WaitTimeoutException(
                "not all messages were acknowledged within " + timeout() + "; the client is " + state(), null);
    }

    /** Under the lock: waits until all that has been accepted so far is acknowledged or, at QoS 0, written. */
    private boolean awaitFinished(long deadline) throws InterruptedException {
        long last = outbox.lastSequence();
        waiting++;
        try {
            while (!outbox.isFinished(last)) {
                if (link.isClosed()) {
                    throw link.closed();
                }
                long left = deadline - timers.nanoTime();
                if (left <= 0) {
                    return false;
                }
                progress.awaitNanos(left);
            }
            return true;
        } finally {
            waiting--;
        }
    }

    /**
     * Waits until what was written at QoS 0 has left this process. No transport tells when its last byte has gone, so the
     * broker is asked: its PINGRESP says even that it has arrived. A connection lost meanwhile ends the waiting.
     */
    private boolean awaitUnacknowledged(long deadline) throws InterruptedException {
        ClientConnection target;
        long last;
        lock.lock();
        try {
            target = connection;
            last = lastUnacknowledged;
            if (target == null || lastConfirmed >= last) {
                return true;
            }
        } finally {
            lock.unlock();
        }
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        target.ping(answer);
        try {
            answer.get(deadline - timers.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        lock.lock();
        try {
            lastConfirmed = Math.max(lastConfirmed, last);
        } finally {
            lock.unlock();
        }
        return true;
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            link.awaitReleased();
        } else if (link.inCallback()) {
            // Called from a stage of publishAsync's: what is to be waited for comes on this very thread.
            Threads.start("recado-closer-" + clientId(), this::finishAndEnd);
        } else {
            finishAndEnd();
        }
    }

    /** Ends without waiting for anything but its resources; what is on its way may be lost. */
    void closeNow() {
        closing.set(true);
        link.end(null);
        link.awaitReleased();
    }

    /** Why it ended; {@code null} when it has not, or the program closed it. */
    RecadoException endCause() {
        return link.endCause();
    }

    /** Whether the calling thread must not wait for what others do for this publisher. */
    boolean inCallback() {
        return link.inCallback();
    }

    private void finishAndEnd() {
        flushWritten(true);
        try {
            awaitAllFinished();
        } catch (InterruptedException e) {
            link.end(null);
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(
                    "interrupted while closing the publisher of '" + topic + "'; what was on its way may be lost", e);
        }
        link.end(null);
        link.awaitReleased();
    }

    private void awaitAllFinished() throws InterruptedException {
        lock.lock();
        try {
            if (!link.isClosed() && !awaitFinished(timers.nanoTime() + timeoutNanos)) {
                LOG.warn(
                        "publisher '{}' of '{}' closes with {} messages unacknowledged after {}",
                        clientId(),
                        topic,
                        outbox.size(),
                        timeout());
            }
        } catch (RecadoException e) {
            LOG.debug("publisher '{}' ended while closing: {}", clientId(), e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String topic() {
        return topic;
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
        return "Publisher[" + topic + ", " + clientId() + ", " + state() + "]";
    }
}
