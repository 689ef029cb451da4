package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.Endpoints;
import dev.recado.spi.OutboundBuffer;
import dev.recado.spi.Peer;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** A reader thread, which owns the connection and makes all callbacks but one, and a writer thread, which calls drained. */
final class ReferenceConnection implements Connection, Runnable {

    private static final int POLL_MILLIS = 50;
    private static final BufferPool POOL = new BufferPool(16 * 1024, 64, false);

    private final ReferenceTransport transport;
    private final Socket socket;
    private final URI target;
    private final Duration connectTimeout;
    private final ConnectionOptions options;
    private final Acceptor acceptor;
    private final OutboundBuffer out;
    private final CountDownLatch written = new CountDownLatch(1);
    private final Object pausing = new Object();
    private ConnectionHandler handler;
    private volatile Peer peer;
    private boolean paused;
    private volatile boolean closing;
    private volatile long deadline;
    private volatile boolean aborted;
    private volatile Throwable thrownByHandler;

    /** Accepted when {@code target} is null. */
    ReferenceConnection(
            ReferenceTransport transport,
            Socket socket,
            URI target,
            Duration connectTimeout,
            ConnectionOptions options,
            Acceptor acceptor) {
        this.transport = transport;
        this.socket = socket;
        this.target = target;
        this.connectTimeout = connectTimeout;
        this.options = options;
        this.acceptor = acceptor;
        this.out = new OutboundBuffer(POOL, options);
    }

    @Override
    public void run() {
        try {
            handler = acceptor.accept(this);
        } catch (Throwable t) {
            handler = null;
        }
        try {
            if (handler != null) {
                live();
            }
        } finally {
            closeQuietly(socket);
            transport.forget(this);
        }
    }

    private void live() {
        Throwable cause = null;
        boolean writing = false;
        try {
            establish();
            call(handler::opened);
            writing = true;
            transport.start("writer", this::writeAll);
            readAll();
        } catch (IOException | RuntimeException e) {
            cause = e;
        }
        out.discard();
        closeQuietly(socket);
        if (writing) {
            awaitWriter(Long.MAX_VALUE);
        }
        Throwable reason = thrownByHandler != null ? thrownByHandler : aborted ? null : cause;
        call(() -> handler.closed(reason));
    }

    private void establish() throws IOException {
        if (target != null) {
            InetSocketAddress address = Endpoints.resolve(target);
            if (address.isUnresolved()) {
                throw new UnknownHostException("cannot connect to " + target + ": the host is unknown");
            }
            try {
                socket.connect(address, Math.toIntExact(connectTimeout.toMillis()));
            } catch (SocketTimeoutException e) {
                throw named(new SocketTimeoutException("cannot connect to " + target + " within " + connectTimeout), e);
            } catch (ConnectException e) {
                throw named(new ConnectException("cannot connect to " + target + ": " + e.getMessage()), e);
            }
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(POLL_MILLIS);
        peer = Peer.of(socket.getRemoteSocketAddress());
    }

    private static IOException named(IOException failure, IOException cause) {
        failure.initCause(cause);
        return failure;
    }

    private void readAll() throws IOException {
        byte[] bytes = new byte[16 * 1024];
        while (!aborted) {
            awaitResume();
            int count;
            try {
                count = socket.getInputStream().read(bytes);
            } catch (SocketTimeoutException e) {
                count = 0;
            }
            if (closing && System.nanoTime() - deadline >= 0) {
                aborted = true;
            } else if (count < 0) {
                if (closing) {
                    awaitWriter(deadline);
                }
                return;
            } else if (count > 0 && !closing) {
                ByteBuffer received = ByteBuffer.wrap(bytes, 0, count);
                call(() -> handler.received(received));
            }
        }
    }

    private void awaitResume() {
        synchronized (pausing) {
            while (paused && !closing && !aborted) {
                try {
                    pausing.wait();
                } catch (InterruptedException e) {
                    aborted = true;
                }
            }
        }
    }

    private void writeAll() {
        ByteBuffer[] batch = new ByteBuffer[8];
        try {
            while (out.awaitWork()) {
                for (int count; (count = out.take(batch)) > 0; ) {
                    for (int i = 0; i < count; i++) {
                        ByteBuffer buffer = batch[i];
                        socket.getOutputStream().write(buffer.array(), buffer.position(), buffer.remaining());
                        buffer.position(buffer.limit());
                    }
                    if (out.taken()) {
                        call(handler::drained);
                    }
                }
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            // The reader meets the same end, and it is the one to tell.
            out.discard();
        } finally {
            written.countDown();
        }
    }

    private void awaitWriter(long until) {
        boolean interrupted = false;
        while (written.getCount() > 0 && (until == Long.MAX_VALUE || System.nanoTime() - until < 0)) {
            interrupted |= Thread.interrupted();
            pause(1);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void call(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable t) {
            thrownByHandler = t;
            abort();
        }
    }

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
    public void pauseReading() {
        synchronized (pausing) {
            paused = true;
        }
    }

    @Override
    public void resumeReading() {
        synchronized (pausing) {
            paused = false;
            pausing.notifyAll();
        }
    }

    @Override
    public void close() {
        synchronized (pausing) {
            if (!closing) {
                deadline = System.nanoTime() + options.closeTimeout().toNanos();
                closing = true;
            }
            pausing.notifyAll();
        }
        out.end();
    }

    @Override
    public void abort() {
        aborted = true;
        out.discard();
        closeQuietly(socket);
        synchronized (pausing) {
            pausing.notifyAll();
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

    static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    static void pause(long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
    }
}
