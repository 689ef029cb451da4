package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.RetainHandling;
import dev.recado.Subscriber;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Behind {@link Subscriber#builder(URI)} and the broker's own subscribers. Not thread-safe. */
public final class SubscriberBuilder extends CommonBuilder<Subscriber.Builder> implements Subscriber.Builder {

    private static final int MAX_BUFFER = 0xFFFF;
    private static final int MAX_REPLAY = 0xFFFF;

    private final Set<String> filters = new LinkedHashSet<>();
    private QoS qos = QoS.AT_LEAST_ONCE;
    private RetainHandling retainHandling = RetainHandling.SEND;
    private boolean retainAsPublished;
    private int replay;
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
        super(endpoint, transport, false, timersOrNull);
    }

    @Override
    SubscriberBuilder self() {
        return this;
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
    public SubscriberBuilder qos(QoS level) {
        qos = Objects.requireNonNull(level, "level");
        return this;
    }

    @Override
    public SubscriberBuilder retainHandling(RetainHandling wanted) {
        retainHandling = Objects.requireNonNull(wanted, "wanted");
        return this;
    }

    @Override
    public SubscriberBuilder retainAsPublished(boolean asPublished) {
        retainAsPublished = asPublished;
        return this;
    }

    @Override
    public SubscriberBuilder replay(int messages) {
        if (messages < 1 || messages > MAX_REPLAY) {
            throw new IllegalArgumentException("replay must be 1 to " + MAX_REPLAY + ", but is " + messages);
        }
        replay = messages;
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
    public Subscriber open() {
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("no topic was given: call topic(filter)");
        }
        return connected(new FixedTopics(subscriptions()));
    }

    /** {@link #open} with other topics than this builder was given. */
    SubscriberClient connected(Topics topics) {
        settings.requireConsistent();
        if (settings.version() == ProtocolVersion.MQTT_3_1_1
                && (retainHandling != RetainHandling.SEND || retainAsPublished)) {
            throw new IllegalArgumentException("retainHandling is " + retainHandling + " and retainAsPublished "
                    + retainAsPublished + ", but MQTT 3.1.1 has only SEND and false");
        }
        if (replay > 0) {
            requireReplayable();
        }
        return new SubscriberClient(settings, timers, topics, replay, buffer, manualAck, handler, executor).connect();
    }

    private void requireReplayable() {
        if (settings.version() == ProtocolVersion.MQTT_3_1_1) {
            throw new IllegalArgumentException("replay is " + replay + ", but MQTT 3.1.1 has no way to ask for it");
        }
        if (retainHandling != RetainHandling.SEND) {
            throw new IllegalArgumentException("replay is " + replay + " and retainHandling " + retainHandling
                    + ", but the last value is a part of what is replayed");
        }
        filters.stream().filter(TopicRules::isShared).findAny().ifPresent(shared -> {
            throw new IllegalArgumentException(
                    "replay is " + replay + ", but shared subscriptions such as '" + shared + "' have none");
        });
    }

    /** What this builder was given. */
    List<Packet.Subscription> subscriptions() {
        // Without its last value: a replay has it, too.
        int handling = replay > 0 ? RetainHandling.DO_NOT_SEND.value() : retainHandling.value();
        return filters.stream()
                .map(filter -> new Packet.Subscription(filter, qos, false, retainAsPublished, handling))
                .toList();
    }
}
