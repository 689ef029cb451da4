package dev.recado.transport.blocking;

import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.Dialer;
import dev.recado.spi.OutboundBuffer;
import dev.recado.spi.Peer;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: {@link #read} is its reader thread, {@link #write()} its writer thread, the {@link Connection} methods are
 * for everybody else and touch no socket, except that {@link #abort} closes it, which an interrupt does not disturb.
 *
 * <p>Implementation note. The reader makes every callback but {@code drained}, and the last one only after the writer has
 * ended, so {@code closed} cannot overlap {@code drained} (T5). Whatever breaks is put into {@link #failure} once, by
 * whichever thread sees it first; the other one then sees the socket closed, which is no news. Only what breaks the writing
 * waits, in {@link #writeFailure}, for what the reader still finds.
 */
final class BlockingConnection implements Connection {

    private static final Logger LOG = LoggerFactory.getLogger(BlockingConnection.class);

    private enum Writer {
        NOT_BEGUN,
        WRITING,
        ENDED
    }

    private final BlockingTransport transport;
    private final String name;
    private final ConnectionOptions options;
    private final Acceptor acceptor;
    private final Dialer dialer;
    private final OutboundBuffer out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** The reader's. */
    private ConnectionHandler handler;

    private volatile SocketChannel channel;
    private volatile Peer peer;

    // Guarded by lock:
    private Phase phase;
    private boolean paused;
    private boolean outputEnded;
    private boolean peerEnded;
    private Writer writer = Writer.NOT_BEGUN;
    private Throwable failure;
    private IOException writeFailure;
    private Future<?> limit;

    /** A connection that has been accepted: {@code channel}; or is to be made: {@code dialer}. The other is null. */
    BlockingConnection(
            BlockingTransport transport,
            String name,
            ConnectionOptions options,
            Acceptor acceptor,
            SocketChannel channel,
            Dialer dialer,
            BufferPool writeBuffers) {
        this.transport = transport;
        this.name = name;
        this.options = options;
        this.acceptor = acceptor;
        this.channel = channel;
        this.dialer = dialer;
        this.phase = dialer == null ? Phase.OPEN : Phase.CONNECTING;
        this.out = new OutboundBuffer(writeBuffers, options);
    }

    // ---- The reader

    /** The reader's whole life. */
    void read() {
        handler = askAcceptor();
        if (handler != null) {
            converse();
        }
        end();
    }

    /** In place of {@link #read} when no thread could be had for it. */
    void refuse(RejectedExecutionException cause) {
        handler = askAcceptor();
        fail(cause);
        end();
    }

    private ConnectionHandler askAcceptor() {
        try {
            return acceptor.accept(this);
        } catch (Throwable e) {
            LOG.warn("an acceptor failed, its connection is aborted", e);
            return null;
        }
    }

    private void converse() {
        try {
            connect();
            handler.opened();
            transport.threads().forgetInterrupt();
            transport.threads().start("writer-" + name, this::write);
            readToEnd();
            finishOutput();
        } catch (IOException e) {
            broken(e);
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void connect() throws IOException {
        if (dialer != null) {
            channel = dialer.dial();
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        peer = Peer.of(channel.getRemoteAddress());
        advance(Phase.OPEN);
    }

    private void readToEnd() throws IOException {
        ByteBuffer buffer = transport.readBuffers().take();
        try {
            while (awaitResumed()) {
                if (channel.read(buffer.clear()) < 0) {
                    peerHasEnded();
                    return;
                }
                // Again: drained(), which may overlap the reading, may have paused (T14).
                if (awaitResumed() && phase() == Phase.OPEN) {
                    handler.received(buffer.flip());
                    transport.threads().forgetInterrupt();
                }
            }
        } finally {
            transport.readBuffers().give(buffer);
        }
    }

    /** Waits while reading is paused and nobody closes. Returns false when writing has failed and nothing may be read. */
    private boolean awaitResumed() {
        lock.lock();
        try {
            while (paused && phase == Phase.OPEN && writeFailure == null) {
                changed.awaitUninterruptibly();
            }
            return !(paused && phase == Phase.OPEN);
        } finally {
            lock.unlock();
        }
    }

    private void peerHasEnded() {
        lock.lock();
        try {
            peerEnded = true;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is read any more: what was written before still goes out. */
    private void finishOutput() {
        finish();
        lock.lock();
        try {
            while (writer != Writer.ENDED && phase != Phase.ENDED) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        abort();
        awaitWriter();
        if (handler != null) {
            callClosed();
        }
        transport.ended(this);
    }

    private void awaitWriter() {
        lock.lock();
        try {
            if (limit != null) {
                limit.cancel(false);
            }
            if (writer == Writer.NOT_BEGUN) {
                // It will find out that it came too late: an executor may start it at any time, or never.
                writer = Writer.ENDED;
            }
            while (writer != Writer.ENDED) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void callClosed() {
        try {
            handler.closed(failure());
        } catch (Throwable e) {
            LOG.warn("a handler's closed() failed", e);
        }
    }

    // ---- The writer

    private void write() {
        if (!writerMoved(Writer.NOT_BEGUN, Writer.WRITING)) {
            return;
        }
        try {
            writeToEnd();
        } catch (IOException e) {
            writingBroke(e);
        } catch (Throwable e) {
            fail(e);
        } finally {
            writerMoved(Writer.WRITING, Writer.ENDED);
        }
    }

    private void writeToEnd() throws IOException {
        out.writeTo(channel, this::callDrained);
        lock.lock();
        try {
            outputEnded = true;
        } finally {
            lock.unlock();
        }
        channel.shutdownOutput();
    }

    private void callDrained() {
        handler.drained();
        transport.threads().forgetInterrupt();
    }

    /**
     * The peer's last words, such as a DISCONNECT, may have come before it reset the connection: the reader goes on. If it
     * finds that the peer ended its output before, then the connection did not break (T17).
     */
    private void writingBroke(IOException cause) {
        lock.lock();
        try {
            if (!agreed()) {
                writeFailure = cause;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        out.discard();
        limitTime();
    }

    private boolean writerMoved(Writer from, Writer to) {
        lock.lock();
        try {
            if (writer != from) {
                return false;
            }
            writer = to;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    // ---- Phases and failures

    private Phase phase() {
        lock.lock();
        try {
            return phase;
        } finally {
            lock.unlock();
        }
    }

    private void advance(Phase next) {
        lock.lock();
        try {
            phase = phase.advancedTo(next);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Throwable failure() {
        lock.lock();
        try {
            return failure != null || peerEnded ? failure : writeFailure;
        } finally {
            lock.unlock();
        }
    }

    /** Reading the socket, or connecting it, has failed. */
    private void broken(IOException cause) {
        lock.lock();
        try {
            if (!agreed() && failure == null) {
                failure = cause;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Once both ends have agreed to end, or this one has aborted, a reset takes nothing away (T15, T16, T17). */
    private boolean agreed() {
        return phase == Phase.ENDED || peerEnded || (outputEnded && phase == Phase.CLOSING);
    }

    /** T19: a callback has thrown, or no thread could be had. */
    private void fail(Throwable cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
        } finally {
            lock.unlock();
        }
        abort();
    }

    private void finish() {
        advance(Phase.CLOSING);
        out.end();
        limitTime();
    }

    /** Aborts after the close timeout, unless the connection has ended by then. */
    private void limitTime() {
        lock.lock();
        try {
            if (limit == null && phase != Phase.ENDED) {
                long timeout = options.closeTimeout().toNanos();
                limit = transport.timer().schedule(this::abort, timeout, TimeUnit.NANOSECONDS);
            }
        } catch (RejectedExecutionException e) {
            LOG.trace("the transport is closing, and aborts this connection in any case", e);
        } finally {
            lock.unlock();
        }
    }

    // ---- The outbound half, for any thread

    @Override
    public void write(ByteBuffer... bytes) {
        out.write(bytes);
    }

    @Override
    public void flush() {
        // Its result does not matter: the writer is the drainer, and before there is one nobody may be.
        out.flush();
    }

    @Override
    public long pending() {
        return out.pending();
    }

    @Override
    public void pauseReading() {
        setPaused(true);
    }

    @Override
    public void resumeReading() {
        setPaused(false);
    }

    private void setPaused(boolean value) {
        lock.lock();
        try {
            paused = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        if (phase() == Phase.CONNECTING && out.pending() == 0) {
            abort();
        } else {
            finish();
        }
    }

    @Override
    public void abort() {
        advance(Phase.ENDED);
        out.discard();
        try {
            if (dialer != null) {
                dialer.cancel();
            } else {
                channel.close();
            }
        } catch (IOException e) {
            LOG.debug("a socket did not close", e);
        }
    }

    @Override
    public Peer peer() {
        Peer known = peer;
        if (known == null) {
            throw new IllegalStateException("the connection is not open yet: its peer is known from opened() on");
        }
        return known;
    }
}
