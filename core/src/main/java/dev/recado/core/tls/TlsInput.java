package dev.recado.core.tls;

import dev.recado.spi.BufferPool;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * Encrypted bytes that have come and are not unwrapped yet: parts of a record, and all that came while nothing may be
 * unwrapped. Not thread-safe.
 *
 * <p>They are always copied out of the transport's buffer, for engines decrypt in place, and that buffer is not ours to
 * change. Nothing is held while nothing waits.
 */
final class TlsInput {

    private final BufferPool buffers;

    /** Between position and limit is what waits; {@code null} while nothing does. */
    private ByteBuffer waiting;

    /** The first byte of all, -1 before it has come. */
    private int firstByte = -1;

    TlsInput(BufferPool buffers) {
        this.buffers = buffers;
    }

    boolean isEmpty() {
        return waiting == null;
    }

    /** Whether what has come begins as a TLS record does (RFC 8446, section 5.1). Also when nothing has come. */
    boolean beginsAsTls() {
        return firstByte < 0 || (firstByte >= 20 && firstByte <= 24);
    }

    /** Takes as many bytes as there is room for, at least one. */
    void fill(ByteBuffer bytes) {
        take(bytes, Math.min(bytes.remaining(), room()));
    }

    /** Takes all bytes. They are few, for whoever cannot unwrap pauses the connection below: bounded by its read buffer. */
    void keep(ByteBuffer bytes) {
        int needed = bytes.remaining();
        if (needed > room()) {
            grow(waiting.remaining() + needed);
        }
        take(bytes, needed);
    }

    private int room() {
        if (waiting == null) {
            waiting = buffers.take().limit(0);
        }
        if (waiting.limit() < waiting.capacity()) {
            return waiting.capacity() - waiting.limit();
        }
        waiting.compact().flip();
        return waiting.capacity() - waiting.limit();
    }

    private void take(ByteBuffer bytes, int count) {
        if (count == 0) {
            return;
        }
        if (firstByte < 0) {
            firstByte = bytes.get(bytes.position()) & 0xFF;
        }
        int end = waiting.limit();
        waiting.limit(end + count);
        waiting.put(end, bytes, bytes.position(), count);
        bytes.position(bytes.position() + count);
    }

    private void grow(int capacity) {
        ByteBuffer larger = ByteBuffer.allocate(capacity);
        larger.put(waiting).flip();
        release();
        waiting = larger;
    }

    /** Unwraps one record, if there is a complete one. Something has to be waiting. */
    SSLEngineResult unwrap(SSLEngine engine, ByteBuffer plain) throws SSLException {
        SSLEngineResult result = engine.unwrap(waiting, plain);
        if (!waiting.hasRemaining()) {
            release();
        } else if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            makeRoom(engine.getSession().getPacketBufferSize());
        }
        return result;
    }

    private void makeRoom(int recordBytes) throws SSLException {
        if (waiting.remaining() >= recordBytes && waiting.remaining() == waiting.capacity()) {
            throw new SSLException(
                    "a record is longer than " + recordBytes + " bytes, the most that the engine says it takes");
        }
        if (waiting.capacity() < recordBytes) {
            grow(recordBytes);
        }
    }

    /** Forgets what waits. */
    void release() {
        if (waiting != null && waiting.capacity() == TlsLayer.BUFFER_BYTES) {
            buffers.give(waiting);
        }
        waiting = null;
    }
}
