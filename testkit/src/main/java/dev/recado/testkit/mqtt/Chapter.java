package dev.recado.testkit.mqtt;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.opentest4j.TestAbortedException;

/**
 * Tests on one topic in one version of MQTT. All chapters share one broker and run in parallel: names come from {@link
 * #newClientId} and {@link #newTopic}, and whoever subscribes to a wildcard from the root sees everybody's messages.
 */
@ExtendWith(StatementExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 50, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class Chapter {

    /** A second on the wire may take several at a broker that looks at its clock now and then. */
    private static final Duration CLOCK_PATIENCE = Duration.ofSeconds(20);

    final BrokerUnderTest broker;
    final Version version;

    /** How long to wait for what must come. */
    Duration patience;

    /** Changed by the test, closed by whoever ends it when it hangs. */
    private final List<Wire> wires = new CopyOnWriteArrayList<>();

    Chapter(BrokerUnderTest broker, Version version) {
        this.broker = broker;
        this.version = version;
    }

    // ---- Names ----

    /** A Client Identifier of its own, such as any broker takes (MQTT-3.1.3-5). */
    String newClientId() {
        return broker.uniqueName();
    }

    /** A topic of its own, of two levels. */
    String newTopic() {
        return "kit/" + broker.uniqueName();
    }

    // ---- Connections; each is closed behind the test ----

    /** A connection on which nothing has been sent. */
    Wire open() {
        Wire wire = new Wire("#" + (wires.size() + 1), broker, version, patience);
        wires.add(wire);
        return wire;
    }

    /** A client of its own, with Clean Start, that the broker has accepted. */
    Wire connected() {
        return connected(Packets.connect(newClientId()));
    }

    /** A client that the broker has accepted. */
    Wire connected(Connect connect) {
        Wire wire = open().send(connect);
        wire.expect(PacketType.CONNACK, 0);
        return wire;
    }

    /** What the broker says to such a client, and says of itself. */
    Received accepted(Connect connect) {
        return open().send(connect).expect(PacketType.CONNACK, 0);
    }

    /** For a client with a session that outlives its connection; an older one is continued. */
    Connect session(String clientId) {
        Connect connect = Packets.connect(clientId).keepSession();
        return version.hasProperties() ? connect.with(Property.SESSION_EXPIRY_INTERVAL, 60) : connect;
    }

    /** A client that the broker has accepted, and told whether it has a session. */
    Wire connected(Connect connect, boolean sessionPresent) {
        Wire wire = open().send(connect);
        Received connAck = wire.expect(PacketType.CONNACK, 0);
        Assertions.assertEquals(sessionPresent, connAck.sessionPresent(), "Session Present");
        return wire;
    }

    /** Ends the session of a client that is away. */
    void forget(String clientId) {
        connected(Packets.connect(clientId)).disconnect();
    }

    void closeAll() {
        wires.forEach(Wire::close);
    }

    /** What went over the connections of this test. */
    String transcript() {
        return wires.stream().map(Wire::transcript).collect(Collectors.joining("\n"));
    }

    // ---- Exchanges ----

    /** A new subscriber with that filter gets these topics, and none of those. */
    void expectMatches(String filter, String[] matching, String... others) {
        Wire subscriber = connected().subscribe(filter, 0);
        Wire publisher = connected();
        for (String other : others) {
            publisher.publish(other, "does not match " + filter, 0);
        }
        for (String topic : matching) {
            publisher.publish(topic, "matches " + filter, 0);
            subscriber.expectPublish(topic, "matches " + filter);
        }
        subscriber.expectSilence();
    }

    // ---- Time and space ----

    /**
     * Returns when what lasts one second is over at the broker, also at one that counts in whole seconds and so holds it for
     * up to two. It is the broker's clock that counts, so it is asked: a client with a Keep Alive of 2 that says nothing is
     * disconnected after 3 s (MQTT-3.1.2-22 of MQTT 5, 3.1.2-24 of MQTT 3.1.1).
     */
    void letSecondPass() {
        Wire clock = new Wire("clock", broker, version, CLOCK_PATIENCE);
        wires.add(clock);
        clock.send(Packets.connect(newClientId()).keepAlive(2));
        clock.expect(PacketType.CONNACK, 0);
        clock.expectClosed(version.hasProperties() ? new int[] {0x8D} : new int[0]);
    }

    /**
     * Whatever Maximum Packet Size lets a client connect, the answer fits, if need be without this property.
     *
     * @param exchange asks for the answer, the same each time, and returns it
     */
    void givesWay(Property property, Function<Wire, Received> exchange) {
        Wire unbounded = open().send(Packets.connect(newClientId()));
        int connAck = unbounded.expect(PacketType.CONNACK, 0).size();
        Received answer = exchange.apply(unbounded);
        for (int size = Math.max(connAck, answer.sizeWithout(property)); size <= answer.size(); size++) {
            // The reader refuses what is larger than the client permits.
            Wire bounded = connected(Packets.connect(newClientId()).with(Property.MAXIMUM_PACKET_SIZE, size));
            Assertions.assertEquals(answer.codes(), exchange.apply(bounded).codes(), "codes of the shortened answer");
        }
    }

    // ---- What the test needs ----

    /** Skips the test at a broker that is declared not to have this. */
    void needs(MqttFeature feature) {
        Assumptions.assumeTrue(broker.has(feature), () -> "the broker is declared to lack " + feature);
    }

    /** What is declared; skips the test when it is {@code null}. */
    static <T> T declared(T what, String setter) {
        Assumptions.assumeTrue(what != null, () -> "needs a declaration by BrokerUnderTest." + setter);
        return what;
    }

    /** Ends an {@code untested_} test. */
    static void notObservable(String reason) {
        throw new TestAbortedException("not observable: " + reason);
    }

    final void requireVersion() {
        needs(version == Version.V5 ? MqttFeature.MQTT_5 : MqttFeature.MQTT_311);
    }
}
