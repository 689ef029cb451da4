package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.StateListener;
import dev.recado.Subscriber;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Behind {@link Subscriber#builder(URI)} and the broker's own subscribers. Not thread-safe. */
public final class SubscriberBuilder implements Subscriber.Builder {

    private static final int MAX_BUFFER = 0xFFFF;

    private final ClientSettings settings;
    private final Timers timers;
    private final Set<String> filters = new LinkedHashSet<>();
    private QoS qos = QoS.AT_LEAST_ONCE;
    private int buffer = 1024;
    private boolean manualAck;
    private Consumer<? super Message> handler;
    private Executor executor;

    /**
     * Starts with the defaults.
     *
     * @param endpoint the broker's
     * @param transport which transport to use; the builder may change the choice
     * @param timersOrNull {@code null}: the client gets timers of its own, and closes them
     */
    public SubscriberBuilder(URI endpoint, TransportChoice transport, Timers timersOrNull) {
        settings = new ClientSettings(endpoint, transport);
        timers = timersOrNull;
    }

    @Override
    public SubscriberBuilder topic(String filter) {
        String violation = TopicRules.filterViolation(filter);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        filters.add(filter);
        return this;
    }

    @Override
    public SubscriberBuilder clientId(String id) {
        settings.clientId(id);
        return this;
    }

    @Override
    public SubscriberBuilder qos(QoS level) {
        qos = MessageChecks.supported(Objects.requireNonNull(level, "level"));
        return this;
    }

    @Override
    public SubscriberBuilder onMessage(Consumer<? super Message> consumer) {
        handler = Objects.requireNonNull(consumer, "handler");
        return this;
    }

    @Override
    public SubscriberBuilder executor(Executor handlers) {
        executor = Objects.requireNonNull(handlers, "executor");
        return this;
    }

    @Override
    public SubscriberBuilder buffer(int messages) {
        if (messages < 1 || messages > MAX_BUFFER) {
            throw new IllegalArgumentException("buffer must be 1 to " + MAX_BUFFER + ", but is " + messages);
        }
        buffer = messages;
        return this;
    }

    @Override
    public SubscriberBuilder manualAck() {
        manualAck = true;
        return this;
    }

    @Override
    public SubscriberBuilder timeout(Duration limit) {
        settings.timeout(limit);
        return this;
    }

    @Override
    public SubscriberBuilder connectTimeout(Duration limit) {
        settings.connectTimeout(limit);
        return this;
    }

    @Override
    public SubscriberBuilder keepAlive(Duration interval) {
        settings.keepAlive(interval);
        return this;
    }

    @Override
    public SubscriberBuilder reconnect(Reconnect policy) {
        settings.reconnect(policy);
        return this;
    }

    @Override
    public SubscriberBuilder onStateChange(StateListener listener) {
        settings.stateListener(listener);
        return this;
    }

    @Override
    public SubscriberBuilder transport(String name) {
        settings.transport.name(name);
        return this;
    }

    @Override
    public SubscriberBuilder transport(Transport shared) {
        settings.transport.shared(shared);
        return this;
    }

    @Override
    public SubscriberBuilder layer(Layer layer) {
        settings.transport.addLayer(layer);
        return this;
    }

    @Override
    public Subscriber open() {
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("no topic was given: call topic(filter)");
        }
        return new SubscriberClient(settings, timers, List.copyOf(filters), qos, buffer, manualAck, handler, executor)
                .connect();
    }
}
