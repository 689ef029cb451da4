package dev.recado.testkit;

import dev.recado.spi.Acceptor;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A reader thread, which owns the connection and makes all callbacks but one, and a writer thread, which calls drained. */
final class ReferenceConnection implements Connection {

    private final ReferenceTransport transport;
    private final ConnectionOptions options;
    private final Acceptor acceptor;
    private final Dialer dialer;
    private final OutboundBuffer out;
    private volatile SocketChannel channel;
    private volatile Peer peer;

    /** The reader's; the writer starts later. */
    private ConnectionHandler handler;

    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

    // Guarded by this, and notified of:
    private boolean paused;
    private boolean closing;

    /** Aborted, or this side has sent its end: what the socket throws is no news. */
    private boolean over;

    private volatile Throwable failure;

    /** A connection that has been accepted: {@code channel}; or is to be made: {@code dialer}. The other is null. */
    ReferenceConnection(
            ReferenceTransport transport,
            ConnectionOptions options,
            Acceptor acceptor,
            SocketChannel channel,
            Dialer dialer) {
        this.transport = transport;
        this.options = options;
        this.acceptor = acceptor;
        this.channel = channel;
        this.dialer = dialer;
        this.out = new OutboundBuffer(transport.buffers(), options);
    }

    // ---- The reader

    void read() {
        try {
            handler = acceptor.accept(this);
            if (handler != null) {
                converse();
            }
        } catch (Throwable e) {
            // Thrown by the acceptor, or by closed(): nobody is left to be told (T19, T25).
        } finally {
            abort();
            transport.forget(this);
        }
    }

    private void converse() {
        try {
            connect();
            handler.opened();
            written = new CompletableFuture<>();
            transport.threads().make("writer", this::write).start();
            readToEnd();
            close(); // T17: what was written before still goes out, in bounded time
            written.join();
        } catch (Throwable e) {
            fail(e);
        }
        abort();
        written.join(); // or drained() might overlap closed() (T5)
        handler.closed(failure);
    }

    private void connect() throws IOException {
        if (dialer != null) {
            channel = dialer.dial();
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        peer = Peer.of(channel.getRemoteAddress());
    }

    private void readToEnd() throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
        while (channel.read(buffer.clear()) >= 0) {
            if (awaitResumed()) {
                handler.received(buffer.flip());
            }
            Thread.interrupted(); // a handler may have left it set, and it would close the channel
        }
    }

    /** Waits while paused. Returns false when input is to be discarded. */
    private synchronized boolean awaitResumed() throws InterruptedException {
        while (paused && !closing) {
            wait();
        }
        return !closing;
    }

    // ---- The writer

    private void write() {
        try {
            out.writeTo(channel, handler::drained);
            synchronized (this) {
                over = true;
            }
            channel.shutdownOutput();
        } catch (Throwable e) {
            fail(e);
        } finally {
            written.complete(null);
        }
    }

    private void fail(Throwable e) {
        synchronized (this) {
            if (failure == null && !(over && e instanceof IOException)) {
                failure = e;
            }
        }
        abort();
    }

    // ---- The outbound half, for any thread

    @Override
    public void write(ByteBuffer... bytes) {
        out.write(bytes);
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public long pending() {
        return out.pending();
    }

    @Override
    public synchronized void pauseReading() {
        paused = true;
    }

    @Override
    public synchronized void resumeReading() {
        paused = false;
        notifyAll();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            notifyAll();
        }
        out.end();
        long timeout = options.closeTimeout().toNanos();
        CompletableFuture.delayedExecutor(timeout, TimeUnit.NANOSECONDS, Runnable::run)
                .execute(this::abort);
    }

    @Override
    public void abort() {
        synchronized (this) {
            closing = true;
            over = true;
            notifyAll();
        }
        out.discard();
        try {
            if (dialer != null) {
                dialer.cancel();
            } else {
                transport.release(channel);
            }
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    @Override
    public Peer peer() {
        Peer known = peer;
        if (known == null) {
            throw new IllegalStateException("the peer is known from opened on");
        }
        return known;
    }
}
