package dev.recado.core.client;

import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.StateListener;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/** Behind {@link Publisher#builder(URI)} and the broker's own publishers. Not thread-safe. */
public final class PublisherBuilder implements Publisher.Builder {

    private static final int MAX_WINDOW = 0xFFFF;

    private final ClientSettings settings;
    private final Timers timers;
    private String topic;
    private QoS qos = QoS.AT_LEAST_ONCE;
    private boolean retain = true;
    private int window = 1024;

    /**
     * Starts with the defaults.
     *
     * @param endpoint the broker's
     * @param transport which transport to use; the builder may change the choice
     * @param timersOrNull {@code null}: the client gets timers of its own, and closes them
     */
    public PublisherBuilder(URI endpoint, TransportChoice transport, Timers timersOrNull) {
        settings = new ClientSettings(endpoint, transport);
        timers = timersOrNull;
    }

    @Override
    public PublisherBuilder topic(String name) {
        return topicOrFilter(name, TopicRules.nameViolation(name));
    }

    @Override
    public PublisherBuilder topicsUnder(String filter) {
        String violation = TopicRules.filterViolation(filter);
        if (violation == null && filter.startsWith("$share/")) {
            violation = "topic filter '" + filter + "' is a shared subscription, which nobody can publish to";
        }
        return topicOrFilter(filter, violation);
    }

    private PublisherBuilder topicOrFilter(String value, String violation) {
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        topic = value;
        return this;
    }

    @Override
    public PublisherBuilder clientId(String id) {
        settings.clientId(id);
        return this;
    }

    @Override
    public PublisherBuilder qos(QoS level) {
        qos = MessageChecks.supported(Objects.requireNonNull(level, "level"));
        return this;
    }

    @Override
    public PublisherBuilder retain(boolean lastValue) {
        retain = lastValue;
        return this;
    }

    @Override
    public PublisherBuilder timeout(Duration limit) {
        settings.timeout(limit);
        return this;
    }

    @Override
    public PublisherBuilder window(int messages) {
        if (messages < 1 || messages > MAX_WINDOW) {
            throw new IllegalArgumentException("window must be 1 to " + MAX_WINDOW + ", but is " + messages);
        }
        window = messages;
        return this;
    }

    @Override
    public PublisherBuilder connectTimeout(Duration limit) {
        settings.connectTimeout(limit);
        return this;
    }

    @Override
    public PublisherBuilder keepAlive(Duration interval) {
        settings.keepAlive(interval);
        return this;
    }

    @Override
    public PublisherBuilder reconnect(Reconnect policy) {
        settings.reconnect(policy);
        return this;
    }

    @Override
    public PublisherBuilder onStateChange(StateListener listener) {
        settings.stateListener(listener);
        return this;
    }

    @Override
    public PublisherBuilder transport(String name) {
        settings.transport.name(name);
        return this;
    }

    @Override
    public PublisherBuilder transport(Transport shared) {
        settings.transport.shared(shared);
        return this;
    }

    @Override
    public PublisherBuilder layer(Layer layer) {
        settings.transport.addLayer(layer);
        return this;
    }

    @Override
    public Publisher open() {
        if (topic == null) {
            throw new IllegalArgumentException("no topic was given: call topic(name) or topicsUnder(filter)");
        }
        return new PublisherClient(settings, timers, topic, qos, retain, window).connect();
    }
}
