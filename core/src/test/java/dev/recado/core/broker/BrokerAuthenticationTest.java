package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthExchange;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Login;
import dev.recado.auth.ScramSha256;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerAuthenticationTest {

    /** Says what it is told to, when it is told to. */
    private static final class Scripted implements Authenticator {
        final Queue<CompletableFuture<AuthStep.Decision>> asked = new ArrayDeque<>();
        Login login;

        @Override
        public CompletionStage<AuthStep.Decision> authenticate(Login who) {
            login = who;
            CompletableFuture<AuthStep.Decision> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        }
    }

    private final Scripted authenticator = new Scripted();
    private final BrokerFixture fixture = new BrokerFixture(b -> b.authenticator(authenticator));
    private final BrokerFixture scram = new BrokerFixture(b ->
            b.authenticator(ScramSha256.authenticator(Map.of("ana", ScramSha256.Verifier.of("segredo", 4_096))::get)));

    @AfterEach
    void close() {
        fixture.close();
        scram.close();
    }

    private static Packet.Connect login(ProtocolVersion version, String user, String password) {
        return new Packet.Connect(
                version,
                true,
                0,
                Properties.NONE,
                "c",
                null,
                user,
                ByteBuffer.wrap(password.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void shouldLetNothingOvertakeTheDecision() {
        WireClient client = fixture.open().send(login(ProtocolVersion.MQTT_5, "ana", "segredo"));
        client.send(new Packet.PingReq());
        client.expectNothing();
        assertThat(fixture.broker.clients()).isEmpty();
        assertThat(authenticator.login.userName()).isEqualTo("ana");
        assertThat(authenticator.login.password()).asString().isEqualTo("segredo");
        assertThat(authenticator.login.clientId()).isEqualTo("c");

        authenticator.asked.remove().complete(AuthStep.accepted("ana"));

        assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        client.expect(Packet.PingResp.class);
        assertThat(fixture.broker.clients()).hasSize(1);
    }

    @Test
    void shouldRefuseWithTheReasonOfTheAuthenticatorInEachVersion() {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            WireClient client = fixture.open().send(login(version, "ana", "wrong"));
            authenticator.asked.remove().complete(AuthStep.badUserNameOrPassword());

            Packet.ConnAck answer = client.expect(Packet.ConnAck.class);
            assertThat(answer.reasonCode()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
            assertThat(answer.properties().has(Property.REASON_STRING)).isEqualTo(version.hasProperties());
            client.expectClosed();
        }
        assertThat(fixture.broker.stats().refusals()).isEqualTo(3);
    }

    @Test
    void shouldTakeAFailureForANo() {
        WireClient client = fixture.open().send(login(ProtocolVersion.MQTT_5, "ana", "segredo"));
        authenticator.asked.remove().completeExceptionally(new IllegalStateException("the database is down"));

        Packet.ConnAck answer = client.expect(Packet.ConnAck.class);
        assertThat(answer.reasonCode()).isEqualTo(ReasonCode.UNSPECIFIED_ERROR);
        assertThat(answer.properties().text(Property.REASON_STRING)).doesNotContain("database");
        client.expectClosed();
    }

    @Test
    void shouldNotWaitForADecisionLongerThanForACONNECT() {
        WireClient client = fixture.open().send(login(ProtocolVersion.MQTT_5, "ana", "segredo"));
        fixture.advance(Duration.ofSeconds(10));
        client.expectClosed();

        authenticator.asked.remove().complete(AuthStep.accepted("ana"));

        client.expectClosed();
        assertThat(fixture.broker.clients()).isEmpty();
    }

    @Test
    void shouldRefuseAMethodThatTheAuthenticatorDoesNotKnow() {
        WireClient client = fixture.open().send(BrokerFixture.connectPacket("c", auth("GS2-KRB5", null)));

        assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
        client.expectClosed();
    }

    // ---- By steps ----

    private static Properties auth(String method, byte[] data) {
        Properties.Builder properties = Properties.builder().set(Property.AUTHENTICATION_METHOD, method);
        if (data != null) {
            properties.set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(data));
        }
        return properties.build();
    }

    private static Packet.Auth next(byte[] data) {
        return new Packet.Auth(ReasonCode.CONTINUE_AUTHENTICATION, auth(ScramSha256.METHOD, data));
    }

    private static byte[] data(Properties properties) {
        ByteBuffer data = properties.bytes(Property.AUTHENTICATION_DATA);
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    private WireClient scramClient(ClientAuthentication.Exchange exchange) {
        WireClient client =
                scram.open().send(BrokerFixture.connectPacket("c", auth(ScramSha256.METHOD, exchange.first())));
        Packet.Auth challenge = client.expect(Packet.Auth.class);
        assertThat(challenge.reasonCode()).isEqualTo(ReasonCode.CONTINUE_AUTHENTICATION);
        assertThat(challenge.properties().text(Property.AUTHENTICATION_METHOD)).isEqualTo(ScramSha256.METHOD);
        return client.send(next(exchange.answer(data(challenge.properties()))));
    }

    @Test
    void shouldAuthenticateByStepsAndAgainWhileMessagesFlow() {
        ClientAuthentication.Exchange exchange =
                ScramSha256.client("ana", "segredo").begin();
        WireClient client = scramClient(exchange);
        Packet.ConnAck connAck = client.expect(Packet.ConnAck.class);
        assertThat(connAck.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(connAck.properties().text(Property.AUTHENTICATION_METHOD)).isEqualTo(ScramSha256.METHOD);
        exchange.finish(data(connAck.properties()));

        ClientAuthentication.Exchange again =
                ScramSha256.client("ana", "segredo").begin();
        client.send(new Packet.Auth(ReasonCode.REAUTHENTICATE, auth(ScramSha256.METHOD, again.first())));
        Packet.Auth challenge = client.expect(Packet.Auth.class);
        client.publish("a", "x", AT_LEAST_ONCE, false)
                .expectAnswer(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        client.send(next(again.answer(data(challenge.properties()))));
        Packet.Auth success = client.expect(Packet.Auth.class);
        assertThat(success.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        again.finish(data(success.properties()));
        scram.advance(Duration.ofMinutes(1));
        assertThat(client.isClosed()).isFalse();
    }

    @Test
    void shouldRefuseAWrongProofAtConnectAndDisconnectForOneLater() {
        WireClient refused = scramClient(ScramSha256.client("ana", "wrong").begin());
        assertThat(refused.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        refused.expectClosed();

        WireClient client = scramClient(ScramSha256.client("ana", "segredo").begin());
        client.expect(Packet.ConnAck.class);
        ClientAuthentication.Exchange wrong = ScramSha256.client("ana", "wrong").begin();
        client.send(new Packet.Auth(ReasonCode.REAUTHENTICATE, auth(ScramSha256.METHOD, wrong.first())));
        client.send(next(wrong.answer(data(client.expect(Packet.Auth.class).properties()))));
        client.expectDisconnect(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void shouldRefuseWhatIsOutOfTurn() {
        ClientAuthentication.Exchange exchange =
                ScramSha256.client("ana", "segredo").begin();
        Packet.Connect connect = BrokerFixture.connectPacket("c", auth(ScramSha256.METHOD, exchange.first()));

        WireClient early = scram.open().send(connect);
        early.expect(Packet.Auth.class);
        early.send(new Packet.PingReq());
        assertThat(early.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
        early.expectClosed();

        WireClient other = scram.open().send(connect);
        other.expect(Packet.Auth.class);
        other.send(new Packet.Auth(ReasonCode.CONTINUE_AUTHENTICATION, auth("OTHER", null)));
        assertThat(other.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
        other.expectClosed();

        WireClient unasked = scramClient(ScramSha256.client("ana", "segredo").begin());
        unasked.expect(Packet.ConnAck.class);
        unasked.send(next(new byte[1])).expectDisconnect(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void shouldLetAClientLeaveBeforeItIsAuthenticated() {
        WireClient client = scram.open()
                .send(BrokerFixture.connectPacket(
                        "c", auth(ScramSha256.METHOD, "n,,n=ana,r=x".getBytes(StandardCharsets.UTF_8))));
        client.expect(Packet.Auth.class);
        Properties expiry =
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 5).build();

        client.send(new Packet.Disconnect(ReasonCode.SUCCESS, expiry)).expectClosed();

        assertThat(scram.broker.stats().refusals()).isZero();
    }

    @Test
    void shouldBoundAuthenticatingAgain() {
        WireClient client = scramClient(ScramSha256.client("ana", "segredo").begin());
        client.expect(Packet.ConnAck.class);
        byte[] first = ScramSha256.client("ana", "segredo").begin().first();
        client.send(new Packet.Auth(ReasonCode.REAUTHENTICATE, auth(ScramSha256.METHOD, first)));
        client.expect(Packet.Auth.class);

        scram.advance(Duration.ofSeconds(10));

        client.expectDisconnect(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void shouldTakeAnAuthenticatorThatThrowsForANo() {
        Authenticator throwing = new Authenticator() {
            @Override
            public CompletionStage<AuthStep.Decision> authenticate(Login login) {
                throw new IllegalStateException("no");
            }

            @Override
            public Optional<AuthExchange> exchange(String method, Login login) {
                if (method.equals("null")) {
                    return Optional.of(data -> null);
                }
                throw new IllegalStateException("no");
            }
        };
        try (BrokerFixture broken = new BrokerFixture(b -> b.authenticator(throwing))) {
            for (Properties properties : new Properties[] {Properties.NONE, auth("x", null), auth("null", null)}) {
                WireClient client = broken.open().send(BrokerFixture.connectPacket("c", properties));
                assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.UNSPECIFIED_ERROR);
                client.expectClosed();
            }
        }
    }

    @Test
    void shouldRefuseAUTHOfAClientThatNamedNoMethod() {
        try (BrokerFixture open = new BrokerFixture()) {
            open.connect("c").send(next(new byte[1])).expectDisconnect(ReasonCode.PROTOCOL_ERROR);
        }
    }
}
