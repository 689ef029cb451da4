package dev.recado.spi;

/**
 * Something between a transport and the engine that changes the bytes: TLS, WebSocket, a fault injector.
 *
 * <p>A layer takes the engine's acceptor and gives the transport another one. For each connection it stands in the middle
 * twice: as the transport's {@link ConnectionHandler} and as the engine's {@link Connection}. It keeps the SPI's rules on
 * both sides, also as to who calls on which thread; in particular its {@link Connection#pending} includes the bytes that it
 * holds itself (T12).
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Layer {

    /**
     * Wraps an acceptor.
     *
     * @param inner the engine's, or that of the next layer
     * @return what the transport, or the layer below, is to call
     */
    Acceptor wrap(Acceptor inner);
}
