package dev.recado.core.memory;

import dev.recado.core.time.Timers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.OutboundBuffer;
import dev.recado.spi.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One half of an in-memory connection. Each half is a trampoline: whatever happens to it is noted in a field and followed
 * by {@link #wake}; one delivering thread at a time then runs the phases of {@link #pass}. So callbacks never overlap and
 * never run inside a caller (T5, T18). A pass delivers one buffer and queues up again behind the other halves (T24).
 *
 * <p>The bytes live in the writing half's {@link OutboundBuffer}; the reading half is its drainer, and keeps that office
 * while it is paused. A buffer counts as pending until the reader's handler has returned from it.
 */
final class MemoryConnection implements Connection, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryTransport.class);

    /** How a connection ended; {@code cause} is what the handler is told. */
    private record End(Throwable cause) {}

    private static final End ORDERLY = new End(null);

    private final MemoryTransport transport;
    private final URI endpoint;
    private final Peer peer;
    private final ConnectionOptions options;
    private final OutboundBuffer out;
    private final ByteBuffer[] batch = new ByteBuffer[1];

    /** Wake-ups not yet answered by a pass; whoever raises it from 0 queues this half. The first one is {@link #start}'s. */
    private final AtomicInteger wakeUps = new AtomicInteger(1);

    private final AtomicReference<End> end = new AtomicReference<>();

    private volatile MemoryConnection other;
    private volatile boolean opened;
    private volatile boolean paused;
    private volatile boolean closing;
    private volatile boolean drainedDue;

    /** The other half is this one's drainer: it became so by our flush, and resigns in its pass. */
    private volatile boolean drainable;

    private volatile Timers.Timer closeTimer = () -> {};

    /** The last pass has begun; wake-ups have no further effect. */
    private volatile boolean over;

    /** Set before the first pass; {@code null} when the acceptor failed. */
    private ConnectionHandler handler;

    MemoryConnection(MemoryTransport transport, URI endpoint, ConnectionOptions options, MemoryAddress peer) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.options = options;
        this.peer = Peer.of(peer);
        this.out = new OutboundBuffer(transport.pool(), options);
    }

    URI endpoint() {
        return endpoint;
    }

    /** Makes two halves one connection. */
    void join(MemoryConnection server) {
        server.other = this;
        other = server;
    }

    /** Asks for the handler; everything else follows in passes (T3, T25). */
    void start(Acceptor acceptor) {
        try {
            handler = acceptor.accept(this);
            if (handler == null) {
                end(new End(new ConnectException("connection to '" + endpoint + "' refused by its acceptor")));
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("an acceptor failed, its connection of '{}' is aborted", endpoint, e);
            end(new End(e));
        }
        transport.deliveries().execute(this);
    }

    private static void wake(MemoryConnection half) {
        if (half != null && !half.over && half.wakeUps.getAndIncrement() == 0) {
            half.transport.deliveries().execute(half);
        }
    }

    /** A turn of this half. Runs on one thread at a time; each turn sees what the one before did (T5). */
    @Override
    public void run() {
        int seen = wakeUps.get();
        if (!over) {
            pass();
        }
        if (wakeUps.addAndGet(-seen) != 0) {
            transport.deliveries().execute(this);
        }
    }

    private void pass() {
        try {
            open();
            reportDrained();
            read();
        } catch (IOException | RuntimeException | Error e) {
            end(new End(e));
        }
        finish();
    }

    private void open() throws ConnectException {
        if (opened || handler == null) {
            return;
        }
        if (other == null) {
            if (end.get() != null) {
                return;
            }
            transport.dial(this);
        }
        // Even when the other side, connected a moment earlier, has already broken it: connected it was.
        opened = true;
        handler.opened();
        // What the acceptor flushed before there was another half.
        wake(other);
        wake(this);
    }

    private void reportDrained() {
        if (drainedDue && end.get() == null) {
            drainedDue = false;
            handler.drained();
        }
    }

    private void read() {
        if (end.get() != null) {
            return;
        }
        MemoryConnection from = other;
        if (from.drainable && (closing || !paused)) {
            if (from.out.take(batch) > 0) {
                deliver(batch[0]);
                from.reportTaken();
            } else {
                from.resignDrainer();
            }
            wake(this);
        }
        if (from.out.finished()) {
            end(ORDERLY);
        }
    }

    private void deliver(ByteBuffer bytes) {
        int limit = bytes.limit();
        try {
            if (!closing) {
                handler.received(bytes);
            }
        } finally {
            bytes.limit(limit).position(limit);
        }
    }

    private void reportTaken() {
        if (out.taken()) {
            drainedDue = true;
            wake(this);
        }
    }

    private void resignDrainer() {
        // Before release(): after it a flush may already make the other half drainer again.
        drainable = false;
        if (!out.release()) {
            drainable = true;
        }
    }

    private void finish() {
        End how = end.get();
        if (how == null) {
            return;
        }
        over = true;
        closeTimer.cancel();
        out.discard();
        transport.forget(this);
        wake(other);
        if (handler == null) {
            return;
        }
        try {
            handler.closed(how.cause());
        } catch (RuntimeException | Error e) {
            LOG.warn("a connection handler of '{}' threw from closed()", endpoint, e);
        }
    }

    /** The first end counts. Unless it is orderly, the other half is cut off as well, before it sees that output ended. */
    private void end(End how) {
        if (end.compareAndSet(null, how) && how != ORDERLY) {
            cutOff();
        }
        wake(this);
    }

    private void cutOff() {
        MemoryConnection half = other;
        if (half != null && half.end.compareAndSet(null, new End(reset()))) {
            wake(half);
        }
        out.discard();
    }

    private IOException reset() {
        return new IOException("connection of '" + endpoint + "' reset: the other side aborted it");
    }

    @Override
    public void write(ByteBuffer... bytes) {
        out.write(bytes);
    }

    @Override
    public void flush() {
        if (out.flush()) {
            drainable = true;
            wake(other);
        }
    }

    @Override
    public long pending() {
        return out.pending();
    }

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void resumeReading() {
        paused = false;
        wake(this);
    }

    @Override
    public void close() {
        if (closing || end.get() != null) {
            return;
        }
        closing = true;
        closeTimer = transport.timers().schedule(options.closeTimeout().toNanos(), this::abort);
        if (out.end()) {
            drainable = true;
        }
        wake(other);
        wake(this);
    }

    @Override
    public void abort() {
        end(new End(null));
    }

    /** The transport closes, and with it the other half: neither is cut off by its peer (T22). */
    void endWithTransport() {
        end(ORDERLY);
    }

    @Override
    public Peer peer() {
        if (!opened) {
            throw new IllegalStateException(
                    "the connection to '" + endpoint + "' is not open yet: it has no peer (T28)");
        }
        return peer;
    }
}
