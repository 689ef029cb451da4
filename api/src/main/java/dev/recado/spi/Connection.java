package dev.recado.spi;

import java.nio.ByteBuffer;

/**
 * The outbound half of a connection. Every method may be called from any thread, never blocks the caller on the peer,
 * never throws for the connection's state and never runs a callback (T10, T18).
 *
 * @since 0.1.0
 */
public interface Connection {

    /**
     * Appends a copy of the bytes between each buffer's position and limit (T8, T9). They may go out at once but are sure
     * to go out only after {@link #flush}.
     *
     * @param bytes read, not changed: neither contents nor positions
     */
    void write(ByteBuffer... bytes);

    /** Sends everything written so far (T11). */
    void flush();

    /**
     * How far the peer lags behind.
     *
     * @return bytes written and not yet given to the operating system, those inside layers included (T12)
     */
    long pending();

    /** Stops {@link ConnectionHandler#received} and with it, in the end, the peer (T14). */
    void pauseReading();

    /** Takes {@link #pauseReading} back; one call undoes any number of pauses. */
    void resumeReading();

    /** Sends what is pending, ends the output, discards input until the peer's end, closes; bounded in time (T15). */
    void close();

    /** Closes now; what is pending is lost (T16). */
    void abort();

    /**
     * Who is at the other end.
     *
     * @return the peer; from {@link ConnectionHandler#opened} on, also after {@link ConnectionHandler#closed} (T28)
     * @throws IllegalStateException when called before {@code opened}
     */
    Peer peer();
}
