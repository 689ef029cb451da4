package dev.recado.spi;

import java.io.IOException;
import java.net.URI;

/**
 * Moves bytes between two peers; knows nothing of MQTT.
 *
 * <p>Legal order of calls: any number of {@link #listen} and {@link #connect}, from any thread, until {@link #close};
 * after it both refuse. All methods are thread-safe. The numbered rules are in {@linkplain dev.recado.spi the package's
 * description}: T1 to T3 and T20 to T22 are about this type.
 *
 * @since 0.1.0
 */
public interface Transport extends AutoCloseable {

    /**
     * Starts to accept connections.
     *
     * @param endpoint scheme, host and port; port 0 lets the system choose one, and no port means {@link Endpoints#port
     *     the scheme's default}
     * @param options bounds, for the listener and each of its connections
     * @param acceptor supplies a handler for each accepted connection; called from the transport's threads, also
     *     concurrently
     * @return the listener, already bound (T2)
     * @throws IOException when the address cannot be bound; the message names the endpoint
     * @throws IllegalArgumentException when the endpoint is none of this transport's, such as one without a host or with a
     *     port over 65535; the message names it
     * @throws IllegalStateException when this transport is closed
     */
    Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException;

    /**
     * Opens a connection; returns at once. What becomes of it arrives at the handler as {@link ConnectionHandler#opened}
     * or as {@link ConnectionHandler#closed closed(cause)} (T3, T20).
     *
     * @param endpoint scheme, host and port
     * @param options bounds, for the attempt and the connection
     * @param acceptor asked for exactly one handler, possibly before this method returns
     * @throws IllegalArgumentException when the endpoint is none of this transport's, such as one without a host or with a
     *     port over 65535; the message names it, and the acceptor is not asked
     * @throws IllegalStateException when this transport is closed
     */
    void connect(URI endpoint, ConnectOptions options, Acceptor acceptor);

    /**
     * Closes listeners and connections and frees every thread and socket (T22). Idempotent. Waits for the transport's
     * threads, bounded in time, unless one of them is the caller; an interrupt ends the waiting only.
     */
    @Override
    void close();
}
