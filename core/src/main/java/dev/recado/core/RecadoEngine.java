package dev.recado.core;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Subscriber;
import dev.recado.core.broker.BrokerBuilder;
import dev.recado.spi.Engine;
import java.net.URI;

/** What {@link java.util.ServiceLoader} finds behind the API. */
public final class RecadoEngine implements Engine {

    @Override
    public Broker.Builder broker() {
        return new BrokerBuilder();
    }

    @Override
    public Publisher.Builder publisher(URI endpoint) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Subscriber.Builder subscriber(URI endpoint) {
        throw new UnsupportedOperationException();
    }
}
