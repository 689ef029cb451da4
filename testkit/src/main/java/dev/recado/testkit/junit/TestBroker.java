package dev.recado.testkit.junit;

import dev.recado.Broker;
import dev.recado.ClientInfo;
import dev.recado.ConnectionBuilder;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.auth.Credentials;
import dev.recado.testkit.internal.Eventually;
import dev.recado.testkit.internal.Timeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A broker for a test, and the network to it.
 *
 * <p>{@link RecadoBroker} starts and closes it; {@link #start} does, where there is no JUnit. Clients connect to
 * {@link #endpoint}, and are led through a {@linkplain #faults network that can be made bad}. What belongs to the test itself,
 * {@link #record} and {@link #publish}, reaches the broker within this JVM, whatever the network does.
 *
 * <p>All methods may be called from any thread. Those that wait do so for at most 10 seconds, or as JUnit's configuration
 * parameter {@code recado.testkit.arrivalTimeoutMillis} says, and then fail with an {@link AssertionError}.
 *
 * @since 0.1.0
 */
public final class TestBroker implements AutoCloseable {

    private final UnaryOperator<Broker.Builder> configuration;
    private final URI listen;
    private final Duration patience;
    private final Network network;
    private final List<Recording> recordings = new CopyOnWriteArrayList<>();
    private volatile Broker broker;

    /** Null for none. */
    private volatile Credentials credentials;

    /**
     * Starts a broker outside of JUnit.
     *
     * @param configuration changes the broker before it starts; it has been told where to listen
     * @return a broker that listens on a free port of the loopback interface
     * @throws dev.recado.RecadoException as {@link Broker.Builder#start}
     */
    public static TestBroker start(UnaryOperator<Broker.Builder> configuration) {
        return new TestBroker(
                URI.create("mqtt://127.0.0.1:0"),
                configuration,
                Timeouts.from(name -> Optional.ofNullable(System.getProperty(name))));
    }

    TestBroker(URI listen, UnaryOperator<Broker.Builder> configuration, Timeouts timeouts) {
        this.listen = listen;
        this.configuration = configuration;
        this.patience = timeouts.arrival();
        try {
            this.network = new Network(loopback(listen));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            startBehindNetwork();
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    private static InetAddress loopback(URI listen) throws IOException {
        InetAddress host = InetAddress.getByName(listen.getHost());
        if (!host.isLoopbackAddress() || listen.getPort() != 0) {
            throw new IllegalArgumentException(
                    "a test's broker listens on port 0 of a loopback address, but is told '" + listen + "'");
        }
        return host;
    }

    private void startBehindNetwork() {
        Broker started = configuration.apply(Broker.builder().listen(listen)).start();
        broker = started;
        network.leadTo(new InetSocketAddress(
                started.endpoint().getHost(), started.endpoint().getPort()));
    }

    /**
     * Where clients connect to. It stays the same until the end, also when the broker is {@linkplain #restart restarted}.
     *
     * @return {@code mqtt://127.0.0.1:port}, or with another scheme where another one was asked for
     */
    public URI endpoint() {
        return URI.create(listen.getScheme() + "://" + listen.getHost() + ":" + port());
    }

    /**
     * Where clients connect to.
     *
     * @return the host of {@link #endpoint}
     */
    public String host() {
        return listen.getHost();
    }

    /**
     * Where clients connect to.
     *
     * @return the port of {@link #endpoint}
     */
    public int port() {
        return network.address().getPort();
    }

    /**
     * The broker itself, for everything else: its clients, topics and statistics, publishers and subscribers in this JVM. Its
     * own endpoint is beside the network that can be made bad. Do not close it.
     *
     * @return the one that runs now
     */
    public Broker broker() {
        return broker;
    }

    /**
     * What the test itself logs in with, at a broker that has an authenticator: from now on, {@link #record} and
     * {@link #publish}.
     *
     * @param userName at most 65,535 bytes in UTF-8
     * @param password likewise
     */
    public void credentials(String userName, String password) {
        credentials = Credentials.of(userName, password);
    }

    private <B extends ConnectionBuilder<B>> B identified(B client) {
        Credentials present = credentials;
        return present == null ? client : client.credentials(() -> present);
    }

    /**
     * Subscribes, and records what arrives from now on; first the last values, if there are any.
     *
     * @param filter a topic filter
     * @return the recording, which goes on until it, or the broker, is closed
     * @throws IllegalArgumentException when the filter is none
     */
    public Recording record(String filter) {
        Recording recording = new Recording(filter, patience, () -> identified(broker.subscriber(filter)));
        recording.follow();
        recordings.add(recording);
        return recording;
    }

    /**
     * Publishes a text, not as a last value, and waits until the broker has taken it over.
     *
     * @param topic a topic name
     * @param text becomes the payload, in UTF-8
     */
    public void publish(String topic, String text) {
        publish(Message.of(topic, text));
    }

    /**
     * Publishes a message, and waits until the broker has taken it over. It is a last value when it says so:
     * {@link Message.Builder#retained}.
     *
     * @param message any message
     */
    public void publish(Message message) {
        try (Publisher publisher =
                identified(broker.publisher(message.topic())).retain(false).open()) {
            publisher.publish(message);
        }
    }

    /**
     * Waits until a client is connected.
     *
     * @param clientId its client identifier
     * @return who it is
     * @throws AssertionError when it does not connect in time; the error names those that are connected
     */
    public ClientInfo awaitClient(String clientId) {
        await(() -> client(clientId).isPresent(), () -> "client '" + clientId + "' must connect; " + connected());
        return client(clientId).orElseThrow(() -> new AssertionError("client '" + clientId + "' connected and went"));
    }

    /**
     * Waits until a client has gone.
     *
     * @param clientId its client identifier
     * @throws AssertionError when it stays
     */
    public void awaitGone(String clientId) {
        await(() -> client(clientId).isEmpty(), () -> "client '" + clientId + "' must go; " + connected());
    }

    /**
     * Waits until the broker holds so many subscriptions: those of {@link #record} count, too.
     *
     * @param count at least this many
     * @throws AssertionError when there are fewer
     */
    public void awaitSubscriptions(int count) {
        await(
                () -> broker.stats().subscriptions() >= count,
                () -> "there must be " + count + " subscriptions, but are "
                        + broker.stats().subscriptions());
    }

    private void await(BooleanSupplier condition, Supplier<String> failure) {
        if (!Eventually.holds(patience, condition)) {
            throw new AssertionError(failure.get() + ", after " + patience);
        }
    }

    private Optional<ClientInfo> client(String clientId) {
        return broker.clients().stream()
                .filter(client -> client.clientId().equals(clientId))
                .findFirst();
    }

    private String connected() {
        return "connected are "
                + broker.clients().stream().map(ClientInfo::clientId).sorted().toList();
    }

    /**
     * The network of all clients, those to come among them.
     *
     * @return faults that can be made
     */
    public Faults faults() {
        return new Faults(network, null);
    }

    /**
     * The network of one client, as long as its present connection lasts.
     *
     * @param clientId of a client that is connected
     * @return faults that can be made
     * @throws IllegalStateException when it is not connected through {@link #endpoint}; the message names those that are
     *     connected
     */
    public Faults faults(String clientId) {
        Link link = client(clientId)
                .flatMap(client -> network.links().stream()
                        .filter(each -> each.addressAtBroker().equals(client.address()))
                        .findFirst())
                .orElseThrow(() -> new IllegalStateException(
                        "client '" + clientId + "' is not connected over the network; " + connected()));
        return new Faults(network, link);
    }

    /**
     * Closes the broker and starts another one with the same configuration at the same {@link #endpoint}: clients are told
     * that it goes, as far as their network lets them, and what was in its memory is gone. Recordings go on at the new one.
     *
     * @throws dev.recado.RecadoException as {@link Broker.Builder#start}
     */
    public synchronized void restart() {
        recordings.forEach(Recording::unfollow);
        broker.close();
        startBehindNetwork();
        recordings.forEach(Recording::follow);
    }

    /** Ends what is the test's own, gives all others the time to end, and tells who has not. */
    List<String> connectionsLeft() {
        recordings.forEach(Recording::close);
        if (network.isClosed()) {
            // By the test itself; that has ended them all.
            return List.of();
        }
        faults().clear();
        Eventually.holds(
                patience, () -> broker.clients().isEmpty() && network.links().isEmpty());
        return describe(broker, network.links().size());
    }

    /** Each client, and how many connections to the network no client has. */
    static List<String> describe(Broker broker, int links) {
        List<String> left = new ArrayList<>();
        for (ClientInfo client : broker.clients()) {
            left.add("client '" + client.clientId() + "' from " + client.address() + " since " + client.connectedAt());
        }
        if (links > left.size()) {
            left.add((links - left.size()) + " connections without a client");
        }
        return left;
    }

    /** Closes the broker and the network. */
    @Override
    public void close() {
        recordings.forEach(Recording::close);
        broker.close();
        network.close();
    }
}
