package dev.recado.core.client;

import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import java.net.URI;
import java.util.List;
import java.util.Objects;

/** Behind {@link Publisher#builder(URI)} and the broker's own publishers. Not thread-safe. */
public final class PublisherBuilder extends CommonBuilder<Publisher.Builder> implements Publisher.Builder {

    private static final int MAX_WINDOW = 0xFFFF;

    private List<String> topics = List.of();
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
        super(endpoint, transport, true, timersOrNull);
    }

    @Override
    PublisherBuilder self() {
        return this;
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
        topics = List.of(value);
        return this;
    }

    /** For replies: to whatever topic a request names. No wildcard stands for those at a broker of ours. */
    PublisherBuilder replying() {
        topics = List.of("#", "$recado/reply/+");
        return this;
    }

    @Override
    public PublisherBuilder qos(QoS level) {
        qos = Objects.requireNonNull(level, "level");
        return this;
    }

    @Override
    public PublisherBuilder retain(boolean lastValue) {
        retain = lastValue;
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
    public Publisher open() {
        return connected();
    }

    /** {@link #open}, as what it is. */
    PublisherClient connected() {
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("no topic was given: call topic(name) or topicsUnder(filter)");
        }
        settings.requireConsistent();
        return new PublisherClient(settings, timers, topics, qos, retain, window).connect();
    }
}
