package dev.recado.testkit;

import static dev.recado.testkit.PubSubRig.check;
import static dev.recado.testkit.PubSubRig.checkEquals;
import static dev.recado.testkit.PubSubRig.checkNames;
import static dev.recado.testkit.PubSubRig.expectFailure;

import dev.recado.Broker;
import dev.recado.BrokerListener;
import dev.recado.ClientInfo;
import dev.recado.ClosedException;
import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.ListenException;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.RequestFailedException;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Role;
import dev.recado.RolePolicy;
import dev.recado.Subscriber;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Transport;
import dev.recado.testkit.internal.Eventually;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What users of the broker and its clients count on, over any transport. Extend it as {@link TransportContract}.
 *
 * <p>The rules, which tests and failure messages cite:
 *
 * <table class="striped">
 * <caption>Rules S1 to S6 are those of the original specification</caption>
 * <thead><tr><th>Rule</th><th>What</th></tr></thead>
 * <tbody>
 * <tr><td>S1</td><td>On connecting, a client states the topic that it will send to or receive from.</td></tr>
 * <tr><td>S2</td><td>A client is publisher or subscriber, never both: by type, and enforced by the broker.</td></tr>
 * <tr><td>S3</td><td>The broker keeps the names of topics when all clients that used them have gone.</td></tr>
 * <tr><td>S4</td><td>The broker sends the last stored message of a topic to every new subscriber.</td></tr>
 * <tr><td>H1</td><td>A replay brings the last messages of each topic, oldest first over all topics, then the live ones.</td></tr>
 * <tr><td>S5</td><td>Messages of any size up to the limit arrive whole.</td></tr>
 * <tr><td>S6</td><td>A client that hangs, dies without goodbye or sends rubbish disturbs nobody else, and is removed.</td></tr>
 * <tr><td>D1</td><td>A subscriber is live when {@code open()} returns.</td></tr>
 * <tr><td>D2</td><td>Messages of one publisher on one topic reach each subscriber in the order sent.</td></tr>
 * <tr><td>D3</td><td>{@code publish()} returns when the broker has taken the message over.</td></tr>
 * <tr><td>D4</td><td>{@code close()} finishes what was accepted.</td></tr>
 * <tr><td>D5</td><td>One way of consuming for each subscriber; none of them delays others.</td></tr>
 * <tr><td>D6</td><td>A lost connection comes back, with its subscriptions.</td></tr>
 * <tr><td>D7</td><td>An interrupt ends the caller's wait and nothing else.</td></tr>
 * <tr><td>R1</td><td>A request ends in time: with its own first reply, or with a failure that says why.</td></tr>
 * <tr><td>E1</td><td>Misuse is an exception that names the value and the rule.</td></tr>
 * <tr><td>C1</td><td>After {@code close()} no thread and no connection is left.</td></tr>
 * </tbody>
 * </table>
 *
 * @since 0.1.0
 */
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
public abstract class PubSubContract {

    @RegisterExtension
    final ContractExtension extension =
            new ContractExtension((timeouts, test) -> rig = new PubSubRig(this, timeouts, test));

    /** Set by the extension before each test. */
    PubSubRig rig;

    /** For subclasses. */
    protected PubSubContract() {}

    /**
     * Creates the transport that the broker listens on; called once a test, which closes it.
     *
     * @return a new transport
     */
    protected abstract Transport createTransport();

    /**
     * Creates the transport of the clients; see {@link TransportContract#createClientTransport()}.
     *
     * @return by default what {@link #createTransport()} returns
     */
    protected Transport createClientTransport() {
        return createTransport();
    }

    /**
     * Where the broker listens.
     *
     * @return by default {@code mqtt://127.0.0.1:0}
     */
    protected URI listenEndpoint() {
        return URI.create("mqtt://127.0.0.1:0");
    }

    /**
     * What the transports have beyond the rules.
     *
     * @return by default everything
     */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    // ---- S1: a client states its topic

    /** When it fails: look at the user properties recado-role and recado-topic of CONNECT. */
    @Test
    public final void required_S1_clientsShouldStateRoleAndTopicsWhenTheyConnect() {
        Broker broker = rig.broker();
        rig.closing(rig.publisher(broker, "news/br").clientId("p").open());
        rig.closing(rig.subscriber(broker, "news/#", "sport/+").clientId("s").open());

        ClientInfo publisher = client(broker, "p");
        ClientInfo subscriber = client(broker, "s");
        checkEquals("S1", Role.PUBLISHER, publisher.role(), "the publisher's role");
        checkEquals("S1", List.of("news/br"), publisher.topics(), "the publisher's topics");
        checkEquals("S1", Role.SUBSCRIBER, subscriber.role(), "the subscriber's role");
        checkEquals("S1", List.of("news/#", "sport/+"), subscriber.topics(), "the subscriber's topics");
    }

    private static ClientInfo client(Broker broker, String id) {
        return broker.clients().stream()
                .filter(client -> client.clientId().equals(id))
                .findAny()
                .orElseThrow(() -> new AssertionError(
                        "S1: client '" + id + "' must be connected, but there are only " + broker.clients()));
    }

    /** When it fails: a builder opens what has no topic, or the broker accepts who states none. */
    @Test
    public final void required_S1_clientsWithoutTopicShouldBeRefused() {
        Broker broker = rig.broker();
        expectFailure(
                "S1",
                IllegalArgumentException.class,
                () -> Publisher.builder(broker.endpoint())
                        .transport(rig.client())
                        .open());
        expectFailure(
                "S1",
                IllegalArgumentException.class,
                () -> Subscriber.builder(broker.endpoint())
                        .transport(rig.client())
                        .open());

        MqttPeer peer = rig.peer(broker);
        int code = peer.connect("raw", "recado-role", "publisher").reasonCode();
        check(
                "S1",
                code >= 0x80,
                () -> "a CONNECT with a role and no topic must be refused, but got 0x" + Integer.toHexString(code));
        rig.await("S1", peer::isClosed, () -> "a refused connection must be closed, but is open");
    }

    // ---- S2: publisher or subscriber, never both

    /** When it fails: one type has methods of the other. */
    @Test
    public final void required_S2_rolesShouldBeExclusiveByType() {
        Broker broker = rig.broker();
        Object publisher = rig.openPublisher(broker, "t");
        Object subscriber = rig.openSubscriber(broker, "t");
        check("S2", !(publisher instanceof Subscriber), () -> "a Publisher must not be a Subscriber");
        check("S2", !(subscriber instanceof Publisher), () -> "a Subscriber must not be a Publisher");
        check(
                "S2",
                !Publisher.class.isAssignableFrom(Subscriber.class)
                        && !Subscriber.class.isAssignableFrom(Publisher.class),
                () -> "neither type may extend the other");
    }

    /** When it fails: SUBACK must carry 0x87 and the connection go on. */
    @Test
    public final void required_S2_publisherShouldNotSubscribeOnTheWire() {
        Broker broker = rig.broker();
        MqttPeer peer = rig.peer(broker);
        peer.connect("raw", "recado-role", "publisher", "recado-topic", "t");

        peer.subscribe("t", 1);

        checkCode("S2", 0x87, peer.expect(MqttPeer.SUBACK), "SUBSCRIBE by a publisher");
        rig.openPublisher(broker, "t").publish("x");
        peer.ping();
        peer.expect(MqttPeer.PINGRESP);
    }

    /** When it fails: PUBACK must carry 0x87; at QoS 0, which has no answer, DISCONNECT. */
    @Test
    public final void required_S2_subscriberShouldNotPublishOnTheWire() {
        Broker broker = rig.broker();
        Subscriber watcher = rig.openSubscriber(broker, "t");
        MqttPeer peer = rig.peer(broker);
        peer.connect("raw", "recado-role", "subscriber", "recado-topic", "t");

        peer.publish("t", "forbidden", 1);
        checkCode("S2", 0x87, peer.expect(MqttPeer.PUBACK), "PUBLISH by a subscriber");
        peer.publish("t", "forbidden", 0);
        checkCode("S2", 0x87, peer.expect(MqttPeer.DISCONNECT), "QoS 0 PUBLISH by a subscriber");

        rig.await("S2", peer::isClosed, () -> "the connection must be closed, but is open");
        rig.expectSilence("S2", watcher);
    }

