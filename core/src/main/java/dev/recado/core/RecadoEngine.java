package dev.recado.core;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.Tls;
import dev.recado.core.broker.BrokerBuilder;
import dev.recado.core.client.PublisherBuilder;
import dev.recado.core.client.RequesterBuilder;
import dev.recado.core.client.ResponderBuilder;
import dev.recado.core.client.SubscriberBuilder;
import dev.recado.core.tls.TlsTransport;
import dev.recado.spi.Engine;
import dev.recado.spi.Transport;
import java.net.URI;

/** What {@link java.util.ServiceLoader} finds behind the API. */
public final class RecadoEngine implements Engine {

    @Override
    public Broker.Builder broker() {
        return new BrokerBuilder();
    }

    @Override
    public Publisher.Builder publisher(URI endpoint) {
        return new PublisherBuilder(endpoint, new TransportChoice(), null);
    }

    @Override
    public Subscriber.Builder subscriber(URI endpoint) {
        return new SubscriberBuilder(endpoint, new TransportChoice(), null);
    }

    @Override
    public Requester.Builder requester(URI endpoint) {
        return new RequesterBuilder(endpoint, TransportChoice::new, null);
    }

    @Override
    public Responder.Builder responder(URI endpoint) {
        return new ResponderBuilder(endpoint, TransportChoice::new, null);
    }

    @Override
    public Transport tls(Tls tls, Transport transport) {
        return TlsTransport.over(tls, transport);
    }
}
