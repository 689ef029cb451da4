package dev.recado.core.client;

import dev.recado.Requester;
import dev.recado.RetainHandling;
import dev.recado.core.TransportChoice;
import dev.recado.core.time.Timers;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Behind {@link Requester#builder(URI)} and the broker's own requesters. Not thread-safe. */
public final class RequesterBuilder extends PairBuilder<Requester.Builder> implements Requester.Builder {

    private static final int MAX_IN_FLIGHT = 0xFFFF;

    /** Of the publisher: what is sent and unacknowledged is bounded by what is in flight. */
    private static final int WINDOW = 0xFFFF;

    /** Long enough for a reply to find its requester when the connection is lost; not for ever, which the largest value is. */
    private static final Duration LONGEST_SESSION = Duration.ofDays(1);

    /** {@code null} until it is given. */
    private UnaryOperator<PublisherBuilder> topic;

    private int maxInFlight = 1024;

    /**
     * Starts with the defaults.
     *
     * @param endpoint the broker's
     * @param transports which transport to use, afresh for each connection; the builder may change the choice
     * @param timersOrNull {@code null}: the client gets timers of its own, and closes them
     */
    public RequesterBuilder(URI endpoint, Supplier<TransportChoice> transports, Timers timersOrNull) {
        super(endpoint, transports, timersOrNull);
    }

    @Override
    RequesterBuilder self() {
        return this;
    }

    @Override
    public RequesterBuilder topic(String name) {
        return goingTo(out -> out.topic(name));
    }

    @Override
    public RequesterBuilder topicsUnder(String filter) {
        return goingTo(out -> out.topicsUnder(filter));
    }

    private RequesterBuilder goingTo(UnaryOperator<PublisherBuilder> given) {
        check(given::apply);
        topic = given;
        return this;
    }

    @Override
    public RequesterBuilder maxInFlight(int requests) {
        if (requests < 1 || requests > MAX_IN_FLIGHT) {
            throw new IllegalArgumentException("maxInFlight must be 1 to " + MAX_IN_FLIGHT + ", but is " + requests);
        }
        maxInFlight = requests;
        return this;
    }

    @Override
    public Requester open() {
        if (topic == null) {
            throw new IllegalArgumentException("no topic was given: call topic(name) or topicsUnder(filter)");
        }
        Pair pair = pair("requester");
        ReplyTopic replyTopic = new ReplyTopic(pair.clientId());
        RequesterClient requester = new RequesterClient(pair, replyTopic, timeoutNanos(), maxInFlight);
        pair.open(
                () -> topic.apply(publisher(pair)).retain(false).window(WINDOW).connected(),
                () -> {
                    SubscriberBuilder in = subscriber(pair);
                    in.sessionExpiry(sessionExpiry()).cleanStart(true);
                    return in.retainHandling(RetainHandling.DO_NOT_SEND)
                            .onMessage(requester::replied)
                            .connected(replyTopic);
                },
                requester::finish);
        return requester;
    }

    private Duration sessionExpiry() {
        Duration timeout = Nanos.wholeSeconds(timeoutNanos());
        return timeout.compareTo(LONGEST_SESSION) < 0 ? timeout : LONGEST_SESSION;
    }
}