    /** When it fails: a client that states no role keeps both under roles(EXCLUSIVE). */
    @Test
    public final void required_S2_firstActShouldDecideUnderExclusiveRoles() {
        Broker broker = rig.broker(builder -> builder.roles(RolePolicy.EXCLUSIVE));
        MqttPeer publishes = rig.peer(broker);
        publishes.connect("publishes");
        publishes.publish("t", "x", 1);
        publishes.expect(MqttPeer.PUBACK);
        publishes.subscribe("t", 0);
        checkCode("S2", 0x87, publishes.expect(MqttPeer.SUBACK), "SUBSCRIBE after PUBLISH");

        MqttPeer subscribes = rig.peer(broker);
        subscribes.connect("subscribes");
        subscribes.subscribe("u", 0);
        checkCode("S2", 0x00, subscribes.expect(MqttPeer.SUBACK), "the first SUBSCRIBE");
        subscribes.publish("t", "x", 1);
        checkCode("S2", 0x87, subscribes.expect(MqttPeer.PUBACK), "PUBLISH after SUBSCRIBE");
    }

    /** When it fails: a publisher leaves its topic, through the API or on the wire. */
    @Test
    public final void required_S2_publisherShouldKeepToItsTopic() {
        Broker broker = rig.broker();
        Publisher publisher = rig.openPublisher(broker, "mine");
        IllegalArgumentException thrown =
                expectFailure("S2", IllegalArgumentException.class, () -> publisher.publish(Message.of("other", "x")));
        checkNames("S2", thrown, "mine", "other");

        MqttPeer peer = rig.peer(broker);
        peer.connect("raw", "recado-role", "publisher", "recado-topic", "mine");
        peer.publish("other", "x", 1);
        checkCode("S2", 0x87, peer.expect(MqttPeer.PUBACK), "PUBLISH to another topic than the stated one");
        check("S2", !broker.topics().contains("other"), () -> "a refused topic must not be catalogued");
    }

    /** When it fails: topicsUnder() does not let a publisher name topics under its filter. */
    @Test
    public final void required_S2_publisherUnderAFilterShouldNameItsTopics() {
        Broker broker = rig.broker();
        Subscriber subscriber = rig.openSubscriber(broker, "chat/#");
        Publisher publisher = rig.closing(Publisher.builder(broker.endpoint())
                .transport(rig.client())
                .topicsUnder("chat/+")
                .open());

        publisher.publish("chat/ana", "oi");

        checkEquals("S2", "chat/ana", rig.next("S2", subscriber).topic(), "the message's topic");
        expectFailure("S2", IllegalArgumentException.class, () -> publisher.publish("chat/ana/x", "no"));
        expectFailure("S2", IllegalStateException.class, () -> publisher.publish("no topic"));
        checkEquals("S2", List.of("chat/ana"), broker.topics(), "the catalogue");
    }

    /** When it fails: the broker does not hold a publisher to the filter that it stated. */
    @Test
    public final void required_S2_publisherUnderAFilterShouldKeepToItOnTheWire() {
        Broker broker = rig.broker();
        MqttPeer peer = rig.peer(broker);
        peer.connect("raw", "recado-role", "publisher", "recado-topic", "chat/sala/#");
        checkEquals("S2", List.of("chat/sala/#"), client(broker, "raw").topics(), "what the publisher stated");

        for (String topic : List.of("chat/sala", "chat/sala/1", "chat/sala/1/2")) {
            peer.publish(topic, "x", 1);
            int code = peer.expect(MqttPeer.PUBACK).reasonCode();
            check(
                    "S2",
                    code < 0x80,
                    () -> "'" + topic + "' is under the filter, but got 0x" + Integer.toHexString(code));
        }
        peer.publish("chat/other", "x", 1);
        checkCode("S2", 0x87, peer.expect(MqttPeer.PUBACK), "PUBLISH outside the stated filter");
        checkEquals("S2", List.of("chat/sala", "chat/sala/1", "chat/sala/1/2"), broker.topics(), "the catalogue");
        peer.publish("chat/other", "x", 0);
        checkCode("S2", 0x87, peer.expect(MqttPeer.DISCONNECT), "QoS 0 PUBLISH outside the stated filter");
    }

    private static void checkCode(String rule, int expected, MqttPeer.Packet packet, String what) {
        check(
                rule,
                packet.reasonCode() == expected,
                () -> String.format(
                        "%s must be answered with 0x%02X, but was with 0x%02X", what, expected, packet.reasonCode()));
    }

    // ---- S3: topics outlive their clients

    /** When it fails: names go with the clients that used them. */
    @Test
    public final void required_S3_topicsShouldOutliveTheirClients() {
        Broker broker = rig.broker();
        rig.publisher(broker, "stated/only").open().close();
        rig.subscriber(broker, "asked/for", "wild/#").open().close();
        Publisher publisher = rig.openPublisher(broker, "used");
        publisher.publish("x");
        publisher.close();
        rig.await(
                "S3", () -> broker.clients().isEmpty(), () -> "all must have gone, but there are " + broker.clients());

        checkEquals("S3", List.of("asked/for", "stated/only", "used"), broker.topics(), "the catalogue");
        List<Message> names = PubSubRig.synchronizedList();
        rig.gathering(names, broker, "$recado/topics/#").close();
        checkEquals(
                "S3",
                List.of("asked/for", "stated/only", "used"),
                names.stream().map(Message::text).sorted().toList(),
                "the catalogue over the wire");
    }

    // ---- S4: the last value

    /** When it fails: new subscribers do not get what was published before they came. */
    @Test
    public final void required_S4_everyNewSubscriberShouldGetTheLastValue() {
        Broker broker = rig.broker();
        Publisher publisher = rig.openPublisher(broker, "clock/lisbon");
        publisher.publish("09:00");
        publisher.publish("10:00");
        publisher.close();

        for (String filter : List.of("clock/lisbon", "clock/+", "#")) {
            Subscriber late = rig.openSubscriber(broker, filter);
            Message message = rig.next("S4", late);
            checkEquals("S4", "10:00", message.text(), "the last value for " + filter);
            check("S4", message.retained(), () -> "the last value must be marked as retained");
            rig.expectSilence("S4", late);
        }
    }

    /** When it fails: an empty message does not clear the last value, or one published without RETAIN replaces it. */
    @Test
    public final void required_S4_lastValueShouldFollowWhatPublishersStore() {
        Broker broker = rig.broker();
        Publisher stores = rig.openPublisher(broker, "t");
        Publisher passes = rig.closing(rig.publisher(broker, "t").retain(false).open());
        stores.publish("kept");
        passes.publish("passed");
        Subscriber first = rig.openSubscriber(broker, "t");
        rig.expectText("S4", first, "kept");

        stores.publish("");
        checkEquals("S4", 0, rig.next("S4", first).size(), "the size of the message that clears");
        rig.expectSilence("S4", rig.openSubscriber(broker, "t"));
    }

    /**
     * When it fails: look at who reads the last value, and at which messages come live to a subscription that is not granted
     * yet.
     */
    @Test
    public final void required_S4_lastValueShouldJoinLiveMessagesWithoutGapOrRepeat() throws Exception {
        // Nothing may be dropped: then every gap is a fault.
        Broker broker = rig.broker(builder -> builder.limits(limits -> limits.maxQueuedMessages(10_000_000)));
        joinAtFullSpeed("S4", broker, 1, rig.publisherUnder(broker, "+"), builder -> builder);
    }

