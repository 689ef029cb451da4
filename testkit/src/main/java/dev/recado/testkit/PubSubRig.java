package dev.recado.testkit;

import dev.recado.Broker;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.spi.Transport;
import dev.recado.testkit.internal.Eventually;
import dev.recado.testkit.internal.Timeouts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What one test of {@link PubSubContract} works with: brokers and clients, closed and looked after at its end. */
final class PubSubRig implements ContractExtension.Run {

    private final PubSubContract contract;
    private final Timeouts timeouts;
    private final Violations violations = new Violations();
    private final TransportThreads threads;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final OpenSockets sockets;
    private WatchedTransport server;
    private WatchedTransport client;

    PubSubRig(PubSubContract contract, Timeouts timeouts, String test) {
        this.contract = contract;
        this.timeouts = timeouts;
        this.threads = new TransportThreads(test, violations);
        this.sockets = new OpenSockets(contract.capabilities().contains(Capability.TCP));
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public TransportThreads threads() {
        return threads;
    }

    Duration arrival() {
        return timeouts.arrival();
    }

    Duration silence() {
        return timeouts.silence();
    }

    // ---- Brokers and clients

    private Transport server() {
        if (server == null) {
            server = new WatchedTransport(contract.createTransport(), sockets);
        }
        return server;
    }

    Transport client() {
        server();
        if (client == null) {
            client = server.orOther(contract.createClientTransport());
        }
        return client;
    }

    Broker broker() {
        return broker(builder -> builder);
    }

    Broker broker(UnaryOperator<Broker.Builder> configure) {
        return closing(configure
                .apply(Broker.builder().transport(server()).listen(contract.listenEndpoint()))
                .start());
    }

    Publisher.Builder publisher(Broker broker, String topic) {
        return Publisher.builder(broker.endpoint())
                .transport(client())
                .timeout(arrival())
                .topic(topic);
    }

    /** Of one that names the topic of each message. */
    Publisher.Builder publisherUnder(Broker broker, String filter) {
        return Publisher.builder(broker.endpoint())
                .transport(client())
                .timeout(arrival())
                .topicsUnder(filter);
    }

    Publisher openPublisher(Broker broker, String topic) {
        return closing(publisher(broker, topic).open());
    }

    Subscriber.Builder subscriber(Broker broker, String... filters) {
        Subscriber.Builder builder =
                Subscriber.builder(broker.endpoint()).transport(client()).timeout(arrival());
        for (String filter : filters) {
            builder.topic(filter);
        }
        return builder;
    }

    Subscriber openSubscriber(Broker broker, String... filters) {
        return closing(subscriber(broker, filters).open());
    }

    Requester.Builder requester(Broker broker, String topic) {
        return Requester.builder(broker.endpoint())
                .transport(client())
                .timeout(arrival())
                .topic(topic);
    }

    Responder.Builder responder(Broker broker, String filter) {
        return Responder.builder(broker.endpoint())
                .transport(client())
                .timeout(arrival())
                .topic(filter);
    }

    /** A subscriber whose messages are gathered in a list. */
    Subscriber gathering(List<Message> into, Broker broker, String... filters) {
        return closing(subscriber(broker, filters).onMessage(into::add).open());
    }

    MqttPeer peer(Broker broker) {
        MqttPeer peer = new MqttPeer(client(), broker.endpoint(), arrival());
        opened.push(() -> peer.connection().abort());
        sockets.look();
        return peer;
    }

    /** Has it closed at the end, the last one first. */
    <T extends AutoCloseable> T closing(T resource) {
        opened.push(resource);
        sockets.look();
        return resource;
    }

    // ---- Waiting and checking

    void await(String rule, BooleanSupplier condition, Supplier<String> message) {
        check(rule, Eventually.holds(timeouts.arrival(), condition), message);
    }

    static void check(String rule, boolean holds, Supplier<String> message) {
        if (!holds) {
            throw new AssertionError(rule + ": " + message.get());
        }
    }

    static <T> void checkEquals(String rule, T expected, T actual, String what) {
        check(rule, expected.equals(actual), () -> what + " must be " + expected + ", but is " + actual);
    }

    /** The next message of a subscriber, which must come in time. */
    Message next(String rule, Subscriber subscriber) {
        Optional<Message> message = subscriber.receive(arrival());
        check(rule, message.isPresent(), () -> "a message must arrive within " + arrival() + ", but none did");
        return message.get();
    }

    void expectText(String rule, Subscriber subscriber, String text) {
        checkEquals(rule, text, next(rule, subscriber).text(), "the next message");
    }

    void expectSilence(String rule, Subscriber subscriber) {
        Optional<Message> message = subscriber.receive(silence());
        check(
                rule,
                message.isEmpty(),
                () -> "no message must arrive, but one did: " + message.get() + ", '"
                        + message.get().text() + "'");
    }

    /** Runs what must fail in a certain way; returns the exception. */
    static <E extends Exception> E expectFailure(String rule, Class<E> type, Rig.Body body) {
        try {
            body.run();
        } catch (Throwable thrown) {
            check(rule, type.isInstance(thrown), () -> "must throw " + type.getSimpleName() + ", but threw " + thrown);
            return type.cast(thrown);
        }
        throw new AssertionError(rule + ": must throw " + type.getSimpleName() + ", but threw nothing");
    }

    static void checkNames(String rule, Exception thrown, String... values) {
        for (String value : values) {
            check(
                    rule,
                    String.valueOf(thrown.getMessage()).contains(value),
                    () -> "the message must name '" + value + "', but is '" + thrown.getMessage() + "'");
        }
    }

    static List<Message> synchronizedList() {
        return new CopyOnWriteArrayList<>();
    }

    // ---- The end

    /** Closes everything; then nothing may be left. */
    @Override
    public void close() throws Exception {
        sockets.lookForTheLastTime();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        for (Transport transport : new Transport[] {client, server}) {
            if (transport != null) {
                transport.close();
            }
        }
        if (!Eventually.holds(timeouts.arrival(), () -> threads.alive().isEmpty())) {
            violations.add(
                    "C1",
                    "no thread may be left after close(), but there are "
                            + threads.alive().stream().map(Thread::getName).toList());
        }
        sockets.checkNoneLeft("C1", timeouts.arrival(), violations);
        violations.rethrow();
    }
}
