package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.auth.Access;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Authorizer;
import dev.recado.auth.Identity;
import dev.recado.auth.Permission;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerAuthorizationTest {

    /** Denies what it was told to; leaves open what it was told to. */
    private static final class Scripted implements Authorizer {
        final Set<String> denied = new HashSet<>();
        final Set<String> slow = new HashSet<>();
        final Queue<CompletableFuture<Permission>> open = new ArrayDeque<>();
        final List<String> asked = new ArrayList<>();
        Identity who;

        @Override
        public CompletionStage<Permission> authorize(Identity client, Access access, String topic) {
            who = client;
            asked.add(access + " " + topic);
            if (slow.contains(topic)) {
                CompletableFuture<Permission> answer = new CompletableFuture<>();
                open.add(answer);
                return answer;
            }
            return (denied.contains(topic) ? Permission.denied("not '" + topic + "'") : Permission.granted()).now();
        }
    }

    private final Scripted rules = new Scripted();
    private final BrokerFixture fixture = new BrokerFixture(b -> b.authorizer(rules));

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Packet.Connect withWill(ProtocolVersion version, String topic) {
        Packet.Will will =
                new Packet.Will(AT_MOST_ONCE, false, Properties.NONE, topic, ByteBuffer.wrap(new byte[] {'x'}));
        return new Packet.Connect(version, true, 0, Properties.NONE, "w", will, null, null);
    }

    private static Packet.Connect login(String user) {
        return new Packet.Connect(
                ProtocolVersion.MQTT_5,
                false,
                0,
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 60L).build(),
                "c",
                null,
                user,
                null);
    }

    /** Takes every user name for proved. */
    private static final Authenticator BELIEVES = login -> CompletableFuture.completedFuture(
            login.userName() == null ? AuthStep.anonymous() : AuthStep.accepted(login.userName()));

    // ---- Refusals ----

    @Test
    void shouldRefuseAPublishAsEachQoSCan() {
        rules.denied.add("a");
        WireClient client = fixture.connect("c");

        client.publish("a", "x", AT_LEAST_ONCE, true);
        Packet.Ack pubAck = client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
        assertThat(pubAck.properties().text(Property.REASON_STRING)).isEqualTo("not 'a'");
        client.publish("a", "x", EXACTLY_ONCE, true);
        client.expectAnswer(PacketType.PUBREC, 7, ReasonCode.NOT_AUTHORIZED);
        client.publish("b", "x", EXACTLY_ONCE, true);
        client.expectAnswer(PacketType.PUBREC, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        client.publish("a", "x", AT_MOST_ONCE, true).expectDisconnect(ReasonCode.NOT_AUTHORIZED);

        assertThat(fixture.broker.topics()).containsExactly("b");
        assertThat(fixture.broker.stats().retainedMessages()).isOne();
        assertThat(fixture.broker.stats().refusals()).isEqualTo(3);
    }

    @Test
    void shouldRefuseTopicsThatTheCatalogueKnowsAndThoseBehindAnAlias() {
        fixture.connect("other").publish("a", "x", AT_MOST_ONCE, false);
        rules.denied.add("a");
        WireClient client = fixture.connect("c");
        Properties alias = Properties.builder().set(Property.TOPIC_ALIAS, 1).build();

        client.publish("a", "x", AT_LEAST_ONCE, false, alias)
                .expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
        client.publish("", "x", AT_LEAST_ONCE, false, alias)
                .expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void shouldRefuseFiltersOneByOne() {
        rules.denied.add("a/#");
        WireClient client = fixture.connect("c");

        client.send(new Packet.Subscribe(
                11,
                Properties.NONE,
                List.of(
                        new Packet.Subscription("b", AT_LEAST_ONCE, false, false, 0),
                        new Packet.Subscription("a/#", AT_LEAST_ONCE, false, false, 0),
                        new Packet.Subscription("$share/g/a/#", AT_LEAST_ONCE, false, false, 0))));
        Packet.SubAck subAck = client.expect(Packet.SubAck.class);

        assertThat(subAck.reasonCodes())
                .containsExactly(ReasonCode.GRANTED_QOS_1, ReasonCode.NOT_AUTHORIZED, ReasonCode.NOT_AUTHORIZED);
        assertThat(subAck.properties().text(Property.REASON_STRING)).isEqualTo("not 'a/#'");
        assertThat(rules.asked).containsExactly("SUBSCRIBE b", "SUBSCRIBE a/#", "SUBSCRIBE a/#");
        fixture.connect("p").publish("a/b", "x", AT_MOST_ONCE, false);
        client.expectNothing();
    }

    @Test
    void shouldRefuseAsMQTT311Can() {
        rules.denied.add("a");
        WireClient client = fixture.connect311("c");

        assertThat(client.subscribe(AT_LEAST_ONCE, "b", "a"))
                .containsExactly(ReasonCode.GRANTED_QOS_1, ReasonCode.UNSPECIFIED_ERROR);
        client.publish("a", "x", AT_LEAST_ONCE, false).expectClosed();
    }

    @Test
    void shouldAskForTheWillWhateverTheRole() {
        rules.denied.add("a");
        WireClient five = fixture.open().send(withWill(ProtocolVersion.MQTT_5, "a"));
        Packet.ConnAck answer = five.expect(Packet.ConnAck.class);
        assertThat(answer.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(answer.properties().text(Property.REASON_STRING)).contains("not 'a'");
        five.expectClosed();
        WireClient old = fixture.open().send(withWill(ProtocolVersion.MQTT_3_1_1, "a"));
        assertThat(old.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        old.expectClosed();
        assertThat(rules.asked).containsExactly("PUBLISH a", "PUBLISH a");

        assertThat(fixture.connect(withWill(ProtocolVersion.MQTT_5, "b")).isClosed())
                .isFalse();
    }

    @Test
    void shouldCatalogueOnlyThoseStatedTopicsThatAreGranted() {
        rules.denied.add("secret");
        WireClient publisher = fixture.connectAs("publisher", "news", "secret", "any/+");
        fixture.connectAs("subscriber", "read");

        assertThat(fixture.broker.topics()).containsExactly("news", "read");
        assertThat(rules.asked).containsExactly("PUBLISH news", "PUBLISH secret", "SUBSCRIBE read");
        publisher
                .publish("secret", "x", AT_LEAST_ONCE, false)
                .expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void shouldNotAskAboutWhatRolesOrTheTopicItselfForbid() {
        WireClient publisher = fixture.connectAs("publisher", "a");
        rules.asked.clear();

        publisher.publish("b", "x", AT_LEAST_ONCE, false);
        publisher.publish("$recado/topics/a", "x", AT_LEAST_ONCE, false);
        assertThat(publisher.drain()).hasSize(2);
        assertThat(publisher.subscribe(AT_MOST_ONCE, "a", "a/#/b"))
                .containsExactly(ReasonCode.NOT_AUTHORIZED, ReasonCode.TOPIC_FILTER_INVALID);

        assertThat(rules.asked).isEmpty();
    }

    // ---- Who ----

    @Test
    void shouldSayWhoWantsIt() {
        try (BrokerFixture known = new BrokerFixture(b -> b.authorizer(rules).authenticator(BELIEVES))) {
            known.connect(login("ana")).publish("a", "x", AT_MOST_ONCE, false);
            assertThat(rules.who.clientId()).isEqualTo("c");
            assertThat(rules.who.principal()).isEqualTo("ana");
            assertThat(rules.who.userName()).isEqualTo("ana");
            assertThat(rules.who.peer().address()).isNotNull();
        }
        fixture.connect(login("ana")).publish("a", "x", AT_MOST_ONCE, false);
        assertThat(rules.who.principal()).as("without an authenticator").isEmpty();
        assertThat(rules.who.userName()).isEqualTo("ana");
    }

    @Test
    void shouldGiveASessionToNobodyButWhoBeganIt() {
        try (BrokerFixture known = new BrokerFixture(b -> b.authorizer(rules).authenticator(BELIEVES))) {
            WireClient ana = known.connect(login("ana"));
            ana.subscribe(AT_LEAST_ONCE, "private/ana");
            WireClient bia = known.open().send(login("bia"));
            ana.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
            assertThat(bia.expect(Packet.ConnAck.class).sessionPresent()).isFalse();

            known.connect("p").publish("private/ana", "x", AT_LEAST_ONCE, false);
            bia.expectNothing();

            bia.cut();
            WireClient again = known.open().send(login("bia"));
            assertThat(again.expect(Packet.ConnAck.class).sessionPresent()).isTrue();
        }
    }

    @Test
    void shouldAskAboutClientsInItsOwnProcess() {
        rules.denied.add("a");
        try (var broker = Broker.builder().authorizer(rules).start();
                var publisher = broker.publisher("a").open()) {
            assertThatThrownBy(() -> publisher.publish("x"))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("NOT_AUTHORIZED");
        }
    }

    // ---- What is remembered ----

    @Test
    void shouldAskOncePerTopicUntilToldToAskAgain() {
        WireClient client = fixture.connect("c");
        for (int i = 0; i < 3; i++) {
            client.publish("a", "x", AT_MOST_ONCE, false).publish("b", "x", AT_MOST_ONCE, false);
        }
        assertThat(rules.asked).containsExactly("PUBLISH a", "PUBLISH b");

        rules.denied.add("a");
        assertThat(fixture.broker.reauthorize()).isCompletedWithValue(0);
        client.publish("b", "x", AT_MOST_ONCE, false)
                .publish("b", "x", AT_LEAST_ONCE, false)
                .expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        client.publish("a", "x", AT_LEAST_ONCE, false).expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);

        assertThat(rules.asked).containsExactly("PUBLISH a", "PUBLISH b", "PUBLISH b", "PUBLISH a");
    }

    @Test
    void shouldNotGoByTheLastTopicOfAnEarlierTime() {
        WireClient client = fixture.connect("c");
        client.publish("a", "x", AT_MOST_ONCE, false);
        rules.denied.add("a");
        rules.denied.add("b");
        fixture.broker.reauthorize();

        client.publish("b", "x", AT_LEAST_ONCE, false).expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
        client.publish("a", "x", AT_LEAST_ONCE, false).expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void shouldRememberSoManyTopicsAndNoMore() {
        WireClient client = fixture.connect("c");
        for (int i = 0; i <= 1_000; i++) {
            client.publish("t/" + i, "x", AT_MOST_ONCE, false);
        }
        client.publish("t/1", "x", AT_MOST_ONCE, false);
        assertThat(rules.asked).hasSize(1_001);
        client.publish("t/0", "x", AT_MOST_ONCE, false);
        assertThat(rules.asked).hasSize(1_002).endsWith("PUBLISH t/0");
    }

    // ---- Waiting ----

    @Test
    void shouldLetNothingOvertakeADecision() {
        rules.slow.add("a");
        WireClient client = fixture.connect("c");
        for (QoS qos : QoS.values()) {
            Packet.Publish message = WireClient.publishPacket("a", "x", qos, false, Properties.NONE);
            ByteBuffer together = ByteBuffer.allocate(100)
                    .put(PacketEncoder.encode(message, ProtocolVersion.MQTT_5))
                    .put(PacketEncoder.encode(new Packet.PingReq(), ProtocolVersion.MQTT_5));
            client.send(together.flip());
            client.send(new Packet.PingReq());
            client.expectNothing();

            fixture.broker.reauthorize();
            client.expectNothing();
            rules.open.remove().complete(Permission.granted());
            fixture.settle();
            client.expectNothing();
            rules.open.remove().complete(Permission.granted());

            switch (qos) {
                case AT_MOST_ONCE -> {}
                case AT_LEAST_ONCE -> client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
                case EXACTLY_ONCE -> client.expectAnswer(PacketType.PUBREC, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            }
            client.expect(Packet.PingResp.class);
            client.expect(Packet.PingResp.class);
            fixture.broker.reauthorize();
        }
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(3);
        // CONNECT, and for each QoS a PUBLISH and two PINGREQs.
        assertThat(fixture.broker.stats().packetsReceived()).isEqualTo(1 + 3 * 3);
    }

    @Test
    void shouldTakeAMessageInManyPiecesThatWaits() {
        rules.slow.add("a");
        WireClient client = fixture.connect("c");
        Packet.Publish message = WireClient.publishPacket("a", "bom dia", AT_LEAST_ONCE, true, Properties.NONE);
        ByteBuffer bytes = PacketEncoder.encode(message, ProtocolVersion.MQTT_5);
        while (bytes.hasRemaining()) {
            client.send(ByteBuffer.wrap(new byte[] {bytes.get()}));
        }
        client.send(new Packet.PingReq());
        rules.open.remove().complete(Permission.granted());
        client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        client.expect(Packet.PingResp.class);

        WireClient reader = fixture.connect("r");
        reader.subscribe(AT_MOST_ONCE, "#");
        reader.expectMessage("a", "bom dia");
    }

    @Test
    void shouldAskAboutAllFiltersTogether() {
        rules.slow.add("a");
        rules.slow.add("b");
        rules.denied.add("c");
        WireClient client = fixture.connect("c");
        List<Packet.Subscription> wanted = List.of(
                new Packet.Subscription("a", AT_LEAST_ONCE, false, false, 0),
                new Packet.Subscription("c", AT_LEAST_ONCE, false, false, 0),
                new Packet.Subscription("b", AT_LEAST_ONCE, false, false, 0));
        client.send(new Packet.Subscribe(11, Properties.NONE, wanted));
        assertThat(rules.open).hasSize(2);

        rules.open.remove().complete(Permission.denied("no"));
        client.expectNothing();
        rules.open.remove().complete(Permission.granted());

        assertThat(client.expect(Packet.SubAck.class).reasonCodes())
                .containsExactly(ReasonCode.NOT_AUTHORIZED, ReasonCode.NOT_AUTHORIZED, ReasonCode.GRANTED_QOS_1);
        assertThat(rules.open).isEmpty();
    }

    @Test
    void shouldWaitWithCONNACKForTheWill() {
        rules.slow.add("a");
        for (UnaryOperator<Broker.Builder> door :
                List.<UnaryOperator<Broker.Builder>>of(b -> b, b -> b.authenticator(BELIEVES))) {
            try (BrokerFixture other = new BrokerFixture(b -> door.apply(b.authorizer(rules)))) {
                WireClient client = other.open().send(withWill(ProtocolVersion.MQTT_5, "a"));
                client.send(new Packet.PingReq()).expectNothing();
                rules.open.remove().complete(Permission.granted());
                assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.SUCCESS);
                client.expect(Packet.PingResp.class);

                WireClient late = other.open().send(withWill(ProtocolVersion.MQTT_5, "a"));
                other.advance(Duration.ofSeconds(10));
                late.expectClosed();
                rules.open.remove().complete(Permission.granted());
                late.expectClosed();
            }
        }
    }

    @Test
    void shouldNotTakeTheWaitForTheClientsSilence() {
        rules.slow.add("a");
        try (BrokerFixture patient =
                new BrokerFixture(b -> b.authorizer(rules).limits(l -> l.connectTimeout(Duration.ofMinutes(5))))) {
            WireClient client = patient.connect(
                    new Packet.Connect(ProtocolVersion.MQTT_5, true, 10, Properties.NONE, "c", null, null, null));
            client.publish("a", "x", AT_LEAST_ONCE, false);
            patient.advance(Duration.ofSeconds(60));
            assertThat(client.isClosed()).isFalse();

            rules.open.remove().complete(Permission.granted());
            client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            patient.advance(Duration.ofSeconds(16));
            client.expectDisconnect(ReasonCode.KEEP_ALIVE_TIMEOUT);
        }
    }

    @Test
    void shouldTakeLatenessForANo() {
        rules.slow.add("a");
        WireClient client = fixture.connect("c");
        client.publish("a", "x", AT_LEAST_ONCE, false);
        fixture.advance(Duration.ofSeconds(9));
        client.expectNothing();
        fixture.advance(Duration.ofSeconds(1));
        Packet.Ack answer = client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
        assertThat(answer.properties().text(Property.REASON_STRING)).isEqualTo("authorization failed");

        rules.open.remove().complete(Permission.granted());
        client.expectNothing();
        client.send(new Packet.PingReq()).expect(Packet.PingResp.class);
    }

    @Test
    void shouldForgetAClientThatLeavesMeanwhile() {
        rules.slow.add("a");
        WireClient client = fixture.connect("c");
        client.publish("a", "x", AT_LEAST_ONCE, true);
        client.cut();
        rules.open.remove().complete(Permission.granted());
        fixture.advance(Duration.ofSeconds(20));

        assertThat(fixture.broker.stats().messagesReceived()).isZero();
        assertThat(fixture.broker.clients()).isEmpty();
    }

    @Test
    void shouldTakeFailuresForANo() {
        for (Authorizer broken : List.<Authorizer>of(
                (who, access, topic) -> {
                    throw new IllegalStateException("the database is down");
                },
                (who, access, topic) ->
                        CompletableFuture.failedStage(new IllegalStateException("the database is down")),
                (who, access, topic) -> CompletableFuture.completedStage(null),
                (who, access, topic) -> CompletableFuture.completedFuture(null),
                (who, access, topic) -> null)) {
            try (BrokerFixture failing = new BrokerFixture(b -> b.authorizer(broken))) {
                WireClient client = failing.connect("c");
                client.publish("a", "x", AT_LEAST_ONCE, false);
                Packet.Ack answer = client.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
                assertThat(answer.properties().text(Property.REASON_STRING)).isEqualTo("authorization failed");
                assertThat(client.subscribe(AT_MOST_ONCE, "a")).containsExactly(ReasonCode.NOT_AUTHORIZED);
            }
        }
    }

    @Test
    void shouldTakeAnyKindOfCompletedStage() {
        Authorizer minimal = (who, access, topic) -> CompletableFuture.completedStage(Permission.granted());
        try (BrokerFixture other = new BrokerFixture(b -> b.authorizer(minimal))) {
            WireClient client = other.connect("c");
            assertThat(client.subscribe(AT_MOST_ONCE, "a")).containsExactly(ReasonCode.SUCCESS);
            client.publish("a", "x", AT_MOST_ONCE, false).expectMessage("a", "x");
        }
    }

    // ---- Asking again ----

    @Test
    void shouldTakeAwaySubscriptionsThatAreDeniedNow() {
        WireClient loser = fixture.connect(BrokerFixture.resume("loser", 60));
        loser.subscribe(AT_LEAST_ONCE, "a", "b");
        WireClient keeper = fixture.connect("keeper");
        keeper.subscribe(AT_LEAST_ONCE, "b");
        WireClient away = fixture.connect(BrokerFixture.resume("away", 60));
        away.subscribe(AT_LEAST_ONCE, "a", "b");
        away.cut();
        rules.denied.add("a");

        CompletableFuture<Integer> done = fixture.broker.reauthorize();

        assertThat(done).isCompletedWithValue(2);
        Packet.Disconnect goodbye = loser.expect(Packet.Disconnect.class);
        assertThat(goodbye.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(goodbye.properties().text(Property.REASON_STRING)).contains("'a'", "not 'a'");
        loser.expectClosed();
        assertThat(keeper.isClosed()).isFalse();
        rules.denied.clear();
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "lost", AT_LEAST_ONCE, false).publish("b", "kept", AT_LEAST_ONCE, false);
        for (String clientId : List.of("loser", "away")) {
            WireClient back = fixture.open().send(BrokerFixture.resume(clientId, 60));
            assertThat(back.expect(Packet.ConnAck.class).sessionPresent()).isTrue();
            back.expectMessage("b", "kept");
            back.expectNothing();
        }
    }

    @Test
    void shouldDeliverWhatHadReachedASessionThoughItsSubscriptionIsTakenAway() {
        WireClient away = fixture.connect(BrokerFixture.resume("away", 60));
        away.subscribe(AT_LEAST_ONCE, "a");
        away.cut();
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "in time", AT_LEAST_ONCE, false);
        rules.denied.add("a");
        assertThat(fixture.broker.reauthorize()).isCompletedWithValue(1);
        rules.denied.clear();
        publisher.publish("a", "too late", AT_LEAST_ONCE, false);

        WireClient back = fixture.open().send(BrokerFixture.resume("away", 60));

        back.expect(Packet.ConnAck.class);
        back.expectMessage("a", "in time");
        back.expectNothing();
    }

    @Test
    void shouldEndAReplayWhoseSubscriptionIsTakenAway() {
        try (BrokerFixture keeping = new BrokerFixture(b -> b.authorizer(rules).history(10))) {
            WireClient publisher = keeping.connect("p");
            for (int i = 0; i < 10; i++) {
                publisher.publish("a", "m" + i, AT_LEAST_ONCE, false);
            }
            Properties oneAtATime = Properties.builder()
                    .set(Property.SESSION_EXPIRY_INTERVAL, 60L)
                    .set(Property.RECEIVE_MAXIMUM, 1)
                    .build();
            Packet.Connect connect =
                    new Packet.Connect(ProtocolVersion.MQTT_5, false, 0, oneAtATime, "reader", null, null, null);
            WireClient reader = keeping.connect(connect);
            reader.send(new Packet.Subscribe(
                    11,
                    Properties.builder().userProperty("recado-replay", "10").build(),
                    List.of(new Packet.Subscription("a", AT_LEAST_ONCE, false, false, 0))));
            reader.expect(Packet.SubAck.class);
            reader.expectMessage("a", "m0");
            rules.denied.add("a");

            assertThat(keeping.broker.reauthorize()).isCompletedWithValue(1);

            reader.expectDisconnect(ReasonCode.NOT_AUTHORIZED);
            WireClient back = keeping.open().send(connect);
            back.expect(Packet.ConnAck.class);
            Packet.Publish begun = back.expectMessage("a", "m0");
            assertThat(begun.dup()).isTrue();
            back.acknowledge(begun.packetId()).expectNothing();
        }
    }

    @Test
    void shouldAskAgainAboutAWillThatWasGrantedBefore() {
        WireClient reader = fixture.connect("r");
        reader.subscribe(AT_MOST_ONCE, "#");
        WireClient first = fixture.connect(withWill(ProtocolVersion.MQTT_5, "a"));
        first.cut();
        fixture.settle();
        reader.expectMessage("a", "x");
        assertThat(rules.asked).as("granted once is enough").containsOnlyOnce("PUBLISH a");

        WireClient second = fixture.connect(withWill(ProtocolVersion.MQTT_5, "a"));
        rules.denied.add("a");
        fixture.broker.reauthorize();
        second.cut();
        fixture.settle();
        reader.expectNothing();
        assertThat(fixture.warnings).last().asString().contains("'w'", "will: ", "not 'a'");

        rules.denied.clear();
        WireClient third = fixture.connect(withWill(ProtocolVersion.MQTT_5, "a"));
        fixture.broker.reauthorize();
        rules.slow.add("a");
        third.cut();
        fixture.settle();
        reader.expectNothing();
        rules.open.remove().complete(Permission.granted());
        fixture.settle();
        reader.expectMessage("a", "x");
    }

    @Test
    void shouldPublishAWillThatIsGrantedAgainBeforeAnythingThatItsClientSaysWhenItIsBack() {
        WireClient reader = fixture.connect("r");
        reader.subscribe(AT_MOST_ONCE, "a");
        fixture.connect(withWill(ProtocolVersion.MQTT_5, "a"));
        fixture.broker.reauthorize();
        Packet.Publish here = WireClient.publishPacket("a", "here", AT_MOST_ONCE, false, Properties.NONE);
        ByteBuffer together = ByteBuffer.allocate(200)
                .put(PacketEncoder.encode(withWill(ProtocolVersion.MQTT_5, "b"), ProtocolVersion.MQTT_5))
                .put(PacketEncoder.encode(here, ProtocolVersion.MQTT_5));

        fixture.open().send(together.flip());

        reader.expectMessage("a", "x");
        reader.expectMessage("a", "here");
        reader.expectNothing();
    }

    @Test
    void shouldAskAgainInTimeAndNotAllAtOnce() {
        for (int i = 0; i < 40; i++) {
            fixture.connect("c" + i).subscribe(AT_MOST_ONCE, "a");
        }
        rules.slow.add("a");

        CompletableFuture<Integer> done = fixture.broker.reauthorize();

        assertThat(rules.open).hasSize(32);
        rules.open.remove().complete(Permission.granted());
        fixture.settle();
        assertThat(rules.open).as("one more").hasSize(32);
        fixture.advance(Duration.ofSeconds(10));
        fixture.advance(Duration.ofSeconds(10));
        assertThat(done).isCompletedWithValue(39);
        assertThat(fixture.broker.clients()).hasSize(1);
    }

    @Test
    void shouldNotMissASubscriptionThatIsGrantedWhileRulesChange() {
        // The rules change between the question and the subscription.
        Authorizer changing = new Authorizer() {
            private boolean first = true;

            @Override
            public CompletionStage<Permission> authorize(Identity who, Access access, String topic) {
                boolean granted = first;
                if (first) {
                    first = false;
                    brokerOf.reauthorize();
                }
                return (granted ? Permission.granted() : Permission.denied("changed")).now();
            }
        };
        try (BrokerFixture racing = new BrokerFixture(b -> b.authorizer(changing))) {
            brokerOf = racing.broker;
            WireClient late = racing.connect("late");
            late.send(new Packet.Subscribe(
                    11, Properties.NONE, List.of(new Packet.Subscription("a", AT_MOST_ONCE, false, false, 0))));
            assertThat(late.drain()).last().isInstanceOf(Packet.Disconnect.class);
            assertThat(racing.broker.stats().subscriptions()).isZero();
        }
    }

    private Broker brokerOf;

    // ---- The topic catalogue ----

    @Test
    void shouldShowNamesOfTopicsThatMayBeReadAndNoOthers() {
        rules.denied.add("#");
        rules.denied.add("secret/#");
        WireClient client = fixture.connect("c");

        assertThat(client.subscribe(
                        AT_MOST_ONCE,
                        "$recado/topics/news/+",
                        "$recado/topics/secret/#",
                        "$recado/topics/#",
                        "$recado/#",
                        "$recado/+/news/br",
                        "$share/g/$recado/topics/secret/#",
                        "$recado/topics/"))
                .containsExactly(
                        ReasonCode.SUCCESS,
                        ReasonCode.NOT_AUTHORIZED,
                        ReasonCode.NOT_AUTHORIZED,
                        ReasonCode.NOT_AUTHORIZED,
                        ReasonCode.NOT_AUTHORIZED,
                        ReasonCode.NOT_AUTHORIZED,
                        ReasonCode.NOT_AUTHORIZED);

        assertThat(rules.asked)
                .containsExactly(
                        "SUBSCRIBE news/+",
                        "SUBSCRIBE secret/#",
                        "SUBSCRIBE #",
                        "SUBSCRIBE #",
                        "SUBSCRIBE #",
                        "SUBSCRIBE secret/#",
                        "SUBSCRIBE #");
        fixture.connect("p").publish("secret/x", "x", AT_MOST_ONCE, false).publish("news/br", "x", AT_MOST_ONCE, false);
        client.expectMessage("$recado/topics/news/br", "news/br");
        client.expectNothing();
    }

    @Test
    void shouldNotShowNamesWithADollarToThoseWhoMayReadEverythingElse() {
        WireClient all = fixture.connect("all");
        all.subscribe(AT_MOST_ONCE, "$recado/topics/#");
        WireClient shared = fixture.connect("shared");
        shared.subscribe(AT_MOST_ONCE, "$share/g/$recado/topics/+/x");
        WireClient some = fixture.connect("some");
        some.subscribe(AT_MOST_ONCE, "$recado/topics/$private/#");

        fixture.connect("p").publish("$private/x", "x", AT_MOST_ONCE, false);

        some.expectMessage("$recado/topics/$private/x", "$private/x");
        all.expectNothing();
        shared.expectNothing();
    }
}
