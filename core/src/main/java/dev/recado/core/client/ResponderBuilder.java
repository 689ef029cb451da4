package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.Responder;
import dev.recado.RetainHandling;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** Behind {@link Responder#builder(URI)} and the broker's own responders. Not thread-safe. */
public final class ResponderBuilder extends PairBuilder<Responder.Builder> implements Responder.Builder {

    private static final int MAX_CONCURRENCY = 0x7FFF;

    private final Set<String> filters = new LinkedHashSet<>();

    /** {@code null} for none. */
    private String group;

    private Function<? super Message, ? extends CompletionStage<Message>> handler;
    private int concurrency = 1;
    private Executor executor;

    /**
     * Starts with the defaults.
     *
     * @param endpoint the broker's
     * @param transports which transport to use, afresh for each connection; the builder may change the choice
     * @param timersOrNull {@code null}: the client gets timers of its own, and closes them
     */
    public ResponderBuilder(URI endpoint, Supplier<TransportChoice> transports, Timers timersOrNull) {
        super(endpoint, transports, timersOrNull);
    }

    @Override
    ResponderBuilder self() {
        return this;
    }

    @Override
    public ResponderBuilder topic(String filter) {
        requireFilter(filter);
        filters.add(filter);
        return this;
    }

    @Override
    public ResponderBuilder sharedWith(String shareName) {
        requireFilter(shared(shareName, "t"));
        if (shareName.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "share name '" + shareName + "' has a '/', which ends a share name (MQTT-4.8.2-1)");
        }
        group = shareName;
        return this;
    }

    private static void requireFilter(String filter) {
        String violation = TopicRules.filterViolation(filter);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
    }

    private static String shared(String group, String filter) {
        return "$share/" + group + "/" + filter;
    }

    @Override
    public ResponderBuilder respond(Function<? super Message, Message> replies) {
        Objects.requireNonNull(replies, "handler");
        return respondAsync(request -> CompletableFuture.completedFuture(replies.apply(request)));
    }

    @Override
    public ResponderBuilder respondAsync(Function<? super Message, ? extends CompletionStage<Message>> replies) {
        handler = Objects.requireNonNull(replies, "handler");
        return this;
    }

    @Override
    public ResponderBuilder concurrency(int requests) {
        if (requests < 1 || requests > MAX_CONCURRENCY) {
            throw new IllegalArgumentException("concurrency must be 1 to " + MAX_CONCURRENCY + ", but is " + requests);
        }
        concurrency = requests;
        return this;
    }

    @Override
    public ResponderBuilder executor(Executor handlers) {
        executor = Objects.requireNonNull(handlers, "executor");
        return this;
    }

    @Override
    public Responder open() {
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("no topic was given: call topic(filter)");
        }
        if (handler == null) {
            throw new IllegalArgumentException("no handler was given: call respond(...) or respondAsync(...)");
        }
        Pair pair = pair("responder");
        ResponderClient responder =
                new ResponderClient(pair, handler, concurrency, executor, group != null, timeoutNanos());
        pair.open(
                () -> publisher(pair).replying().retain(false).connected(),
                () -> {
                    SubscriberBuilder in = subscriber(pair);
                    filters.forEach(filter -> in.topic(group == null ? filter : shared(group, filter)));
                    return in.retainHandling(RetainHandling.DO_NOT_SEND)
                            .buffer(2 * concurrency)
                            .manualAck()
                            .connected(new FixedTopics(in.subscriptions()));
                },
                responder::finish);
        responder.start();
        return responder;
    }
}
