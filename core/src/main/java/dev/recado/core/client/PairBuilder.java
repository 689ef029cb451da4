package dev.recado.core.client;

import dev.recado.ConnectionBuilder;
import dev.recado.Reconnect;
import dev.recado.StateListener;
import dev.recado.Tls;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Credentials;
import dev.recado.core.TransportChoice;
import dev.recado.core.time.Timers;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the builders of requesters and responders have in common: each is a publisher and a subscriber, which are told the same.
 * Not thread-safe.
 */
abstract class PairBuilder<B extends ConnectionBuilder<B>> implements ConnectionBuilder<B> {

    /** What the client identifier of the connection that sends has behind it. */
    private static final String OUT = "-out";

    private final URI endpoint;
    private final Supplier<TransportChoice> transports;
    private final Timers timers;
    private final List<Consumer<CommonBuilder<?>>> steps = new ArrayList<>();

    /** Is told everything first, so that wrong arguments are refused where they are given; opens nothing. */
    private final PublisherBuilder checking;

    /** {@code null} for a random one. */
    private String clientId;

    private StateListener stateListener = (from, to, cause) -> {};

    /**
     * Starts with the defaults.
     *
     * @param transports which transport to use, afresh for each connection; the builder may change the choice
     * @param timersOrNull {@code null}: timers of its own, closed with it
     */
    PairBuilder(URI endpoint, Supplier<TransportChoice> transports, Timers timersOrNull) {
        this.endpoint = endpoint;
        this.transports = transports;
        this.timers = timersOrNull;
        this.checking = new PublisherBuilder(endpoint, transports.get(), timersOrNull);
    }

    /** This builder as what the program sees. */
    abstract B self();

    private B each(Consumer<CommonBuilder<?>> step) {
        step.accept(checking);
        steps.add(step);
        return self();
    }

    /** Refuses what the publisher would. */
    void check(Consumer<PublisherBuilder> step) {
        step.accept(checking);
    }

    /** A new pair, which does nothing yet. */
    Pair pair(String name) {
        String id = clientId == null ? ClientSettings.randomId() : clientId;
        return new Pair(name, id, timers, stateListener);
    }

    long timeoutNanos() {
        return checking.settings.timeoutNanos();
    }

    /** Prepares the publisher of a pair. */
    PublisherBuilder publisher(Pair pair) {
        PublisherBuilder out = new PublisherBuilder(endpoint, transports.get(), pair.timers());
        steps.forEach(step -> step.accept(out));
        out.clientId(pair.clientId() + OUT).onStateChange(pair.outListener());
        return out;
    }

    /** Prepares the subscriber of a pair. */
    SubscriberBuilder subscriber(Pair pair) {
        SubscriberBuilder in = new SubscriberBuilder(endpoint, transports.get(), pair.timers());
        steps.forEach(step -> step.accept(in));
        in.clientId(pair.clientId()).onStateChange(pair.inListener());
        return in;
    }

    @Override
    public B clientId(String id) {
        checking.clientId(id);
        checking.clientId(id + OUT);
        clientId = id;
        return self();
    }

    @Override
    public B credentials(Supplier<Credentials> source) {
        return each(builder -> builder.credentials(source));
    }

    @Override
    public B authentication(ClientAuthentication method) {
        return each(builder -> builder.authentication(method));
    }

    @Override
    public B timeout(Duration limit) {
        return each(builder -> builder.timeout(limit));
    }

    @Override
    public B connectTimeout(Duration limit) {
        return each(builder -> builder.connectTimeout(limit));
    }

    @Override
    public B keepAlive(Duration interval) {
        return each(builder -> builder.keepAlive(interval));
    }

    @Override
    public B reconnect(Reconnect policy) {
        return each(builder -> builder.reconnect(policy));
    }

    @Override
    public B onStateChange(StateListener listener) {
        stateListener = Objects.requireNonNull(listener, "listener");
        return self();
    }

    @Override
    public B transport(String name) {
        return each(builder -> builder.transport(name));
    }

    @Override
    public B transport(Transport shared) {
        return each(builder -> builder.transport(shared));
    }

    @Override
    public B tls(Tls encryption) {
        return each(builder -> builder.tls(encryption));
    }

    @Override
    public B layer(Layer layer) {
        return each(builder -> builder.layer(layer));
    }
}
