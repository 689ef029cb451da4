package dev.recado.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bytes that a connection has been told to write and the operating system has not taken yet: rules T8, T9, T12 and
 * T13, and the half of T10, T11, T15 and T16 that does not touch a socket.
 *
 * <p>Any thread may {@link #write}, {@link #flush}, {@link #end} and {@link #discard}. At any time at most one thread is
 * the <em>drainer</em>: the one whose {@link #flush} or {@link #end} returned {@code true}, until its {@link #release} returns
 * {@code true}. Only the drainer calls {@link #take}, {@link #taken} and {@link #release}, and it alone touches the socket,
 * so that bytes keep their order while nobody holds a lock during a system call. A drainer may hand its office to another
 * thread (an event loop that waits until the socket is writable) if that hand-over itself is safe between threads. A
 * transport with a writer thread for each connection has that thread call {@link #writeTo}, and nobody else drain.
 *
 * <pre>{@code
 * if (out.flush()) {
 *     do {
 *         int n = out.take(batch);
 *         channel.write(batch, 0, n);
 *         Arrays.fill(batch, 0, n, null);
 *         if (out.taken()) { ... drained ... }
 *     } while (!out.release());
 * }
 * }</pre>
 *
 * <p>An idle connection holds no buffer: they are lent by the pool while bytes are pending. For the same reason a drainer
 * forgets the buffers of a batch once it is written.
 *
 * @since 0.1.0
 */
public final class OutboundBuffer {

    private static final int BATCH_BUFFERS = 16;

    private final BufferPool pool;
    private final ConnectionOptions options;
    private final ReentrantLock lock = new ReentrantLock();

    /** Of the writer thread, where there is one. */
    private Condition work;

    /** Being appended to. Positions are where the next byte goes. Guarded by lock. */
    private final ArrayDeque<ByteBuffer> filling = new ArrayDeque<>(1);

    /** Being written to the socket; positions are where the next byte comes from. Owned by the drainer. */
    private final ArrayDeque<ByteBuffer> draining = new ArrayDeque<>(1);

    /** How many of the first buffers of draining are with the operating system, and their bytes. Owned by the drainer. */
    private int offered;

    private long offeredBytes;

    private volatile long pending;
    private boolean overHighWaterMark;
    private boolean flushed;
    private boolean hasDrainer;
    private boolean ended;
    private boolean discarded;

    /**
     * Creates the buffer; takes nothing from the pool yet.
     *
     * @param pool lends the memory
     * @param options where the water marks are from
     */
    public OutboundBuffer(BufferPool pool, ConnectionOptions options) {
        this.pool = pool;
        this.options = options;
    }

    /**
     * Appends copies of the given bytes, together.
     *
     * @param bytes read between position and limit; left as they are
     * @return {@code false}, and nothing is appended, after {@link #end} or {@link #discard}
     */
    public boolean write(ByteBuffer... bytes) {
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            int buffers = filling.size();
            int position = buffers == 0 ? 0 : filling.peekLast().position();
            try {
                long added = 0;
                for (ByteBuffer source : bytes) {
                    append(source);
                    added += source.remaining();
                }
                pending += added;
            } catch (Throwable e) {
                // No memory for another buffer, or a null among the sources: half a packet must not stay (T9).
                rollBack(buffers, position);
                throw e;
            }
            if (pending > options.highWaterMark()) {
                overHighWaterMark = true;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void append(ByteBuffer source) {
        int from = source.position();
        int left = source.remaining();
        while (left > 0) {
            ByteBuffer last = filling.peekLast();
            if (last == null || !last.hasRemaining()) {
                last = pool.take();
                filling.addLast(last);
            }
            int step = Math.min(left, last.remaining());
            last.put(last.position(), source, from, step);
            last.position(last.position() + step);
            from += step;
            left -= step;
        }
    }

    private void rollBack(int buffers, int position) {
        while (filling.size() > buffers) {
            pool.give(filling.pollLast());
        }
        if (buffers > 0) {
            filling.peekLast().position(position);
        }
    }

    /**
     * Asks that everything written so far goes out.
     *
     * @return {@code true} when the caller has become the drainer; {@code false} when there is nothing to do, or another
     *     drainer will do it
     */
    public boolean flush() {
        lock.lock();
        try {
            if (filling.isEmpty() || discarded) {
                return false;
            }
            flushed = true;
            if (hasDrainer) {
                signalWork();
                return false;
            }
            hasDrainer = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A writer thread's whole life: is the drainer for good, and returns when everything written before {@link #end} has
     * gone out, or the rest was discarded. Blocks. Once a thread is in here, {@link #flush} and {@link #end} return
     * {@code false} to everybody; what they return before is to be ignored.
     *
     * @param channel in blocking mode
     * @param drained runs when {@link ConnectionHandler#drained} is due (T13)
     * @throws IOException what the channel throws; the rest is discarded then, as it is when {@code drained} throws
     */
    public void writeTo(GatheringByteChannel channel, Runnable drained) throws IOException {
        ByteBuffer[] batch = new ByteBuffer[BATCH_BUFFERS];
        try {
            while (awaitWork()) {
                int count = take(batch);
                channel.write(batch, 0, count);
                Arrays.fill(batch, 0, count, null);
                if (taken()) {
                    drained.run();
                }
            }
        } finally {
            discard();
            release();
        }
    }

    /** Makes the caller the drainer for good and waits for something to write. Returns false when there never will be. */
    private boolean awaitWork() {
        lock.lock();
        try {
            hasDrainer = true;
            work = work == null ? lock.newCondition() : work;
            while (!discarded && !ended && !(flushed && !filling.isEmpty()) && draining.isEmpty()) {
                work.awaitUninterruptibly();
            }
            return !discarded && !(filling.isEmpty() && draining.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    private void signalWork() {
        if (work != null) {
            work.signal();
        }
    }

    /**
     * The drainer's next bytes: first what an earlier batch left over.
     *
     * @param batch receives buffers to be written in this order; their positions tell how much of each was written
     * @return how many were put in; 0 when there is nothing left
     */
    public int take(ByteBuffer[] batch) {
        lock.lock();
        try {
            if (discarded) {
                giveBack(draining);
            } else {
                flushed = false;
                while (!filling.isEmpty()) {
                    draining.addLast(filling.pollFirst().flip());
                }
            }
        } finally {
            lock.unlock();
        }
        offered = 0;
        offeredBytes = 0;
        for (ByteBuffer buffer : draining) {
            if (offered == batch.length) {
                break;
            }
            batch[offered++] = buffer;
            offeredBytes += buffer.remaining();
        }
        return offered;
    }

    /**
     * The drainer's report: the operating system has taken what lies before the positions of the buffers that
     * {@link #take} gave.
     *
     * @return {@code true} when {@link ConnectionHandler#drained} is due (T13)
     */
    public boolean taken() {
        long before = offeredBytes;
        while (offered > 0 && !draining.peekFirst().hasRemaining()) {
            pool.give(draining.pollFirst());
            offered--;
        }
        offeredBytes = 0;
        int rest = offered;
        for (ByteBuffer buffer : draining) {
            if (rest-- == 0) {
                break;
            }
            offeredBytes += buffer.remaining();
        }
        lock.lock();
        try {
            if (discarded) {
                return false;
            }
            pending -= before - offeredBytes;
            boolean drained = overHighWaterMark && pending <= options.lowWaterMark();
            if (drained) {
                overHighWaterMark = false;
            }
            return drained;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The drainer resigns.
     *
     * @return {@code false} when there is more to write, an earlier batch's rest or what was flushed in the meantime: the
     *     caller is still the drainer
     */
    public boolean release() {
        lock.lock();
        try {
            if (discarded) {
                giveBack(draining);
            } else if (!draining.isEmpty() || (!filling.isEmpty() && (flushed || ended))) {
                return false;
            }
            hasDrainer = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no further bytes; what was written so far counts as flushed. Idempotent.
     *
     * @return {@code true} when the caller has become the drainer of what is left
     */
    public boolean end() {
        lock.lock();
        try {
            ended = true;
            signalWork();
            if (hasDrainer || filling.isEmpty() || discarded) {
                return false;
            }
            hasDrainer = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no further bytes and forgets those that are pending. Idempotent. A drainer at work frees its own share. */
    public void discard() {
        lock.lock();
        try {
            ended = true;
            discarded = true;
            pending = 0;
            giveBack(filling);
            if (!hasDrainer) {
                giveBack(draining);
            }
            signalWork();
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(ArrayDeque<ByteBuffer> buffers) {
        while (!buffers.isEmpty()) {
            pool.give(buffers.pollFirst());
        }
    }

    /**
     * Whether everything written before {@link #end} has gone out, or was discarded.
     *
     * @return {@code true} when the output can be shut down
     */
    public boolean finished() {
        lock.lock();
        try {
            return ended && pending == 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Rule T12.
     *
     * @return bytes written and not yet taken by the operating system
     */
    public long pending() {
        return pending;
    }
}
