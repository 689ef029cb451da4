package dev.recado.spi;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lends buffers of one size and keeps a bounded number of those given back, the last one first: it is the one that the
 * processor's cache still holds. Thread-safe.
 *
 * @since 0.1.0
 */
public final class BufferPool {

    private final int bufferSize;
    private final int maxPooled;
    private final boolean direct;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>();

    /**
     * Creates a pool; allocates nothing yet.
     *
     * @param bufferSize bytes in each buffer; positive
     * @param maxPooled how many idle buffers are kept; what is given back beyond that is left to the garbage collector
     * @param direct whether buffers are {@linkplain ByteBuffer#allocateDirect direct}
     * @throws IllegalArgumentException when a number is not as described
     */
    public BufferPool(int bufferSize, int maxPooled, boolean direct) {
        if (bufferSize <= 0 || maxPooled < 0) {
            throw new IllegalArgumentException(
                    "a pool needs bufferSize > 0 and maxPooled >= 0, but they are " + bufferSize + " and " + maxPooled);
        }
        this.bufferSize = bufferSize;
        this.maxPooled = maxPooled;
        this.direct = direct;
    }

    /**
     * Lends a buffer.
     *
     * @return an empty buffer, ready to be filled; what it held before is still in it
     */
    public ByteBuffer take() {
        lock.lock();
        try {
            ByteBuffer buffer = idle.pollLast();
            if (buffer != null) {
                return buffer;
            }
        } finally {
            lock.unlock();
        }
        return direct ? ByteBuffer.allocateDirect(bufferSize) : ByteBuffer.allocate(bufferSize);
    }

    /**
     * Takes a buffer back. The caller has no further use of it.
     *
     * @param buffer one that {@link #take} lent
     */
    public void give(ByteBuffer buffer) {
        buffer.clear();
        lock.lock();
        try {
            if (idle.size() < maxPooled) {
                idle.addLast(buffer);
            }
        } finally {
            lock.unlock();
        }
    }
}
