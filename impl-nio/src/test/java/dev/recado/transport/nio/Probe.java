package dev.recado.transport.nio;

import dev.recado.spi.ConnectionHandler;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A handler that remembers what happened to it. */
class Probe implements ConnectionHandler {

    private static final long LIMIT_SECONDS = 10;

    private final CompletableFuture<Thread> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private volatile Throwable cause;

    @Override
    public void opened() {
        opened.complete(Thread.currentThread());
    }

    @Override
    public synchronized void received(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            received.write(bytes.get());
        }
    }

    @Override
    public void drained() {}

    @Override
    public void closed(Throwable why) {
        cause = why;
        closed.complete(null);
        opened.completeExceptionally(new IllegalStateException("closed, and not opened before", why));
    }

    /** Waits until the connection is open. Returns the thread that called. */
    Thread awaitOpened() throws Exception {
        return opened.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for the end. Returns its cause. */
    Throwable awaitClosed() throws Exception {
        closed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        return cause;
    }

    boolean wasOpened() {
        return opened.isDone() && !opened.isCompletedExceptionally();
    }

    boolean wasClosed() {
        return closed.isDone();
    }

    synchronized byte[] bytes() {
        return received.toByteArray();
    }
}
