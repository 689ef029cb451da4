package dev.recado.core.tls;

import dev.recado.spi.BufferPool;
import dev.recado.spi.Connection;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * The outbound half: gathers what is written, makes records of it and gives them to the connection below. Any thread may
 * call; whoever encrypts holds the lock, so that records keep the order of their numbers (T9).
 *
 * <p>Bytes are gathered until {@link #flush} or until they fill a record, for a record costs some 25 bytes and a run of the
 * cipher. The water marks are watched below only (T13), so nothing may be gathered that would take {@link #pending} over the
 * high one: a writer who saw that would wait for a {@code drained} that never comes.
 */
final class TlsOutput {

    /** As many bytes as a record takes (RFC 8446, section 5.1). */
    private static final int RECORD_BYTES = 16 * 1024;

    /** An alert or two; more than any engine has to say when it closes. */
    private static final int MOST_LAST_WORDS = 8;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Connection below;
    private final BufferPool buffers;
    private final long highWaterMark;
    private final ReentrantLock lock = new ReentrantLock();

    /** Makes one step of "no more here, but there": else {@link #pending} would sometimes see bytes twice, or not at all. */
    private final StampedLock counts = new StampedLock();

    /** Guarded by counts. */
    private final Backlog backlog = new Backlog();

    // Guarded by lock:
    private SSLEngine engine;
    private boolean open;
    private boolean stopped;

    /** What is written before {@link #open}; {@code null} when nothing is. */
    private ByteArrayOutputStream early;

    /** Being gathered; {@code null} while nothing is. */
    private ByteBuffer gathered;

    /** Bytes in early and in gathered. Written under the lock. */
    private volatile long unsealed;

    TlsOutput(Connection below, BufferPool buffers, long highWaterMark) {
        this.below = below;
        this.buffers = buffers;
        this.highWaterMark = highWaterMark;
    }

    /** Gives it the engine, before the handshake. */
    void engine(SSLEngine secured) {
        lock.lock();
        try {
            engine = secured;
        } finally {
            lock.unlock();
        }
    }

    /** Appends copies of the given bytes, together; nothing after {@link #stop}. */
    void write(ByteBuffer... bytes) throws SSLException {
        long added = 0;
        for (ByteBuffer source : bytes) {
            added += source.remaining();
        }
        lock.lock();
        try {
            if (stopped) {
                return;
            }
            if (open) {
                gather(bytes, added);
            } else {
                keepForOpen(bytes, added);
            }
        } finally {
            lock.unlock();
        }
    }

    private void keepForOpen(ByteBuffer[] bytes, long added) {
        if (early == null) {
            early = new ByteArrayOutputStream();
        }
        for (ByteBuffer source : bytes) {
            byte[] copy = new byte[source.remaining()];
            source.get(source.position(), copy);
            early.writeBytes(copy);
        }
        unsealed += added;
    }

    private void gather(ByteBuffer[] bytes, long added) throws SSLException {
        boolean atOnce = unsealed + added + below.pending() > highWaterMark;
        for (ByteBuffer source : bytes) {
            int from = source.position();
            int left = source.remaining();
            while (left > 0) {
                if (gathered == null) {
                    gathered = buffers.take().limit(RECORD_BYTES);
                }
                int step = Math.min(left, gathered.remaining());
                gathered.put(gathered.position(), source, from, step);
                gathered.position(gathered.position() + step);
                from += step;
                left -= step;
                if (!gathered.hasRemaining()) {
                    sealGathered();
                }
            }
        }
        if (atOnce) {
            sealGathered();
        }
        if (gathered != null) {
            // Only now: up to here it could have taken pending() over the mark for a moment.
            unsealed = gathered.position();
        }
    }

    /** Sends what was written before, and encrypts at once what comes from now on. */
    void open() throws SSLException {
        lock.lock();
        try {
            if (!stopped) {
                open = true;
                sealEarly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes records of what was gathered so far, and has them sent. */
    void flush() throws SSLException {
        lock.lock();
        try {
            if (!open) {
                return;
            }
            if (!stopped) {
                sealGathered();
            }
        } finally {
            lock.unlock();
        }
        below.flush();
    }

    /**
     * Lets the engine say what it has to: a part of the handshake, or an answer to an update of keys.
     *
     * @return {@code false} when it had something to say, but did not
     */
    boolean handshake() throws SSLException {
        lock.lock();
        try {
            // A writer may have done it meanwhile; the engine would make an empty record of nothing.
            return engine.getHandshakeStatus() != SSLEngineResult.HandshakeStatus.NEED_WRAP
                    || wrap(NOTHING).bytesProduced() > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no further bytes. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether something was written that waits for {@link #open}. */
    boolean waitsForOpen() {
        lock.lock();
        try {
            return !open && early != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * After {@link #stop}: sends what is left, and {@code close_notify}.
     *
     * @param secure whether the handshake is over; if not, there is nothing but the alert to send
     */
    void finish(boolean secure) throws SSLException {
        lock.lock();
        try {
            if (secure) {
                sealEarly();
                sealGathered();
            }
            engine.closeOutbound();
            lastWords();
        } finally {
            lock.unlock();
        }
    }

    /** After {@link #stop}, and after the engine has failed: sends the alert that tells the peer why. */
    void alert() throws SSLException {
        lock.lock();
        try {
            lastWords();
        } finally {
            lock.unlock();
        }
    }

    private void lastWords() throws SSLException {
        for (int i = 0; i < MOST_LAST_WORDS; i++) {
            SSLEngineResult result = wrap(NOTHING);
            if (result.bytesProduced() == 0 || result.getStatus() == SSLEngineResult.Status.CLOSED) {
                return;
            }
        }
    }

    /** After the connection below has ended: frees what is held. */
    void discard() {
        lock.lock();
        try {
            stopped = true;
            early = null;
            giveBackGathered();
            unsealed = 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Rule T12.
     *
     * @return bytes written and not yet given to the operating system, without what records add to them
     */
    long pending() {
        long stamp = counts.tryOptimisticRead();
        long now = count();
        if (counts.validate(stamp)) {
            return now;
        }
        stamp = counts.readLock();
        try {
            return count();
        } finally {
            counts.unlockRead(stamp);
        }
    }

    private long count() {
        return unsealed + backlog.plain(below.pending());
    }

    // ---- Records; holding the lock

    private void sealGathered() throws SSLException {
        if (gathered == null) {
            return;
        }
        gathered.flip();
        try {
            boolean progress = true;
            while (gathered.hasRemaining() && progress) {
                SSLEngineResult result = wrap(gathered);
                progress = result.bytesProduced() > 0 && result.getStatus() == SSLEngineResult.Status.OK;
            }
        } finally {
            giveBackGathered();
        }
    }

    private void giveBackGathered() {
        if (gathered != null) {
            buffers.give(gathered);
            gathered = null;
        }
    }

    /** Makes one record, and what the engine puts before it, and gives it to the connection below. */
    private SSLEngineResult wrap(ByteBuffer source) throws SSLException {
        ByteBuffer lent = buffers.take();
        ByteBuffer sealed = lent;
        try {
            SSLEngineResult result = engine.wrap(source, sealed);
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
                sealed = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
                result = engine.wrap(source, sealed);
            }
            if (result.bytesProduced() > 0) {
                hand(result.bytesConsumed(), sealed.flip().remaining(), sealed);
            }
            return result;
        } catch (RuntimeException e) {
            throw new SSLException("the engine failed: " + e, e);
        } finally {
            buffers.give(lent);
        }
    }

    private void hand(long plainBytes, long sealedBytes, ByteBuffer... sealed) {
        long stamp = counts.writeLock();
        try {
            unsealed = Math.max(0, unsealed - plainBytes);
            backlog.add(sealedBytes, plainBytes, below.pending());
            below.write(sealed);
        } finally {
            counts.unlockWrite(stamp);
        }
    }

    /** All at once: if this is over the high-water mark, the connection below has to notice, whatever it sends meanwhile. */
    private void sealEarly() throws SSLException {
        if (early == null) {
            return;
        }
        ByteBuffer source = ByteBuffer.wrap(early.toByteArray());
        early = null;
        List<ByteBuffer> records = new ArrayList<>();
        long sealedBytes = 0;
        SSLEngineResult result;
        do {
            ByteBuffer sealed = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            result = engine.wrap(source, sealed);
            sealedBytes += result.bytesProduced();
            records.add(sealed.flip());
        } while (source.hasRemaining()
                && result.bytesProduced() > 0
                && result.getStatus() == SSLEngineResult.Status.OK);
        hand(source.position(), sealedBytes, records.toArray(ByteBuffer[]::new));
    }
}
