package dev.recado.testkit;

import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.testkit.internal.Eventually;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One side of a connection under test. Records what the transport calls, and in each call checks what holds always: order
 * (T4), no overlap (T5), no empty buffer (T7), no call inside a call (T18). Reactions make it an echo, a thrower, a closer.
 */
final class RecordingHandler implements ConnectionHandler {

    private final Rig rig;
    private final GuardedConnection connection;

    private final AtomicReference<String> running = new AtomicReference<>();
    private final AtomicInteger drainedRunning = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger drained = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile Throwable cause;

    /** Deliberately without synchronization: rule T5 promises that each call sees what the one before did. */
    private int calls;

    private final AtomicInteger callsByAll = new AtomicInteger();

    private volatile Consumer<RecordingHandler> onOpened = side -> {};
    private volatile Consumer<ByteBuffer> onReceived = this::record;
    private volatile Consumer<RecordingHandler> onDrained = side -> {};
    private volatile Consumer<RecordingHandler> onClosed = side -> {};

    RecordingHandler(Rig rig, Connection connection) {
        this.rig = rig;
        this.connection = rig.guard(connection);
    }

    RecordingHandler whenOpened(Consumer<RecordingHandler> reaction) {
        onOpened = reaction;
        return this;
    }

    /** The reaction replaces {@link #record}. */
    RecordingHandler whenReceived(Consumer<ByteBuffer> reaction) {
        onReceived = reaction;
        return this;
    }

    RecordingHandler whenDrained(Consumer<RecordingHandler> reaction) {
        onDrained = reaction;
        return this;
    }

    RecordingHandler whenClosed(Consumer<RecordingHandler> reaction) {
        onClosed = reaction;
        return this;
    }

    /** Sends everything back. */
    RecordingHandler echo() {
        return whenReceived(buffer -> {
            connection.write(buffer);
            connection.flush();
            record(buffer);
        });
    }

    @Override
    public void opened() {
        enter("opened");
        try {
            if (opened.incrementAndGet() > 1) {
                rig.violations().add("T4", "opened must come at most once, but came again");
            }
            if (received.get() > 0 || drained.get() > 0) {
                rig.violations().add("T4", "opened must come before received and drained");
            }
            onOpened.accept(this);
        } finally {
            leave();
        }
    }

    @Override
    public void received(ByteBuffer buffer) {
        enter("received");
        try {
            received.incrementAndGet();
            if (opened.get() == 0) {
                rig.violations().add("T4", "received must come after opened, but came before it");
            }
            if (!buffer.hasRemaining()) {
                rig.violations().add("T7", "received must bring at least one byte, but brought none");
            }
            onReceived.accept(buffer);
        } finally {
            leave();
        }
    }

    @Override
    public void drained() {
        checkCall("drained");
        String other = running.get();
        if (drainedRunning.getAndIncrement() > 0 || "opened".equals(other) || "closed".equals(other)) {
            rig.violations().add("T5", "drained may overlap received only, but overlaps " + other);
        }
        try {
            if (opened.get() == 0) {
                rig.violations().add("T4", "drained must come after opened, but came before it");
            }
            onDrained.accept(this);
        } finally {
            // Last, so that whoever has seen the count may go on writing: the reaction has asked for pending() by then.
            drained.incrementAndGet();
            drainedRunning.decrementAndGet();
        }
    }

    @Override
    public void closed(Throwable why) {
        enter("closed");
        try {
            if (closed.get() == 0) {
                cause = why;
            }
            if (closed.incrementAndGet() > 1) {
                rig.violations().add("T4", "closed must come exactly once, but came again, with " + why);
            }
            onClosed.accept(this);
        } finally {
            leave();
        }
    }

    private void enter(String callback) {
        checkCall(callback);
        String other = running.getAndSet(callback);
        if (other != null) {
            rig.violations().add("T5", callback + " must not overlap " + other + " of the same connection");
        }
        if (!callback.equals("received") && drainedRunning.get() > 0) {
            rig.violations().add("T5", callback + " must not overlap drained of the same connection");
        }
        if (++calls != callsByAll.incrementAndGet()) {
            rig.violations().add("T5", callback + " must see the memory effects of the callback before it");
        }
    }

    private void checkCall(String callback) {
        rig.threads().calledBack();
        if (closed.get() > 0) {
            rig.violations().add("T4", "closed must be the last callback, but " + callback + " came after it");
        }
        String call = rig.callInProgress();
        if (call != null) {
            rig.violations().add("T18", "no callback may run inside a call, but " + callback + " ran inside " + call);
        }
    }

    private void leave() {
        running.set(null);
    }

    /** Takes and keeps all bytes of a buffer. */
    void record(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        synchronized (bytes) {
            bytes.writeBytes(copy);
        }
    }

    GuardedConnection connection() {
        return connection;
    }

    void send(byte[] message) {
        connection.write(ByteBuffer.wrap(message));
        connection.flush();
    }

    int byteCount() {
        synchronized (bytes) {
            return bytes.size();
        }
    }

    byte[] bytes() {
        synchronized (bytes) {
            return bytes.toByteArray();
        }
    }

    int receivedCalls() {
        return received.get();
    }

    int drainedCalls() {
        return drained.get();
    }

    int closedCalls() {
        return closed.get();
    }

    boolean isOpened() {
        return opened.get() > 0;
    }

    boolean isClosed() {
        return closed.get() > 0;
    }

    Throwable cause() {
        return cause;
    }

    void awaitOpened(String rule) {
        rig.await(
                rule,
                () -> isOpened() || isClosed(),
                () -> "a connection must be opened, but " + rig.arrival() + " passed without");
        if (!isOpened()) {
            throw new AssertionError(rule + ": a connection must be opened, but it was closed with " + cause, cause);
        }
    }

    /** Waits for these bytes, and for no others. */
    void awaitBytes(String rule, byte[] expected) {
        boolean inTime = Eventually.holds(rig.arrival(), () -> byteCount() >= expected.length);
        byte[] actual = bytes();
        String difference = Bytes.difference(expected, actual);
        if (difference != null) {
            throw new AssertionError(rule + ": bytes must arrive unchanged and in order, but " + difference);
        }
        if (!inTime || actual.length != expected.length) {
            throw new AssertionError(rule + ": bytes must all arrive, once; expected " + expected.length + ", got "
                    + actual.length + (isClosed() ? "; closed with " + cause : ""));
        }
    }

    /** Waits for a number of bytes, whatever they are. */
    void awaitCount(String rule, int count) {
        rig.await(
                rule,
                () -> byteCount() >= count,
                () -> "bytes must arrive; expected " + count + ", got " + byteCount()
                        + (isClosed() ? "; closed with " + cause : ""));
    }

    /** Waits for the end, whatever its cause. */
    Throwable awaitClosed(String rule) {
        rig.await(rule, this::isClosed, () -> "closed must be called, but " + rig.arrival() + " passed without");
        return cause;
    }

    void awaitClosedOrderly(String rule) {
        Throwable why = awaitClosed(rule);
        if (why != null) {
            throw new AssertionError(rule + ": closed(null) must be called, but the cause is " + why, why);
        }
    }
}
