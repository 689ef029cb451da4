package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Login;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.Connection;
import dev.recado.spi.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerFailedLoginsTest {

    /** As if it came from 127.0.0.1. */
    private record FromLoopback(Connection below) implements Connection {
        @Override
        public void write(ByteBuffer... bytes) {
            below.write(bytes);
        }

        @Override
        public void flush() {
            below.flush();
        }

        @Override
        public long pending() {
            return below.pending();
        }

        @Override
        public void pauseReading() {
            below.pauseReading();
        }

        @Override
        public void resumeReading() {
            below.resumeReading();
        }

        @Override
        public void close() {
            below.close();
        }

        @Override
        public void abort() {
            below.abort();
        }

        @Override
        public Peer peer() {
            return Peer.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        }
    }

    private final List<CompletableFuture<AuthStep.Decision>> slow = new ArrayList<>();
    private int asked;

    private final Authenticator authenticator = new Authenticator() {
        @Override
        public CompletionStage<AuthStep.Decision> authenticate(Login login) {
            asked++;
            return switch (new String(login.password(), StandardCharsets.UTF_8)) {
                case "right" -> CompletableFuture.completedFuture(AuthStep.accepted("ana"));
                case "broken" -> CompletableFuture.failedFuture(new IllegalStateException("no database"));
                case "slow" -> {
                    CompletableFuture<AuthStep.Decision> answer = new CompletableFuture<>();
                    slow.add(answer);
                    yield answer;
                }
                default -> CompletableFuture.completedFuture(AuthStep.badUserNameOrPassword());
            };
        }
    };

    private final BrokerFixture fixture = new BrokerFixture(b -> b.authenticator(authenticator)
            .limits(limits -> limits.maxFailedLogins(3))
            .layer(engine -> connection -> engine.accept(new FromLoopback(connection))));

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Packet.Connect login(ProtocolVersion version, String password) {
        ByteBuffer bytes = ByteBuffer.wrap(password.getBytes(StandardCharsets.UTF_8));
        return new Packet.Connect(version, true, 0, Properties.NONE, "c", null, "ana", bytes);
    }

    private Packet.ConnAck answerTo(BrokerFixture broker, ProtocolVersion version, String password) {
        return broker.open().send(login(version, password)).expect(Packet.ConnAck.class);
    }

    private ReasonCode answerTo(String password) {
        return answerTo(fixture, ProtocolVersion.MQTT_5, password).reasonCode();
    }

    @Test
    void shouldAskNobodyWhenThereWereTooMany() {
        for (int i = 0; i < 3; i++) {
            assertThat(answerTo("wrong")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        }
        Packet.ConnAck refused = answerTo(fixture, ProtocolVersion.MQTT_5, "right");
        assertThat(refused.reasonCode()).isEqualTo(ReasonCode.CONNECTION_RATE_EXCEEDED);
        assertThat(refused.properties().text(Property.REASON_STRING)).contains("limit of 3");
        assertThat(answerTo(fixture, ProtocolVersion.MQTT_3_1_1, "right").reasonCode())
                .isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
        assertThat(asked).isEqualTo(3);
        assertThat(fixture.broker.stats().refusals()).isEqualTo(5);

        fixture.advance(Duration.ofSeconds(21));
        assertThat(answerTo("right")).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void shouldCountNothingButFailures() {
        for (int i = 0; i < 10; i++) {
            assertThat(answerTo("right")).isEqualTo(ReasonCode.SUCCESS);
            assertThat(answerTo("broken")).isEqualTo(ReasonCode.UNSPECIFIED_ERROR);
        }
    }

    @Test
    void shouldTellNobodyMoreWhoCameBeforeTheFirstFailure() {
        List<WireClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(fixture.open().send(login(ProtocolVersion.MQTT_5, "slow")));
        }
        for (int i = 0; i < 5; i++) {
            slow.get(i).complete(i < 3 ? AuthStep.badUserNameOrPassword() : AuthStep.accepted("ana"));
            assertThat(clients.get(i).expect(Packet.ConnAck.class).reasonCode())
                    .isEqualTo(i < 3 ? ReasonCode.BAD_USER_NAME_OR_PASSWORD : ReasonCode.CONNECTION_RATE_EXCEEDED);
            clients.get(i).expectClosed();
        }
        assertThat(fixture.broker.clients()).isEmpty();
    }

    @Test
    void shouldNotCountClientsInItsOwnProcess() {
        try (BrokerFixture inProcess =
                new BrokerFixture(b -> b.authenticator(authenticator).limits(limits -> limits.maxFailedLogins(3)))) {
            for (int i = 0; i < 5; i++) {
                answerTo(inProcess, ProtocolVersion.MQTT_5, "wrong");
            }
            assertThat(answerTo(inProcess, ProtocolVersion.MQTT_5, "right").reasonCode())
                    .isEqualTo(ReasonCode.SUCCESS);
        }
    }
}
