package dev.recado.spi;

import java.nio.ByteBuffer;

/**
 * The inbound half of a connection: the engine implements it, the transport calls it.
 *
 * <p>Order of calls: {@code opened}? ({@code received} | {@code drained})* {@code closed} (T4), one at a time; only
 * {@code drained} may overlap {@code received} (T5). They come on a transport's thread, so no
 * method may block. A method that throws ends its connection (T19).
 *
 * @since 0.1.0
 */
public interface ConnectionHandler {

    /** Connected and, under TLS, authenticated. */
    void opened();

    /**
     * Bytes from the peer, cut in any way (T6). The handler takes all of them: what it leaves is lost.
     *
     * @param bytes at least one byte, between position and limit; the transport's again afterwards (T7)
     */
    void received(ByteBuffer bytes);

    /** {@link Connection#pending} fell to the low-water mark or under, after having been over the high one (T13). */
    void drained();

    /**
     * The end: nothing follows.
     *
     * @param cause {@code null} when either side closed the connection orderly or this side aborted it; else why it broke
     *     or could not be opened (T17, T19, T20)
     */
    void closed(Throwable cause);
}
