package dev.recado.testkit;

/**
 * What a transport under test has beyond the rules. A transport that lacks one says so in {@link
 * TransportContract#capabilities()}; the tests that need it are then skipped, and nothing else ever skips a test.
 *
 * @since 0.1.0
 */
public enum Capability {

    /**
     * Endpoints are the host and port of a TCP socket, and its bytes are those written, so that a plain
     * {@link java.net.Socket} can be the other side.
     *
     * <p>Without it (Unix-domain sockets, pipes, anything under TLS): resets, half-open peers, peers that never answer and
     * connect timeouts stay unchecked (parts of T3, T6, T15, T16, T17, T20, T22), and sockets that are left open uncounted
     * (T22); they are counted after each test, on systems that have {@code /proc}.
     */
    TCP,

    /**
     * Endpoints have a port; 0 asks for a free one.
     *
     * <p>Without it: {@link dev.recado.spi.Listener#endpoint()} is not checked for a real port (T2), and the address
     * of a client's peer not for that port (T28). {@link TransportContract#listenEndpoint()} then has to be free whenever
     * it is asked for.
     */
    PORTS,

    /**
     * Endpoints have host names, which are looked up.
     *
     * <p>Without it: that an unknown host is an {@link java.net.UnknownHostException} stays unchecked (T20).
     */
    HOST_LOOKUP,

    /**
     * Callbacks run on threads that the transport itself starts and ends.
     *
     * <p>Without it (an in-memory transport that borrows an executor): names and ends of threads stay unchecked (T27, parts
     * of T1 and T22).
     */
    OWN_THREADS
}
