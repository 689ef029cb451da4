package dev.recado.transport.nio;

import dev.recado.spi.BufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread, one selector, one read buffer, for many connections. Other threads only {@link #attend} and {@link #stop};
 * everything else belongs to the loop's thread.
 */
final class EventLoop implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    /** 4 KiB: with one message for each of 100,000 connections on its way, each of them holds a buffer. */
    private static final int WRITE_BUFFER_SIZE = 4 * 1024;

    private static final int POOLED_WRITE_BUFFERS = 1024;
    private static final int BATCH_BUFFERS = 16;
    private static final Consumer<SelectionKey> HANDLE = EventLoop::handle;
    private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Thread thread;
    private final int readBufferSize;
    private final BufferPool writeBuffers = new BufferPool(WRITE_BUFFER_SIZE, POOLED_WRITE_BUFFERS, true);

    /** One for each thread that flushes, for connections outnumber them. */
    private final ThreadLocal<ByteBuffer[]> batches = ThreadLocal.withInitial(() -> new ByteBuffer[BATCH_BUFFERS]);

    private final Queue<NioConnection> requests = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Set<NioConnection> connections = new HashSet<>();
    private final Deadlines deadlines = new Deadlines();

    /** {@code null} until the thread has opened it. */
    private volatile Selector selector;

    private volatile boolean stopping;
    private ByteBuffer readBuffer;

    /**
     * Creates a loop and starts its thread.
     *
     * @param threads makes the thread
     * @param readBufferSize bytes
     */
    static EventLoop start(ThreadFactory threads, int readBufferSize) {
        EventLoop loop = new EventLoop(threads, readBufferSize);
        loop.thread.start();
        return loop;
    }

    private EventLoop(ThreadFactory threads, int readBufferSize) {
        this.thread = threads.newThread(this);
        this.readBufferSize = readBufferSize;
    }

    Thread thread() {
        return thread;
    }

    /** For whoever drains one of the loop's connections, on any thread; empty in between. */
    ByteBuffer[] batch() {
        return batches.get();
    }

    BufferPool writeBuffers() {
        return writeBuffers;
    }

    /** Has the loop call {@link NioConnection#attend} soon. From any thread. */
    void attend(NioConnection connection) {
        requests.add(connection);
        if (Thread.currentThread() != thread) {
            wakeUp();
        }
    }

    /** Ends every connection and then the thread. From any thread. */
    void stop() {
        stopping = true;
        wakeUp();
    }

    private void wakeUp() {
        // One system call, however many threads ask before the loop has woken up.
        if (woken.compareAndSet(false, true)) {
            Selector open = selector;
            if (open != null) {
                open.wakeup();
            }
        }
    }

    @Override
    public void run() {
        while (!stopping) {
            try {
                handleReadyKeys();
                handleRequests();
                handleDeadlines();
            } catch (Throwable e) {
                LOG.warn("an event loop failed and goes on", e);
                LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
            }
        }
        endConnections();
        closeSelector();
    }

    /** Waits until there are some. Selecting with an action allocates nothing, where a set of keys would be filled and emptied. */
    private void handleReadyKeys() throws IOException {
        if (selector == null && !openSelector()) {
            return;
        }
        forgetInterrupt();
        long timeout = deadlines.millisToNext(System.nanoTime());
        try {
            if (stopping || !requests.isEmpty()) {
                selector.selectNow(HANDLE);
            } else {
                selector.select(HANDLE, timeout);
            }
        } finally {
            // Before the requests are taken: whoever adds one later wakes the loop again.
            woken.set(false);
        }
    }

    private boolean openSelector() {
        try {
            selector = Selector.open();
            return true;
        } catch (IOException e) {
            // Out of file descriptors. Requests are served all the same: each fails on its own socket, or times out.
            LOG.warn("cannot open a selector, trying again", e);
            LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
            woken.set(false);
            return false;
        }
    }

    private static void handle(SelectionKey ready) {
        // One that was handled before it may have cancelled it.
        if (ready.isValid()) {
            ((NioConnection) ready.attachment()).ready(ready.readyOps());
            forgetInterrupt();
        }
    }

    /** A handler that left its interrupt set would have every select return at once. */
    private static void forgetInterrupt() {
        Thread.interrupted();
    }

    private void handleRequests() {
        // Those made meanwhile have their turn after the next select, or two connections could keep the loop from it.
        for (int i = requests.size(); i > 0; i--) {
            requests.remove().attend();
        }
    }

    private void handleDeadlines() {
        long now = System.nanoTime();
        for (Deadlines.Deadline due; (due = deadlines.pollExpired(now)) != null; ) {
            due.connection().timedOut();
        }
    }

    private void endConnections() {
        // Requests first: among them are connections that have not started, and each must get its closed().
        do {
            for (NioConnection next; (next = requests.poll()) != null; ) {
                next.attend();
            }
            for (NioConnection connection : List.copyOf(connections)) {
                connection.end();
            }
        } while (!requests.isEmpty() || !connections.isEmpty());
    }

    private void closeSelector() {
        if (selector == null) {
            return;
        }
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("a selector did not close", e);
        }
    }

    // What follows is for connections, on the loop's thread.

    /** The buffer for whoever reads next, empty. */
    ByteBuffer readBuffer() {
        if (readBuffer == null) {
            readBuffer = ByteBuffer.allocateDirect(readBufferSize);
        }
        return readBuffer.clear();
    }

    void add(NioConnection connection) {
        connections.add(connection);
    }

    void remove(NioConnection connection) {
        connections.remove(connection);
    }

    SelectionKey register(SocketChannel channel, int interest, NioConnection connection) throws IOException {
        if (selector == null) {
            throw new IOException("no selector to register a connection with: it could not be opened");
        }
        return channel.register(selector, interest, connection);
    }

    Deadlines deadlines() {
        return deadlines;
    }
}
