package dev.recado.spi;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.Tls;
import java.net.URI;

/**
 * What stands behind the API: brokers and clients. {@link java.util.ServiceLoader} finds the one in {@code recado-core};
 * users never call it. Thread-safe.
 *
 * @since 0.1.0
 */
public interface Engine {

    /**
     * Behind {@link Broker#builder()}.
     *
     * @return a new builder
     */
    Broker.Builder broker();

    /**
     * Behind {@link Publisher#builder(URI)}.
     *
     * @param endpoint the broker's
     * @return a new builder
     */
    Publisher.Builder publisher(URI endpoint);

    /**
     * Behind {@link Subscriber#builder(URI)}.
     *
     * @param endpoint the broker's
     * @return a new builder
     */
    Subscriber.Builder subscriber(URI endpoint);

    /**
     * Behind {@link Requester#builder(URI)}.
     *
     * @param endpoint the broker's
     * @return a new builder
     */
    Requester.Builder requester(URI endpoint);

    /**
     * Behind {@link Responder#builder(URI)}.
     *
     * @param endpoint the broker's
     * @return a new builder
     */
    Responder.Builder responder(URI endpoint);

    /**
     * Behind {@link Tls#over}.
     *
     * @param tls how to encrypt
     * @param transport carries the encrypted bytes; closed with the one that is returned
     * @return the transport that users see
     */
    Transport tls(Tls tls, Transport transport);
}
