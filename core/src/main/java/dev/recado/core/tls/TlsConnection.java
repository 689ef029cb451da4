package dev.recado.core.tls;

import dev.recado.core.time.Timers;
import dev.recado.spi.BufferPool;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Peer;
import java.io.ByteArrayOutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection under TLS: below, the transport's handler; above, the engine's connection.
 *
 * <p>Implementation note. All that is inbound happens in turns: whoever raises {@link #wakeUps} from 0 has the turn, and the
 * callbacks are made in it, so they never overlap (T5). That is the transport's thread while bytes come. When something else
 * calls for a turn (a resume, the end of a delegated task), it runs on the executor, because a caller of this connection must
 * not meet a callback (T18), and a transport lends no thread. What the transport brings while the executor has the turn is
 * stashed, and the connection below paused until that is used up. Nobody waits for a turn: a handler may close the transport,
 * which waits for its threads.
 *
 * <p>Bytes are decrypted just before they are delivered. What comes while the handler has paused stays encrypted, and few:
 * the connection below is paused as well (T14).
 */
final class TlsConnection implements Connection, ConnectionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(TlsTransport.class);

    /** How the connection ends; {@code cause} is what the handler is told. */
    private record End(Throwable cause) {}

    private static final int MOST_UNREAD_ANSWERS = 1000;

    private static final End ORDERLY = new End(null);

    private final TlsLayer layer;
    private final Connection below;
    private final Executor executor;
    private final Timers timers;
    private final BufferPool buffers;
    private final TlsOutput out;

    private final AtomicReference<TlsPhase> phase = new AtomicReference<>(TlsPhase.CONNECTING);

    /** The first counts. */
    private final AtomicReference<End> end = new AtomicReference<>();

    /** Calls for a turn not yet answered. */
    private final AtomicInteger wakeUps = new AtomicInteger();

    private volatile boolean connected;
    private volatile boolean computed;
    private volatile boolean paused;
    private volatile boolean closeAsked;

    /** {@link ConnectionHandler#opened} has returned; only then may {@code drained} come. */
    private volatile boolean opened;

    /** Something waits to be unwrapped, and more must not come before it is. Written in turns. */
    private volatile boolean blocked;

    private volatile boolean ended;
    private volatile Throwable endBelow;
    private volatile Peer peer;

    private final ReentrantLock readingLock = new ReentrantLock();

    // Guarded by readingLock:

    /** What came while another thread had the turn, see there; {@code null} when nothing did. */
    private ByteArrayOutputStream stash;

    private boolean held;

    // Of whoever has the turn:
    private ConnectionHandler handler;
    private final TlsInput in;
    private SSLEngine engine;
    private boolean renegotiable;
    private boolean flushDue;
    private int unreadAnswers;
    private boolean over;
    private Timers.Timer limit = () -> {};

    TlsConnection(TlsLayer layer, Connection below) {
        this.layer = layer;
        this.below = below;
        this.executor = layer.executor();
        this.timers = layer.timers();
        this.buffers = layer.buffers();
        this.in = new TlsInput(buffers);
        this.out = new TlsOutput(below, buffers, layer.highWaterMark());
    }

    /** Before anything else. */
    void handler(ConnectionHandler above) {
        handler = above;
    }

    // ---- Called by the connection below

    @Override
    public void opened() {
        connected = true;
        wakeHere();
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (wakeUps.compareAndSet(0, 1)) {
            turn(bytes);
            if (wakeUps.decrementAndGet() != 0) {
                turns();
            }
        } else {
            stash(bytes);
            wakeHere();
        }
    }

    @Override
    public void drained() {
        if (!opened) {
            // It was the handshake that drained.
            return;
        }
        try {
            handler.drained();
        } catch (Throwable e) {
            handlerFailed(e);
        }
    }

    @Override
    public void closed(Throwable cause) {
        endBelow = cause;
        ended = true;
        wakeHere();
    }

    private void stash(ByteBuffer bytes) {
        readingLock.lock();
        try {
            if (stash == null) {
                stash = new ByteArrayOutputStream();
            }
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            stash.writeBytes(copy);
        } finally {
            readingLock.unlock();
        }
        regulate();
    }

    private byte[] takeStash() {
        readingLock.lock();
        try {
            byte[] taken = stash == null ? null : stash.toByteArray();
            stash = null;
            return taken;
        } finally {
            readingLock.unlock();
        }
    }

    /** Stops or resumes the connection below, whichever is right now. */
    private void regulate() {
        readingLock.lock();
        try {
            boolean hold = stash != null || blocked || (paused && phase.get() == TlsPhase.OPEN);
            if (hold == held) {
                return;
            }
            held = hold;
            if (hold) {
                below.pauseReading();
            } else {
                below.resumeReading();
            }
        } finally {
            readingLock.unlock();
        }
    }

    // ---- Turns

    private void wakeHere() {
        if (wakeUps.getAndIncrement() == 0) {
            turns();
        }
    }

    private void wakeElsewhere() {
        if (wakeUps.getAndIncrement() != 0) {
            return;
        }
        try {
            executor.execute(this::turns);
        } catch (RejectedExecutionException e) {
            // The TLS transport is closed. The end of the connection below will bring another turn.
            wakeUps.set(0);
            end(ORDERLY);
            below.abort();
        }
    }

    private void turns() {
        int seen;
        do {
            seen = wakeUps.get();
            turn(null);
        } while (wakeUps.addAndGet(-seen) != 0);
    }

    private void turn(ByteBuffer bytesOrNull) {
        if (over) {
            return;
        }
        try {
            begin();
            if (computed) {
                computed = false;
                move(TlsPhase.Event.TASK_DONE);
            }
            read(bytesOrNull);
        } catch (Throwable e) {
            failed(e);
        }
        if (flushDue) {
            flushDue = false;
            below.flush();
        }
        if (ended) {
            finish();
        } else {
            regulate();
        }
    }

    private void begin() throws SSLException {
        if (!connected || engine != null || phase.get().isOver()) {
            return;
        }
        // From now on, for it may fail at once.
        limit = timers.schedule(layer.handshakeNanos(), this::handshakeTimedOut);
        engine = layer.newEngine();
        out.engine(engine);
        engine.beginHandshake();
        move(TlsPhase.Event.CONNECTED);
    }

    private void read(ByteBuffer bytesOrNull) throws SSLException {
        byte[] stashed = takeStash();
        if (stashed != null) {
            in.keep(ByteBuffer.wrap(stashed));
        }
        boolean wantsMore = process();
        while (bytesOrNull != null && bytesOrNull.hasRemaining() && !phase.get().isOver()) {
            if (wantsMore) {
                in.fill(bytesOrNull);
                wantsMore = process();
            } else {
                in.keep(bytesOrNull);
            }
        }
        if (phase.get().isOver()) {
            in.release();
        }
        blocked = !wantsMore && !phase.get().isOver() && (phase.get() == TlsPhase.COMPUTING || !in.isEmpty());
    }

    /**
     * Goes on with the handshake, and with what has come, as far as possible.
     *
     * @return whether it stopped because more has to come from the peer
     */
    private boolean process() throws SSLException {
        if (engine == null) {
            return false;
        }
        ByteBuffer plain = buffers.take();
        try {
            HandshakeStatus status = engine.getHandshakeStatus();
            while (mayGoOn()) {
                if (status == HandshakeStatus.NEED_TASK) {
                    compute();
                    status = engine.getHandshakeStatus();
                } else if (status == HandshakeStatus.NEED_WRAP) {
                    requireReader();
                    flushDue = true;
                    if (!out.handshake()) {
                        return false;
                    }
                    status = engine.getHandshakeStatus();
                } else if (isSecured(status)) {
                    open();
                } else if (in.isEmpty()) {
                    deliver(plain);
                    return true;
                } else {
                    SSLEngineResult result = in.unwrap(engine, plain);
                    status = result.getHandshakeStatus();
                    switch (result.getStatus()) {
                        case OK -> refuseRenegotiation(status);
                        case BUFFER_UNDERFLOW -> {
                            deliver(plain);
                            return true;
                        }
                        case BUFFER_OVERFLOW -> plain = makeRoom(plain);
                        case CLOSED -> {
                            deliver(plain);
                            peerClosed();
                        }
                    }
                }
            }
            deliver(plain);
            return false;
        } finally {
            giveBack(plain);
        }
    }

    private boolean mayGoOn() {
        return switch (phase.get()) {
            case NEGOTIATING, OPENING -> true;
            case OPEN -> !paused && !closeAsked;
            case CONNECTING, COMPUTING, CLOSING, CLOSED -> false;
        };
    }

    /** Each update of keys may ask for another one in answer: a peer that reads none of them must not fill the memory. */
    private void requireReader() throws SSLException {
        if (phase.get() != TlsPhase.OPEN) {
            return;
        }
        unreadAnswers = below.pending() == 0 ? 0 : unreadAnswers + 1;
        if (unreadAnswers > MOST_UNREAD_ANSWERS) {
            throw new SSLException("the peer asked for more than " + MOST_UNREAD_ANSWERS
                    + " updates of keys and did not read the answers");
        }
    }

    private boolean isSecured(HandshakeStatus status) {
        return phase.get() == TlsPhase.NEGOTIATING
                && (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED);
    }

    /**
     * In TLS 1.2, a handshake within the connection. It has been a way to smuggle bytes in (RFC 5746), MQTT has no use for it,
     * and the program's other users of TLS may want the JVM's own switch to be as it is.
     */
    private void refuseRenegotiation(HandshakeStatus status) throws SSLException {
        // In this order: what this side does when it closes comes after the change of phase.
        if (renegotiable
                && status != HandshakeStatus.NOT_HANDSHAKING
                && status != HandshakeStatus.FINISHED
                && phase.get() == TlsPhase.OPEN) {
            throw new SSLException("the peer asked to negotiate again, which is refused");
        }
    }

    /** There is a record to unwrap that does not fit behind what has been unwrapped before it. */
    private ByteBuffer makeRoom(ByteBuffer plain) {
        if (plain.position() > 0) {
            deliver(plain);
            return plain;
        }
        int needed = engine.getSession().getApplicationBufferSize();
        if (needed <= plain.capacity()) {
            throw new IllegalStateException(
                    "the engine needs more room than the " + needed + " bytes that it asks for");
        }
        giveBack(plain);
        return ByteBuffer.allocate(needed);
    }

    private void giveBack(ByteBuffer plain) {
        if (plain.capacity() == TlsLayer.BUFFER_BYTES) {
            buffers.give(plain);
        }
    }

    private void deliver(ByteBuffer plain) {
        plain.flip();
        // Paused or not: a pause from another thread lets one call through (T14), and one from a callback finds no
        // bytes here.
        if (plain.hasRemaining() && phase.get() == TlsPhase.OPEN && !closeAsked) {
            try {
                handler.received(plain);
            } catch (Throwable e) {
                handlerFailed(e);
            }
        }
        plain.clear();
    }

    private void compute() {
        if (!move(TlsPhase.Event.TASK)) {
            // After the handshake: not in the JDK's engine, and nothing that takes long.
            runTasks();
            return;
        }
        try {
            executor.execute(() -> {
                runTasks();
                computed = true;
                wakeHere();
            });
        } catch (RejectedExecutionException e) {
            end(ORDERLY);
            below.abort();
        }
    }

    /** What a task throws, the engine throws from its next method. */
    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                end(new End(layer.handshakeFailed(e)));
                below.abort();
            }
        }
    }

    private void open() throws SSLException {
        limit.cancel();
        // Before the callback: the peer must not wait for its own.
        below.flush();
        flushDue = false;
        peer = new Peer(below.peer().address(), Optional.of(engine.getSession()));
        renegotiable = !engine.getSession().getProtocol().equals("TLSv1.3");
        if (!move(TlsPhase.Event.SECURED)) {
            return;
        }
        try {
            handler.opened();
        } catch (Throwable e) {
            handlerFailed(e);
            return;
        }
        opened = true;
        if (move(TlsPhase.Event.OPENED)) {
            out.open();
            flushDue = true;
        }
        if (closeAsked) {
            closeNow();
        }
    }

    /** The peer's {@code close_notify}: the end of input ends the connection (T17). */
    private void peerClosed() throws SSLException {
        if (phase.get() == TlsPhase.NEGOTIATING) {
            throw new SSLException("the peer closed the connection");
        }
        end(ORDERLY);
        out.stop();
        closeNow();
    }

    // ---- The end

    /** {@code false} when it changes nothing. */
    private boolean move(TlsPhase.Event event) {
        TlsPhase before = phase.getAndUpdate(now -> now.after(event));
        return before.after(event) != before;
    }

    private void end(End how) {
        end.compareAndSet(null, how);
    }

    /** After {@code out.stop()}: sends what is left, says {@code close_notify}, and closes the connection below. */
    private void closeNow() {
        TlsPhase before = phase.getAndUpdate(now -> now.after(TlsPhase.Event.CLOSE));
        if (before.isOver()) {
            return;
        }
        try {
            if (before != TlsPhase.CONNECTING) {
                out.finish(before.isSecure());
            }
        } catch (SSLException | RuntimeException | Error e) {
            LOG.debug("no close_notify for {}", layer.name(), e);
            if (before.isSecure()) {
                // What was written is lost with it.
                end(new End(layer.connectionFailed(e)));
            }
        }
        below.close();
    }

    /** The engine, or what surrounds it, has failed: tells the peer why, as far as it can be told. In a turn. */
    private void failed(Throwable cause) {
        if (phase.get().isOver()) {
            LOG.debug("{} failed while it was closing", layer.name(), cause);
            return;
        }
        end(new End(opened ? layer.connectionFailed(cause) : handshakeFailed(cause)));
        out.stop();
        if (!move(TlsPhase.Event.CLOSE)) {
            return;
        }
        try {
            if (engine == null) {
                below.abort();
                return;
            }
            engine.closeOutbound();
            out.alert();
        } catch (SSLException | RuntimeException | Error e) {
            LOG.debug("no alert for {}", layer.name(), e);
        }
        below.close();
    }

    private Throwable handshakeFailed(Throwable cause) {
        return in.beginsAsTls() ? layer.handshakeFailed(cause) : layer.notTls(cause);
    }

    private void handshakeTimedOut() {
        end(new End(new SocketTimeoutException(layer.handshakeTimedOut())));
        abort();
    }

    /** T19. */
    private void handlerFailed(Throwable cause) {
        end(new End(cause));
        abort();
    }

    private void finish() {
        over = true;
        limit.cancel();
        TlsPhase before = phase.getAndUpdate(now -> now.after(TlsPhase.Event.ENDED));
        out.discard();
        in.release();
        layer.forget(this);
        try {
            handler.closed(causeOfEnd(before));
        } catch (Throwable e) {
            LOG.warn("a handler's closed() failed", e);
        }
    }

    private Throwable causeOfEnd(TlsPhase before) {
        End how = end.get();
        if (how != null) {
            return how.cause();
        }
        if (endBelow != null || closeAsked || layer.isClosing() || before == TlsPhase.CONNECTING) {
            return endBelow;
        }
        return opened ? layer.truncated() : layer.handshakeFailed(new SSLException("the peer ended the connection"));
    }

    // ---- Called from above, by any thread

    @Override
    public void write(ByteBuffer... bytes) {
        try {
            out.write(bytes);
        } catch (SSLException | Error e) {
            sealingFailed(e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (SSLException | Error e) {
            sealingFailed(e);
        }
    }

    private void sealingFailed(Throwable cause) {
        end(new End(layer.connectionFailed(cause)));
        abort();
    }

    @Override
    public long pending() {
        return out.pending();
    }

    @Override
    public void pauseReading() {
        paused = true;
        regulate();
    }

    @Override
    public void resumeReading() {
        paused = false;
        if (blocked || wakeUps.get() != 0) {
            wakeElsewhere();
        }
        regulate();
    }

    @Override
    public void close() {
        out.stop();
        closeAsked = true;
        // What was written goes out first: the turn that opens the connection closes it. This order, or it might not
        // see it.
        if (phase.get().isSecure() || !out.waitsForOpen()) {
            closeNow();
        }
    }

    @Override
    public void abort() {
        end(ORDERLY);
        move(TlsPhase.Event.CLOSE);
        out.stop();
        below.abort();
    }

    @Override
    public Peer peer() {
        Peer known = peer;
        if (known != null) {
            return known;
        }
        if (phase.get() == TlsPhase.CLOSED && connected) {
            // Not opened, but those who log the failure want to know whose it was.
            return below.peer();
        }
        throw new IllegalStateException("the connection is not open yet: its peer is known from opened() on");
    }
}