    private void joinAtFullSpeed(
            String rule, Broker broker, int topics, Publisher.Builder sender, UnaryOperator<Subscriber.Builder> joining)
            throws InterruptedException {
        Publisher publisher = rig.closing(sender.open());
        publisher.publish("0", "0");
        int openers = 4;
        int opens = 50;
        AtomicInteger opening = new AtomicInteger(openers);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        threads.add(kitThread("publisher", failures, () -> {
            for (int n = 1; opening.get() > 0; n++) {
                publisher.publishAsync(Message.of(String.valueOf(n % topics), String.valueOf(n)));
            }
        }));
        for (int i = 0; i < openers; i++) {
            threads.add(kitThread("opener " + i, failures, () -> {
                try {
                    for (int n = 0; n < opens; n++) {
                        receiveSome(rule, joining.apply(rig.subscriber(broker, n % 2 == 0 && topics == 1 ? "0" : "+")));
                    }
                } finally {
                    opening.decrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        check(rule, failures.isEmpty(), () -> "every subscriber must get a row without a gap or a repeat: " + failures);
        checkEquals(rule, 0L, broker.stats().messagesDropped(), "messages dropped");
    }

    private Thread kitThread(String name, List<Throwable> failures, Runnable task) {
        Thread thread = rig.threads().newKitThread(name, () -> {
            try {
                task.run();
            } catch (Throwable e) {
                failures.add(e);
            }
        });
        thread.start();
        return thread;
    }

    /** Subscribes while numbers are published, and gets them one after the other. */
    private void receiveSome(String rule, Subscriber.Builder joining) {
        List<Message> got = PubSubRig.synchronizedList();
        Subscriber subscriber = joining.onMessage(message -> {
                    if (got.size() < 100) {
                        got.add(message);
                    }
                })
                .open();
        try {
            rig.await(rule, () -> got.size() >= 30, () -> "messages must arrive, but only " + got.size() + " did");
        } finally {
            subscriber.close();
        }
        int first = Integer.parseInt(got.get(0).text());
        for (int i = 1; i < got.size(); i++) {
            Message message = got.get(i);
            int place = i;
            check(
                    rule,
                    message.text().equals(String.valueOf(first + i)),
                    () -> "message " + place + " of a new subscription to " + subscriber.topics()
                            + " that began with " + first + " must be " + (first + place) + ", but is " + message.text()
                            + (message.retained() ? ", a stored one" : ", a live one"));
        }
    }

    // ---- H1: history

    /** When it fails: look at what history keeps, and in which order it is sent. */
    @Test
    public final void required_H1_replayShouldBringTheLastMessagesOldestFirst() {
        Broker broker = rig.broker(builder -> builder.history("kept/#", 5));
        Publisher publisher = rig.openPublisher(broker, "kept/t");
        for (int n = 1; n <= 9; n++) {
            publisher.publish(String.valueOf(n));
        }
        for (String filter : List.of("kept/t", "kept/+", "#")) {
            Subscriber late =
                    rig.closing(rig.subscriber(broker, filter).replay(3).open());
            for (int n = 7; n <= 9; n++) {
                Message message = rig.next("H1", late);
                checkEquals("H1", String.valueOf(n), message.text(), "a message replayed for " + filter);
                check("H1", message.retained(), () -> "a replayed message must be marked as retained");
            }
            rig.expectSilence("H1", late);
        }
        Subscriber whole =
                rig.closing(rig.subscriber(broker, "kept/t").replay(100).open());
        for (int n = 5; n <= 10; n++) {
            if (n == 10) {
                publisher.publish("10");
            }
            rig.expectText("H1", whole, String.valueOf(n));
        }
        rig.expectSilence("H1", whole);
    }

    /** When it fails: look at how the histories of several topics are merged. */
    @Test
    public final void required_H1_replayShouldBeOldestFirstOverAllTopicsOfAFilter() {
        Broker broker = rig.broker(builder -> builder.history(4));
        Publisher publisher =
                rig.closing(rig.publisherUnder(broker, "room/#").retain(false).open());
        String topics = "aabcbacccabb";
        for (int n = 0; n < topics.length(); n++) {
            publisher.publish("room/" + topics.charAt(n), String.valueOf(n));
        }
        Subscriber late = rig.closing(rig.subscriber(broker, "room/+").replay(4).open());
        for (int n = 0; n < topics.length(); n++) {
            rig.expectText("H1", late, String.valueOf(n));
        }
        rig.expectSilence("H1", late);
    }

    /**
     * Subscribers that join while a publisher sends as fast as it can get numbers without a gap and without a repeat, each
     * beginning some messages back.
     *
     * <p>When it fails: look at what is stored while a replay is under way, and comes live, too.
     */
    @Test
    public final void required_H1_replayShouldJoinLiveMessagesWithoutGapOrRepeat() throws Exception {
        Broker broker =
                rig.broker(builder -> builder.history(50).limits(limits -> limits.maxQueuedMessages(10_000_000)));
        joinAtFullSpeed("H1", broker, 1, rig.publisherUnder(broker, "+").retain(false), builder -> builder.replay(20));
    }

    /**
     * As before, with numbers that go to several topics in turn: the row must go on over all of them. The history is deep, so
     * that none is pushed out of a topic before its turn comes.
     */
    @Test
    public final void required_H1_replayOfSeveralTopicsShouldJoinLiveMessagesWithoutGapOrRepeat() throws Exception {
        Broker broker =
                rig.broker(builder -> builder.history(20_000).limits(limits -> limits.maxQueuedMessages(10_000_000)));
        joinAtFullSpeed("H1", broker, 4, rig.publisherUnder(broker, "+").retain(false), builder -> builder.replay(20));
    }

    // ---- S5: any size

    /** When it fails: look at how packets are gathered from pieces. */
    @Test
    public final void required_S5_messagesOfAnySizeShouldArriveWhole() {
        exchangeSizes(rig.broker(), 1, 2, 127, 128, 1_023, 1_024, 1_025, 16_383, 16_384, 65_536, 1 << 20);
    }

    /** When it fails: as before, with every received buffer cut into single bytes on both sides. */
    @Test
    public final void required_S5_messagesInFragmentsOfOneByteShouldArriveWhole() {
        exchangeSizes(rig.broker(builder -> builder.layer(PubSubContract::inSingleBytes)), 1, 1_024, 1_025, 1 << 17);
    }

    private void exchangeSizes(Broker broker, int... sizes) {
        Subscriber subscriber = rig.closing(rig.subscriber(broker, "bytes")
                .layer(PubSubContract::inSingleBytes)
                .open());
        Publisher publisher = rig.closing(rig.publisher(broker, "bytes")
                .layer(PubSubContract::inSingleBytes)
                .open());
        for (int size : sizes) {
            byte[] payload = Bytes.pattern(size, 0, size);
            publisher.publish(payload);
            Message message = rig.next("S5", subscriber);
            check(
                    "S5",
                    Arrays.equals(payload, message.bytes()),
                    () -> "a message of " + size
                            + " bytes must arrive as it was sent, but " + message.size() + " bytes arrived"
                            + (message.size() == size ? ", changed" : ""));
        }
    }

    private static Acceptor inSingleBytes(Acceptor inner) {
        return connection -> {
            ConnectionHandler handler = inner.accept(connection);
            return new ConnectionHandler() {
                @Override
                public void opened() {
                    handler.opened();
                }

                @Override
                public void received(ByteBuffer bytes) {
                    ByteBuffer one = ByteBuffer.allocate(1);
                    while (bytes.hasRemaining()) {
                        handler.received(one.clear().put(bytes.get()).flip());
                    }
                }

                @Override
                public void drained() {
                    handler.drained();
                }

                @Override
                public void closed(Throwable cause) {
                    handler.closed(cause);
                }
            };
        };
    }

    /** When it fails: the limit is not announced, or not held to. */
    @Test
    public final void required_S5_messagesOverTheLimitShouldBeRefusedByName() {
        Broker broker = rig.broker(builder -> builder.limits(limits -> limits.maxPacketSize(10_000)));
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        Publisher publisher = rig.openPublisher(broker, "t");

        IllegalArgumentException thrown =
                expectFailure("S5", IllegalArgumentException.class, () -> publisher.publish(new byte[10_001]));
        checkNames("S5", thrown, "10000");
        publisher.publish("still there");
        rig.expectText("S5", subscriber, "still there");
    }

    // ---- S6: bad neighbours

    /** When it fails: a subscriber that stops reading stops others; look at the overflow policy. */
    @Test
    public final void required_S6_hangingSubscriberShouldDisturbNobody() {
        Broker broker = rig.broker(builder -> builder.limits(limits -> limits.maxOutboundBytes(64 * 1024)));
        MqttPeer stuck = rig.peer(broker);
        stuck.connect("stuck");
        stuck.subscribe("t", 0);
        stuck.expect(MqttPeer.SUBACK);
        stuck.connection().pauseReading();
        List<Message> got = PubSubRig.synchronizedList();
        rig.gathering(got, broker, "t");
        Publisher publisher = rig.openPublisher(broker, "t");

        // As much as the systems' buffers hold, and more; a healthy subscriber misses none of it.
        byte[] payload = new byte[64 * 1024];
        for (int i = 0; i < 200; i++) {
            publisher.publish(payload);
        }

        rig.await(
                "S6",
                () -> got.size() == 200,
                () -> "the healthy subscriber must get 200 messages, but got " + got.size());
    }

    /** When it fails: the time for which a publisher may be paused is counted for each slow subscriber, not for all together. */
    @Test
    public final void required_S6_manyHangingSubscribersShouldNotStopAPublisher() {
        Broker broker = rig.broker(builder -> builder.limits(limits -> limits.maxOutboundBytes(16 * 1024)));
        for (int i = 0; i < 50; i++) {
            MqttPeer stuck = rig.peer(broker);
            stuck.connect("stuck " + i);
            stuck.subscribe("t", 0);
            stuck.expect(MqttPeer.SUBACK);
            stuck.connection().pauseReading();
        }
        Publisher publisher = rig.openPublisher(broker, "t");
        byte[] payload = new byte[64 * 1024];
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            publisher.publish(payload);
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        // If each of them could pause it for its own 100 ms a second, 50 would stop it: a message would take a second
        // or more.
        // Without that, what the systems' buffers take has to be written for each, under TLS encrypted for each: 320
        // MB.
        long limit = 3 * rig.arrival().toSeconds();
        check(
                "S6",
                seconds < limit,
                () -> "100 messages must pass 50 stuck subscribers within " + limit + " s, but took " + seconds + " s");
        check("S6", broker.stats().messagesDropped() > 0, () -> "what stuck subscribers miss must be counted");
        checkEquals("S6", 51, broker.clients().size(), "clients");
    }

    /** When it fails: a client that dies stays in the list. */
    @Test
    public final void required_S6_dyingClientShouldBeRemovedAndDisturbNobody() {
        List<String> gone = new CopyOnWriteArrayList<>();
        Broker broker = rig.broker(builder -> builder.listener(new BrokerListener() {
            @Override
            public void disconnected(ClientInfo client, ReasonCode reason) {
                gone.add(client.clientId());
            }
        }));
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        MqttPeer dying = rig.peer(broker);
        dying.connect("dying");
        dying.subscribe("#", 0);
        dying.expect(MqttPeer.SUBACK);
        check(
                "S6",
                broker.clients().size() == 2,
                () -> "two clients must be connected, but there are " + broker.clients());

        dying.connection().abort();

        rig.await(
                "S6",
                () -> broker.clients().size() == 1,
                () -> "the dead client must be removed, but there are " + broker.clients());
        rig.await("S6", () -> gone.contains("dying"), () -> "the listener must be told, but heard of " + gone);
        rig.openPublisher(broker, "t").publish("x");
        rig.expectText("S6", subscriber, "x");
    }

    /** When it fails: rubbish takes more than its own connection. The seed is in the message. */
    @Test
    public final void required_S6_rubbishShouldEndItsOwnConnectionOnly() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        // Rubbish may look like the beginning of a packet: then this ends it. On a busy machine good clients need some
        // of it.
        Broker broker = rig.broker(builder -> builder.limits(limits -> limits.connectTimeout(Duration.ofSeconds(3))));
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        Publisher publisher = rig.openPublisher(broker, "t");
        List<MqttPeer> peers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            MqttPeer peer = rig.peer(broker);
            if (i % 2 == 0) {
                peer.connect("rubbish " + i);
            }
            byte[] rubbish = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(rubbish);
            peer.send(rubbish);
            if (i % 2 == 0) {
                peer.send(new byte[] {0}); // type 0 is reserved, should the rest have been waited for or understood
                peer.connection().close();
            }
            peers.add(peer);
            publisher.publish("message " + i);
            rig.expectText("S6", subscriber, "message " + i);
        }

        rig.await(
                "S6",
                () -> peers.stream().allMatch(MqttPeer::isClosed),
                () -> "connections with rubbish must end, but "
                        + peers.stream().filter(peer -> !peer.isClosed()).count() + " are open; seed " + seed);
        rig.await(
                "S6",
                () -> broker.clients().size() == 2,
                () -> "only two clients must be left, but there are " + broker.clients() + "; seed " + seed);
    }

    // ---- D1 to D3: live, in order, taken over

    /** When it fails: open() returns before SUBACK. */
    @Test
    public final void required_D1_subscriberShouldBeLiveWhenOpenReturns() {
        Broker broker = rig.broker();
        Publisher publisher =
                rig.closing(rig.publisher(broker, "t").retain(false).open());
        for (int i = 0; i < 30; i++) {
            Subscriber subscriber = rig.subscriber(broker, "t").open();
            publisher.publish("message " + i);
            rig.expectText("D1", subscriber, "message " + i);
            subscriber.close();
        }
    }

    /** When it fails: messages overtake each other between publisher and subscriber. */
    @Test
    public final void required_D2_messagesShouldArriveInTheOrderSent() {
        for (QoS qos : List.of(QoS.AT_MOST_ONCE, QoS.AT_LEAST_ONCE)) {
            Broker broker = rig.broker();
            List<String> got = new ArrayList<>();
            Subscriber subscriber = rig.subscriber(broker, "t")
                    .qos(qos)
                    .onMessage(message -> got.add(message.text()))
                    .open();
            Publisher publisher = rig.publisher(broker, "t").qos(qos).open();
            int count = 5_000;
            for (int i = 0; i < count; i++) {
                publisher.publishAsync(String.valueOf(i));
            }
            publisher.close();
            subscriber.close(); // waits for what was sent, and for its handler
            checkEquals(
                    "D2", IntStream.range(0, count).mapToObj(String::valueOf).toList(), got, "what arrived at " + qos);
            broker.close();
        }
    }

    /** When it fails: publish() returns before PUBACK, or PUBACK comes before the message is stored and routed. */
    @Test
    public final void required_D3_publishShouldReturnWhenTheBrokerHasTakenTheMessageOver() {
        Broker broker = rig.broker();
        Publisher publisher = rig.openPublisher(broker, "t");
        for (int i = 1; i <= 50; i++) {
            publisher.publish("message " + i);
            checkEquals("D3", (long) i, broker.stats().messagesReceived(), "messages at the broker");
        }
        checkEquals("D3", 1L, broker.stats().retainedMessages(), "last values at the broker");
    }

    /** When it fails: properties are lost between publisher, broker and subscriber. */
    @Test
    public final void required_D3_propertiesShouldTravelWithTheMessage() {
        Broker broker = rig.broker();
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        rig.openPublisher(broker, "t")
                .publish(Message.builder("t")
                        .payload("olá, 日本語")
                        .utf8(true)
                        .contentType("text/plain")
                        .responseTopic("answers")
                        .correlationData(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                        .expiry(Duration.ofSeconds(60))
                        .userProperty("b", "1")
                        .userProperty("a", "2")
                        .build());

        Message message = rig.next("D3", subscriber);
        checkEquals("D3", "olá, 日本語", message.text(), "text");
        check("D3", message.utf8(), () -> "the payload must be marked as UTF-8");
        checkEquals("D3", "text/plain", message.contentType().orElse("none"), "content type");
        checkEquals("D3", "answers", message.responseTopic().orElse("none"), "response topic");
        checkEquals(
                "D3",
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                message.correlationData().orElseThrow(),
                "correlation data");
        check(
                "D3",
                message.expiry().isPresent() && message.expiry().get().compareTo(Duration.ofSeconds(60)) <= 0,
                () -> "the expiry must arrive, but is " + message.expiry());
        checkEquals(
                "D3",
                List.of("b=1", "a=2"),
                message.userProperties().stream()
                        .map(property -> property.name() + "=" + property.value())
                        .toList(),
                "user properties");
    }

    /** When it fails: a message is lost, doubled or overtaken while subscriptions change, names are taken over and clients die. */
    @Test
    public final void required_D2_churnShouldNotDisturbAStableSubscriber() throws Exception {
        Broker broker = rig.broker(builder -> builder.layer(inner -> connection -> delaying(inner.accept(connection))));
        int publishers = 3;
        int each = 400;
        List<List<Integer>> got = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            got.add(new ArrayList<>());
        }
        Subscriber stable = rig.subscriber(broker, "t/+")
                .onMessage(message ->
                        got.get(Integer.parseInt(message.topic().substring(2))).add(Integer.parseInt(message.text())))
                .open();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger publishing = new AtomicInteger(publishers);
        for (int i = 0; i < publishers; i++) {
            Publisher publisher = rig.openPublisher(broker, "t/" + i);
            threads.add(rig.threads().newKitThread("publisher", () -> {
                for (int n = 0; n < each; n++) {
                    publisher.publishAsync(String.valueOf(n));
                }
                publisher.flush();
                publishing.decrementAndGet();
            }));
        }
        for (int i = 0; i < 2; i++) {
            int churner = i;
            threads.add(rig.threads().newKitThread("churner", () -> {
                for (int n = 0; publishing.get() > 0; n++) {
                    MqttPeer peer = new MqttPeer(rig.client(), broker.endpoint(), rig.arrival());
                    peer.connect(n % 3 == 0 ? "taken over" : "churner " + churner);
                    peer.subscribe(n % 2 == 0 ? "t/#" : "t/1", n % 2);
                    if (n % 3 != 0) {
                        peer.connection().abort();
                    } // else the next one of this name ends it, or the end of the test
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        stable.close();
        List<Integer> all = IntStream.range(0, each).boxed().toList();
        for (int i = 0; i < publishers; i++) {
            checkEquals("D2", all, got.get(i), "what arrived of publisher " + i);
        }
        rig.await(
                "C1",
                () -> broker.stats().subscriptions() <= 1,
                () -> "subscriptions must go with their clients, but "
                        + broker.stats().subscriptions() + " are left");
    }

    /** Lets other threads in between, at moments that differ from run to run. */
    private static ConnectionHandler delaying(ConnectionHandler handler) {
        Random random = new Random();
        return new ConnectionHandler() {
            @Override
            public void opened() {
                handler.opened();
            }

            @Override
            public void received(ByteBuffer bytes) {
                delay();
                handler.received(bytes);
                delay();
            }

            @Override
            public void drained() {
                delay();
                handler.drained();
            }

            @Override
            public void closed(Throwable cause) {
                delay();
                handler.closed(cause);
            }

            private void delay() {
                switch (random.nextInt(4)) {
                    case 0 -> LockSupport.parkNanos(random.nextInt(200_000));
                    case 1 -> Thread.yield();
                    default -> {
                        // at full speed
                    }
                }
            }
        };
    }

    // ---- D4: closing

    /** When it fails: close() of a subscriber is no barrier. */
    @Test
    public final void required_D4_closeShouldLetWhatWasOnItsWayArrive() {
        Broker broker = rig.broker();
        for (int i = 0; i < 20; i++) {
            List<Message> got = PubSubRig.synchronizedList();
            Subscriber subscriber = rig.gathering(got, broker, "t" + i);
            Publisher publisher = rig.publisher(broker, "t" + i).open();
            for (int n = 0; n < 50; n++) {
                publisher.publishAsync("x");
            }
            publisher.close();
            subscriber.close();
            checkEquals("D4", 50, got.size(), "messages handled when close() has returned");
        }
    }

    /** When it fails: close() of a subscriber waits for the end of a topic that has none, or loses what came before. */
    @Test
    public final void required_D4_closeShouldEndThoughTheTopicStaysBusy() throws Exception {
        Broker broker = rig.broker();
        List<Message> got = PubSubRig.synchronizedList();
        Subscriber subscriber =
                rig.subscriber(broker, "t").buffer(16).onMessage(got::add).open();
        Publisher publisher = rig.openPublisher(broker, "t");
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread busy = rig.threads().newKitThread("busy", () -> {
            try {
                for (int n = 0; subscriber.state() != ConnectionState.CLOSED; n++) {
                    publisher.publishAsync(String.valueOf(n)).thenRun(acknowledged::incrementAndGet);
                }
            } catch (RuntimeException e) {
                failed.set(e);
            }
        });
        busy.start();
        rig.await("D4", () -> got.size() >= 100, () -> "messages must arrive, but only " + got.size() + " did");
        int accepted = acknowledged.get();
        long start = System.nanoTime();
        subscriber.close();
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        busy.join(rig.arrival().toMillis());
        check("D4", failed.get() == null, () -> "publishing must go on, but threw " + failed.get());
        check(
                "D4",
                taken.compareTo(rig.arrival().dividedBy(2)) < 0,
                () -> "close() must not wait for its timeout of " + rig.arrival() + ", but took " + taken);
        List<String> expected =
                IntStream.range(0, got.size()).mapToObj(String::valueOf).toList();
        checkEquals("D4", expected, got.stream().map(Message::text).toList(), "what was handled");
        check(
                "D4",
                got.size() >= accepted,
                () -> accepted + " messages were accepted before close(), but only " + got.size() + " handled");
    }

    /** When it fails: close() twice, from several threads or from a handler does not return. */
    @Test
    public final void required_D4_closeShouldBeIdempotentAndComeFromAnywhere() throws Exception {
        Broker broker = rig.broker();
        Publisher publisher = rig.openPublisher(broker, "t");
        AtomicReference<Subscriber> self = new AtomicReference<>();
        CountDownLatch closedByItself = new CountDownLatch(1);
        self.set(rig.closing(rig.subscriber(broker, "t")
                .onMessage(message -> {
                    self.get().close();
                    closedByItself.countDown();
                })
                .open()));
        publisher.publish("now");
        check(
                "D4",
                closedByItself.await(rig.arrival().toMillis(), TimeUnit.MILLISECONDS),
                () -> "close() from the handler must return");
        rig.await(
                "D4",
                () -> self.get().state() == ConnectionState.CLOSED,
                () -> "the state must be CLOSED, but is " + self.get().state());
        publisher.close();
        publisher.close();
        broker.close();
        broker.close();
        check("D4", broker.awaitClosed(rig.arrival()), () -> "awaitClosed must return after close");
    }

    /** When it fails: a call races with close() and hangs, or ends with something else than its own exceptions. */
    @Test
    public final void required_D4_closeShouldRaceSafelyWithPublish() throws Exception {
        Broker broker = rig.broker();
        for (int i = 0; i < 20; i++) {
            Publisher publisher = rig.publisher(broker, "t").open();
            CountDownLatch started = new CountDownLatch(1);
            AtomicReference<Throwable> ended = new AtomicReference<>();
            Thread racer = rig.threads().newKitThread("racer", () -> {
                try {
                    while (true) {
                        publisher.publishAsync("x");
                        started.countDown();
                    }
                } catch (Throwable t) {
                    ended.set(t);
                }
            });
            racer.start();
            started.await();
            publisher.close();
            racer.join(rig.arrival().toMillis());
            check(
                    "D4",
                    ended.get() instanceof ClosedException,
                    () -> "publishing after close() must throw ClosedException," + " but threw " + ended.get());
        }
    }

    /** When it fails: clients of a broker that has closed hang or stay connected. */
    @Test
    public final void required_D4_clientsShouldLearnThatTheBrokerHasClosed() {
        Broker broker = rig.broker();
        List<ConnectionState> states = new CopyOnWriteArrayList<>();
        Subscriber subscriber = rig.closing(rig.subscriber(broker, "t")
                .reconnect(Reconnect.never())
                .onStateChange((from, to, cause) -> states.add(to))
                .open());

        broker.close();

        rig.await(
                "D4",
                () -> subscriber.state() == ConnectionState.CLOSED,
                () -> "the state must be CLOSED, but is " + subscriber.state());
        rig.await(
                "D4",
                () -> states.contains(ConnectionState.CLOSED),
                () -> "the listener must be told, but heard " + states);
    }

    // ---- D5: consuming

    /** When it fails: receive() does not keep to its time, or a second way of consuming is let in. */
    @Test
    public final void required_D5_subscriberShouldHaveOneWayOfConsuming() {
        Broker broker = rig.broker();
        Subscriber pulls = rig.openSubscriber(broker, "t");
        rig.expectSilence("D5", pulls);
        check("D5", pulls.receive(Duration.ZERO).isEmpty(), () -> "receive(ZERO) must return at once");
        expectFailure("D5", IllegalStateException.class, pulls::messages);
        Subscriber handles =
                rig.closing(rig.subscriber(broker, "t").onMessage(message -> {}).open());
        expectFailure("D5", IllegalStateException.class, () -> handles.receive(Duration.ZERO));
        expectFailure("D5", IllegalStateException.class, handles::messages);
    }

    /** When it fails: the stream delivers more than was requested, or not in order. */
    @Test
    public final void required_D5_streamShouldFollowDemand() {
        Broker broker = rig.broker();
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        List<String> got = new CopyOnWriteArrayList<>();
        AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
        CountDownLatch completed = new CountDownLatch(1);
        subscriber.messages().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription made) {
                subscription.set(made);
                made.request(2);
            }

            @Override
            public void onNext(Message message) {
                got.add(message.text());
            }

            @Override
            public void onError(Throwable thrown) {
                got.add("error: " + thrown);
            }

            @Override
            public void onComplete() {
                completed.countDown();
            }
        });
        Publisher publisher = rig.openPublisher(broker, "t");
        for (int i = 0; i < 5; i++) {
            publisher.publish(String.valueOf(i));
        }
        rig.await("D5", () -> got.size() == 2, () -> "two messages were requested, but " + got + " came");
        check(
                "D5",
                !Eventually.holds(rig.silence(), () -> got.size() > 2),
                () -> "no more than two messages were requested, but " + got + " came");
        subscription.get().request(3);
        rig.await(
                "D5",
                () -> got.equals(List.of("0", "1", "2", "3", "4")),
                () -> "all five were requested, but " + got + " came");
        subscriber.close();
        rig.await("D5", () -> completed.getCount() == 0, () -> "onComplete must follow close()");
    }

    /** When it fails: a handler that blocks or throws holds up others, or ends its own subscriber. */
    @Test
    public final void required_D5_handlersShouldDelayNobodyElse() {
        Broker broker = rig.broker();
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger blocked = new AtomicInteger();
        Subscriber blocks = rig.subscriber(broker, "t")
                .onMessage(message -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    blocked.incrementAndGet();
                })
                .open();
        AtomicInteger thrown = new AtomicInteger();
        rig.closing(rig.subscriber(broker, "t")
                .onMessage(message -> {
                    thrown.incrementAndGet();
                    throw new IllegalStateException("thrown by a test's handler");
                })
                .open());
        Publisher publisher = rig.openPublisher(broker, "t");
        try {
            for (int i = 0; i < 100; i++) {
                publisher.publish("x");
            }
            rig.await("D5", () -> thrown.get() == 100, () -> "100 messages must be handled, but " + thrown + " were");
            checkEquals("D5", 0, blocked.get(), "messages handled by the blocked handler");
        } finally {
            release.countDown();
        }
        rig.await("D5", () -> blocked.get() == 100, () -> "the blocked handler must go on, but handled " + blocked);
        blocks.close();
    }

    /** When it fails: a client in the broker's own process is not as good as one over the transport. */
    @Test
    public final void required_D5_clientsInProcessShouldBeLikeOthers() {
        Broker broker = rig.broker();
        Subscriber inside = rig.closing(broker.subscriber("t").open());
        Subscriber outside = rig.openSubscriber(broker, "t");
        Publisher fromInside = rig.closing(broker.publisher("t").open());
        fromInside.publish("from inside");
        rig.openPublisher(broker, "t").publish("from outside");
        for (Subscriber subscriber : List.of(inside, outside)) {
            rig.expectText("D5", subscriber, "from inside");
            rig.expectText("D5", subscriber, "from outside");
        }
    }

    // ---- D6: lost connections

    /** When it fails: a client does not come back, or comes back without its subscriptions. */
    @Test
    public final void required_D6_clientsShouldReconnectAndResubscribe() {
        Broker broker = rig.broker();
        Reconnect soon = new Reconnect(Duration.ofMillis(10), Duration.ofMillis(50), Integer.MAX_VALUE);
        List<ConnectionState> states = new CopyOnWriteArrayList<>();
        List<Message> got = PubSubRig.synchronizedList();
        rig.closing(rig.subscriber(broker, "t")
                .clientId("s")
                .reconnect(soon)
                .onStateChange((from, to, cause) -> states.add(to))
                .onMessage(got::add)
                .open());
        Publisher publisher = rig.closing(rig.publisher(broker, "t")
                .clientId("p")
                .retain(false)
                .reconnect(soon)
                .open());
        publisher.publish("before");

        check("D6", broker.disconnect("s", ReasonCode.SERVER_BUSY), () -> "the subscriber must be known");
        check("D6", broker.disconnect("p", ReasonCode.SERVER_BUSY), () -> "the publisher must be known");

        rig.await(
                "D6",
                () -> states.contains(ConnectionState.RECONNECTING)
                        && states.get(states.size() - 1) == ConnectionState.CONNECTED,
                () -> "the subscriber must come back, but went through " + states);
        publisher.publish("after"); // waits for its connection
        rig.await(
                "D6",
                () -> got.stream().map(Message::text).toList().equals(List.of("before", "after")),
                () -> "both" + " messages must arrive, but got "
                        + got.stream().map(Message::text).toList());
    }

    /** When it fails: two clients of one name do not follow MQTT's rule that the later one wins. */
    @Test
    public final void required_D6_laterClientOfTheSameNameShouldTakeOver() {
        Broker broker = rig.broker();
        Subscriber first =
                rig.closing(rig.subscriber(broker, "t").clientId("name").open());
        Subscriber second =
                rig.closing(rig.subscriber(broker, "t").clientId("name").open());

        rig.await(
                "D6",
                () -> first.state() == ConnectionState.CLOSED,
                () -> "the first must be closed for good, but is " + first.state());
        rig.openPublisher(broker, "t").publish("x");
        rig.expectText("D6", second, "x");
        checkEquals("D6", 2, broker.clients().size(), "clients");
    }

    // ---- D7: interrupts

    /** When it fails: an interrupt does not end a wait, is swallowed, or harms the connection. */
    @Test
    public final void required_D7_interruptShouldEndTheWaitAndNothingElse() throws Exception {
        Broker broker = rig.broker();
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        AtomicReference<Throwable> ended = new AtomicReference<>();
        CompletableFuture<Boolean> stillSet = new CompletableFuture<>();
        Thread waiter = rig.threads().newKitThread("waiter", () -> {
            try {
                subscriber.receive(Duration.ofMinutes(10));
            } catch (Throwable t) {
                ended.set(t);
            }
            stillSet.complete(Thread.currentThread().isInterrupted());
        });
        waiter.start();
        rig.await("D7", () -> waiter.getState() == Thread.State.TIMED_WAITING, () -> "receive must wait");
        waiter.interrupt();
        check("D7", stillSet.get(rig.arrival().toMillis(), TimeUnit.MILLISECONDS), () -> "the interrupt must stay set");
        check(
                "D7",
                ended.get() instanceof WaitInterruptedException,
                () -> "must throw WaitInterruptedException, but threw " + ended.get());

        Publisher publisher = rig.openPublisher(broker, "t");
        CompletableFuture<Void> published = new CompletableFuture<>();
        Thread interrupted = rig.threads().newKitThread("interrupted", () -> {
            Thread.currentThread().interrupt();
            try {
                publisher.publish("while interrupted");
            } catch (WaitInterruptedException expected) {
                // The message may have been sent all the same.
            }
            published.complete(null);
        });
        interrupted.start();
        published.get(rig.arrival().toMillis(), TimeUnit.MILLISECONDS);
        publisher.publish("afterwards");
        String next = rig.next("D7", subscriber).text();
        if (next.equals("while interrupted")) {
            next = rig.next("D7", subscriber).text();
        }
        checkEquals("D7", "afterwards", next, "the message after the interrupt");
        checkEquals("D7", ConnectionState.CONNECTED, publisher.state(), "the publisher's state");
    }

    // ---- R1: requests and replies

    /** When it fails: a request is not answered, or not with its own reply. */
    @Test
    public final void required_R1_requestsShouldBeAnswered() {
        Broker broker = rig.broker();
        rig.closing(rig.responder(broker, "shop/+")
                .respond(request -> request.reply(request.topic() + " " + request.text()))
                .open());
        Requester requester = rig.closing(rig.requester(broker, "shop/price").open());
        Requester other = rig.closing(
                rig.requester(broker, "shop/price").topicsUnder("shop/#").open());
        checkEquals("R1", "shop/price apple", requester.request("apple").text(), "the reply");
        checkEquals(
                "R1",
                "shop/stock pear",
                other.request(Message.of("shop/stock", "pear")).text(),
                "the reply");
        checkEquals("R1", 0, requester.inFlight(), "requests in flight");
        checkEquals("R1", 0L, requester.discardedReplies(), "discarded replies");
        checkEquals("R1", List.of("shop/price", "shop/stock"), broker.topics(), "the catalogue");
    }

    /** When it fails: replies get lost or mixed up when there are many. */
    @Test
    public final void required_R1_manyRequestsShouldBeInFlight() throws Exception {
        Broker broker = rig.broker();
        int count = 10_000;
        int inFlight = 1_000;
        for (int i = 0; i < 2; i++) {
            rig.closing(rig.responder(broker, "t")
                    .sharedWith("group")
                    .concurrency(8)
                    .respond(request -> request.reply(request.text()))
                    .open());
        }
        Requester requester =
                rig.closing(rig.requester(broker, "t").maxInFlight(inFlight).open());
        Semaphore room = new Semaphore(inFlight);
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            check(
                    "R1",
                    room.tryAcquire(rig.arrival().toMillis(), TimeUnit.MILLISECONDS),
                    () -> "a reply must come while " + inFlight + " are awaited");
            CompletableFuture<Message> reply = requester.requestAsync("" + i);
            reply.whenComplete((message, failure) -> room.release());
            replies.add(reply);
            most.accumulateAndGet(requester.inFlight(), Math::max);
        }
        for (int i = 0; i < count; i++) {
            Message reply = replies.get(i).get(rig.arrival().toMillis(), TimeUnit.MILLISECONDS);
            checkEquals("R1", "" + i, reply.text(), "the reply to request " + i);
        }
        check("R1", most.get() > 1, () -> "several requests must be in flight at once, but there was one at most");
        checkEquals("R1", 0L, requester.discardedReplies(), "discarded replies");
    }

    /** When it fails: a responder's failure is not told, or ends more than its own request. */
    @Test
    public final void required_R1_errorsShouldBeCarriedBack() {
        Broker broker = rig.broker();
        rig.closing(rig.responder(broker, "t")
                .respond(request -> {
                    if (request.text().equals("bad")) {
                        throw new IllegalStateException("no such thing as bad");
                    }
                    return request.reply("good");
                })
                .open());
        Requester requester = rig.closing(rig.requester(broker, "t").open());
        RequestFailedException thrown =
                expectFailure("R1", RequestFailedException.class, () -> requester.request("bad"));
        checkEquals("R1", "no such thing as bad", thrown.error().orElse(""), "the responder's error");
        checkEquals("R1", "good", requester.request("x").text(), "the reply after a failure");
    }

    /** When it fails: a request to nobody waits for its time limit. */
    @Test
    public final void required_R1_requestsToNobodyShouldFailAtOnce() {
        Broker broker = rig.broker();
        Requester requester = rig.closing(
                rig.requester(broker, "t").timeout(Duration.ofDays(1)).open());
        RequestFailedException thrown = expectFailure("R1", RequestFailedException.class, () -> requester.request("x"));
        checkNames("R1", thrown, "'t'");
        checkEquals(
                "R1", ReasonCode.NO_MATCHING_SUBSCRIBERS, thrown.reasonCode().orElse(null), "the reason code");
    }

    /** When it fails: a request waits for ever, or a late reply harms a later request. */
    @Test
    public final void required_R1_lateRepliesShouldBeDiscarded() throws Exception {
        Broker broker = rig.broker();
        CountDownLatch go = new CountDownLatch(1);
        rig.closing(rig.responder(broker, "t")
                .concurrency(2)
                .respond(request -> {
                    if (request.text().equals("slow")) {
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    return request.reply(request.text());
                })
                .open());
        Requester impatient = rig.closing(
                rig.requester(broker, "t").timeout(Duration.ofMillis(200)).open());
        try {
            expectFailure(
                    "R1",
                    WaitTimeoutException.class,
                    () -> impatient.request(Message.builder("t")
                            .payload("slow")
                            .expiry(Duration.ofHours(1))
                            .build()));
        } finally {
            go.countDown();
        }
        rig.await(
                "R1",
                () -> impatient.discardedReplies() == 1,
                () -> "one late reply must be discarded, but " + impatient.discardedReplies() + " were");
        Requester patient = rig.closing(rig.requester(broker, "t").open());
        checkEquals("R1", "x", patient.request("x").text(), "the reply after a late one");
    }

    /** When it fails: each of several responders answers though they share, or one does all the work. */
    @Test
    public final void required_R1_respondersOfAGroupShouldShare() {
        Broker broker = rig.broker();
        AtomicInteger[] answered = {new AtomicInteger(), new AtomicInteger()};
        for (AtomicInteger count : answered) {
            rig.closing(rig.responder(broker, "t")
                    .sharedWith("group")
                    .respond(request -> {
                        count.incrementAndGet();
                        return request.reply("");
                    })
                    .open());
        }
        Requester requester = rig.closing(rig.requester(broker, "t").open());
        for (int i = 0; i < 50; i++) {
            requester.request("x");
        }
        checkEquals("R1", 50, answered[0].get() + answered[1].get(), "requests answered by both");
        check(
                "R1",
                answered[0].get() > 0 && answered[1].get() > 0,
                () -> "both must answer, but got " + answered[0] + " and " + answered[1]);
    }

    /** When it fails: others can listen to replies, or pretend to be somebody's requester. */
    @Test
    public final void required_R1_repliesShouldBeReadByNobodyElse() {
        Broker broker = rig.broker();
        Subscriber spy = rig.openSubscriber(broker, "#", "$recado/#");
        rig.closing(rig.responder(broker, "t")
                .respond(request -> request.reply("secret"))
                .open());
        Requester requester =
                rig.closing(rig.requester(broker, "t").clientId("ana").open());
        checkEquals("R1", "$recado/reply/ana", requester.replyTopic(), "the reply topic");
        checkEquals("R1", "secret", requester.request("question").text(), "the reply");

        RefusedException thrown = expectFailure(
                "R1",
                RefusedException.class,
                () -> rig.subscriber(broker, "$recado/reply/ana").open());
        checkEquals("R1", ReasonCode.NOT_AUTHORIZED, thrown.reasonCode().orElse(null), "the reason code");
        List<String> seen = new ArrayList<>();
        for (Message message = rig.next("R1", spy); !message.text().equals("question"); message = rig.next("R1", spy)) {
            seen.add(message.text());
        }
        check("R1", !seen.contains("secret"), () -> "a reply must not be seen, but the spy saw " + seen);
        rig.expectSilence("R1", spy);
    }

    /** When it fails: requesters and responders in the broker's own process are not as good as others. */
    @Test
    public final void required_R1_requestersAndRespondersInProcessShouldBeLikeOthers() {
        Broker broker = rig.broker();
        rig.closing(broker.responder("inside")
                .respond(request -> request.reply("from inside"))
                .open());
        rig.closing(rig.responder(broker, "outside")
                .respond(request -> request.reply("from outside"))
                .open());
        Requester inside = rig.closing(broker.requester("outside").open());
        Requester outside = rig.closing(rig.requester(broker, "inside").open());
        checkEquals("R1", "from outside", inside.request("x").text(), "the reply");
        checkEquals("R1", "from inside", outside.request("x").text(), "the reply");
    }

    /** When it fails: a closed requester leaves its callers waiting, or a closed responder its requesters. */
    @Test
    public final void required_R1_closingShouldEndWhatIsInFlight() throws Exception {
        Broker broker = rig.broker();
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        Responder responder = rig.closing(rig.responder(broker, "t")
                .concurrency(2)
                .respond(request -> {
                    begun.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return request.reply("finished");
                })
                .open());
        Requester closed = rig.closing(rig.requester(broker, "t").open());
        Requester stays = rig.closing(rig.requester(broker, "t").open());
        CompletableFuture<Message> abandoned = closed.requestAsync("x");
        CompletableFuture<Message> finished = stays.requestAsync("x");
        try {
            check(
                    "R1",
                    begun.await(rig.arrival().toMillis(), TimeUnit.MILLISECONDS),
                    () -> "both requests must be begun");
            closed.close();
            check("R1", abandoned.isCompletedExceptionally(), () -> "close() must end what is in flight");
            expectFailure("R1", ClosedException.class, () -> closed.request("y"));
        } finally {
            go.countDown();
        }
        responder.close();
        checkEquals(
                "R1",
                "finished",
                finished.get(rig.arrival().toMillis(), TimeUnit.MILLISECONDS).text(),
                "the reply that was begun");
    }

    // ---- E1: misuse

    /** When it fails: an argument that cannot be is let through, or the message does not help. */
    @Test
    public final void required_E1_misuseShouldNameTheValueAndTheRule() {
        Broker broker = rig.broker();
        for (String topic : List.of("a/+", "a/#", "", "a\u0000b")) {
            IllegalArgumentException thrown =
                    expectFailure("E1", IllegalArgumentException.class, () -> rig.publisher(broker, topic));
            checkNames("E1", thrown, "topic");
        }
        for (String filter : List.of("a/#/b", "a+", "", "#a")) {
            expectFailure("E1", IllegalArgumentException.class, () -> rig.subscriber(broker, filter));
        }
        for (Duration duration : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            IllegalArgumentException thrown = expectFailure(
                    "E1",
                    IllegalArgumentException.class,
                    () -> rig.publisher(broker, "t").timeout(duration));
            checkNames("E1", thrown, duration.toString());
            expectFailure(
                    "E1",
                    IllegalArgumentException.class,
                    () -> rig.subscriber(broker, "t").connectTimeout(duration));
        }
        IllegalArgumentException window = expectFailure(
                "E1",
                IllegalArgumentException.class,
                () -> rig.publisher(broker, "t").window(0));
        checkNames("E1", window, "0");
        expectFailure("E1", IllegalArgumentException.class, () -> broker.forgetTopics("a/#/b"));
        expectFailure("E1", IllegalArgumentException.class, () -> broker.disconnect("x", ReasonCode.GRANTED_QOS_1));
        expectFailure(
                "E1", IllegalArgumentException.class, () -> Broker.builder().limits(limits -> limits.maxPacketSize(0)));
    }

    /** When it fails: closed clients accept calls, or throw something else. */
    @Test
    public final void required_E1_closedClientsShouldSayThatTheyAre() {
        Broker broker = rig.broker();
        Publisher publisher = rig.openPublisher(broker, "t");
        publisher.close();
        expectFailure("E1", ClosedException.class, () -> publisher.publish("x"));
        expectFailure("E1", ClosedException.class, () -> publisher.publishAsync("x"));
        Subscriber subscriber = rig.openSubscriber(broker, "t");
        subscriber.close();
        check("E1", subscriber.receive(Duration.ZERO).isEmpty(), () -> "a closed subscriber has no messages");
    }

    /** When it fails: a broker that is not there is reported late, or without its address. */
    @Test
    public final void required_E1_unreachableBrokerShouldBeNamed() {
        Assumptions.assumeTrue(
                capabilities().contains(Capability.PORTS), "the transport does not declare " + Capability.PORTS);
        Broker broker = rig.broker();
        URI endpoint = broker.endpoint();
        broker.close();

        ConnectionFailedException thrown = expectFailure(
                "E1",
                ConnectionFailedException.class,
                () -> Publisher.builder(endpoint)
                        .transport(rig.client())
                        .topic("t")
                        .connectTimeout(rig.arrival())
                        .open());
        checkNames("E1", thrown, String.valueOf(endpoint.getPort()));
    }

    /** When it fails: a taken address is not an error, or not one that names it. */
    @Test
    public final void required_E1_takenAddressShouldBeNamed() {
        Broker broker = rig.broker();
        ListenException thrown = expectFailure(
                "E1",
                ListenException.class,
                () -> rig.closing(Broker.builder()
                        .transport(rig.client())
                        .listen(broker.endpoint())
                        .start()));
        checkNames("E1", thrown, broker.endpoint().toString());
    }

    /** When it fails: a broker that answers nothing keeps open() waiting beyond its limit. */
    @Test
    public final void required_E1_silentBrokerShouldBeGivenUpInTime() {
        Broker broker = rig.broker(builder -> builder.layer(inner -> connection -> new SilentHandler()));
        expectFailure(
                "E1",
                WaitTimeoutException.class,
                () -> rig.publisher(broker, "t")
                        .connectTimeout(Duration.ofMillis(200))
                        .open());
    }

    /** Takes what comes and never answers. */
    private static final class SilentHandler implements ConnectionHandler {
        @Override
        public void opened() {}

        @Override
        public void received(ByteBuffer bytes) {}

        @Override
        public void drained() {}

        @Override
        public void closed(Throwable cause) {}
    }

    // ---- C1: many, and nothing left

    /** When it fails: something is shared between brokers. */
    @Test
    public final void required_C1_brokersShouldShareNothing() {
        Assumptions.assumeTrue(
                capabilities().contains(Capability.PORTS), "the transport does not declare " + Capability.PORTS);
        Broker one = rig.broker();
        Broker two = rig.broker();
        Subscriber atOne = rig.openSubscriber(one, "#");
        rig.openPublisher(two, "t").publish("x");
        rig.expectSilence("C1", atOne);
        check(
                "C1",
                one.topics().isEmpty(),
                () -> "the other broker's topics must not be here, but " + one.topics() + " are");
    }

    /** When it fails: look at what grows with the number of clients. */
    @Test
    public final void required_C1_manyClientsShouldBeServedAndGoWithoutTrace() throws Exception {
        Broker broker = rig.broker();
        int count = 40;
        List<Message> got = PubSubRig.synchronizedList();
        List<AutoCloseable> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(rig.gathering(got, broker, "t/" + i, "all"));
        }
        for (int i = 0; i < count; i++) {
            Publisher publisher = rig.openPublisher(broker, "t/" + i);
            clients.add(publisher);
            publisher.publish("x");
        }
        rig.openPublisher(broker, "all").publish("y");
        rig.await(
                "C1",
                () -> got.size() == 2 * count,
                () -> 2 * count + " messages must arrive, but " + got.size() + " did");
        for (AutoCloseable client : clients) {
            client.close();
        }
        rig.await(
                "C1",
                () -> broker.clients().size() == 1,
                () -> "one client must be left, but there are "
                        + broker.clients().size());
        rig.await(
                "C1",
                () -> broker.stats().subscriptions() == 0,
                () -> "no subscription must be left, but there are "
                        + broker.stats().subscriptions());
    }
}
