package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.ManualTimers;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The first connection: it succeeds, or says why not and leaves nothing behind. */
class ConnectingTest {

    private final ScriptedBroker broker = new ScriptedBroker();
    private final ManualTimers timers = new ManualTimers();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private void nothingIsLeft() {
        assertThat(timers.waiting()).as("timers left behind").isZero();
    }

    @Test
    void shouldNameTheEndpointAndTheCauseWhenNobodyIsThere() {
        assertThatThrownBy(() -> new PublisherBuilder(URI.create("memory:nobody"), broker.choice(), timers)
                        .topic("t")
                        .open())
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("memory:nobody")
                .hasCauseInstanceOf(ConnectException.class)
                .satisfies(e -> assertThat(e.getStackTrace())
                        .as("the caller's stack")
                        .anyMatch(frame -> frame.getClassName().equals(ConnectingTest.class.getName())));
        nothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cannot connect to 'memory:scripted': nobody is there", "the certificate has expired"})
    void shouldNameTheEndpointOnceWhoeverSaysWhyItFailed(String cause) {
        assertThatThrownBy(() -> broker.publisher(timers)
                        .layer(inner -> connection -> {
                            inner.accept(connection).closed(new ConnectException(cause));
                            return null;
                        })
                        .open())
                .isInstanceOf(ConnectionFailedException.class)
                .satisfies(e -> assertThat(e.getMessage().split("memory:scripted", -1))
                        .as(e.getMessage())
                        .hasSize(2))
                .hasMessageEndingWith(cause.replaceAll(".*: ", ""));
    }

    @ParameterizedTest
    @EnumSource(
            value = ReasonCode.class,
            names = {"SERVER_BUSY", "NOT_AUTHORIZED", "BAD_USER_NAME_OR_PASSWORD", "CLIENT_IDENTIFIER_NOT_VALID"})
    void shouldSayWhyTheBrokerRefused(ReasonCode code) {
        broker.on(
                PacketType.CONNECT,
                (session, packet) -> session.write(new Packet.ConnAck(
                        false,
                        code,
                        Properties.builder()
                                .set(Property.REASON_STRING, "hoje\u001b não")
                                .build())));
        assertThatThrownBy(() -> broker.publisher(timers).open())
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reasonCode()).contains(code))
                .hasMessageContaining("memory:scripted")
                .hasMessageContaining(code.toString())
                .hasMessageContaining("hoje  não");
        broker.session().awaitClosed();
        assertThat(broker.waitingSessions()).as("opening does not try twice").isZero();
        nothingIsLeft();
    }

    @Test
    void shouldSayWhenTheBrokerClosesWithoutAnAnswer() {
        broker.on(PacketType.CONNECT, (session, packet) -> session.connection.close());
        assertThatThrownBy(() -> broker.publisher(timers).open())
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("without answering CONNECT");
        nothingIsLeft();
    }

    @Test
    void shouldTimeOutWhenTheBrokerStaysSilent() {
        broker.on(PacketType.CONNECT, (session, packet) -> timers.advance(Duration.ofSeconds(3)));
        assertThatThrownBy(() -> broker.publisher(timers)
                        .connectTimeout(Duration.ofSeconds(3))
                        .open())
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("PT3S")
                .hasMessageContaining("memory:scripted");
        broker.session().awaitClosed();
        nothingIsLeft();
    }

    @Test
    void shouldRefuseASessionThatCannotBeThere() {
        broker.on(
                PacketType.CONNECT,
                (session, packet) -> session.write(new Packet.ConnAck(true, ReasonCode.SUCCESS, Properties.NONE)));
        assertThatThrownBy(() -> broker.publisher(timers).open())
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("MQTT-3.2.2-2");
        assertThat(broker.session().next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void shouldRefuseAnythingBeforeConnAck() {
        broker.on(PacketType.CONNECT, (session, packet) -> session.write(new Packet.PingResp()));
        assertThatThrownBy(() -> broker.publisher(timers).open())
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("PINGRESP came before CONNACK");
    }

    @Test
    void shouldRefuseAnEndpointOfAnotherKindAndAClosedTransport() {
        assertThatThrownBy(() -> new PublisherBuilder(URI.create("mqtt://h"), broker.choice(), timers)
                        .topic("t")
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mqtt://h");
        broker.transport.close();
        assertThatThrownBy(() -> broker.publisher(timers).open()).isInstanceOf(IllegalStateException.class);
        nothingIsLeft();
    }

    @Test
    void shouldLeaveNothingBehindWhenInterrupted() throws Exception {
        broker.on(PacketType.CONNECT, (session, packet) -> {});
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            try {
                broker.publisher(timers).open();
            } catch (RecadoException e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        Session session = broker.session();
        session.next(Packet.Connect.class);
        caller.interrupt();
        caller.join(20_000);
        assertThat(thrown.get()).isInstanceOf(WaitInterruptedException.class);
        assertThat(flag).isTrue();
        session.awaitClosed();
        nothingIsLeft();
    }

    @Test
    void shouldTellTheStateListenerInOrder() {
        List<String> changes = new CopyOnWriteArrayList<>();
        Publisher publisher = broker.publisher(timers)
                .onStateChange((from, to, cause) -> changes.add(from + ">" + to + ":" + (cause == null)))
                .open();
        publisher.close();
        assertThat(changes).containsExactly("CONNECTING>CONNECTED:true", "CONNECTED>CLOSED:true");
    }

    @Test
    void shouldTellTheStateListenerWhyOpeningFailed() {
        broker.on(
                PacketType.CONNECT,
                (session, packet) -> session.write(new Packet.ConnAck(false, ReasonCode.BANNED, Properties.NONE)));
        AtomicReference<RecadoException> cause = new AtomicReference<>();
        AtomicReference<ConnectionState> state = new AtomicReference<>();
        assertThatThrownBy(() -> broker.publisher(timers)
                        .onStateChange((from, to, why) -> {
                            state.set(to);
                            cause.set(why);
                        })
                        .open())
                .isInstanceOf(RefusedException.class);
        assertThat(state).hasValue(ConnectionState.CLOSED);
        assertThat(cause.get().reasonCode()).contains(ReasonCode.BANNED);
    }

    @Test
    void shouldEndTheThreadsOfItsOwnWhenClosed() {
        Publisher publisher = broker.publisher()
                .clientId("threads-of-its-own")
                .keepAlive(Duration.ofSeconds(5))
                .open();
        publisher.publish("x");
        publisher.close();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().contains("threads-of-its-own")));
    }
}
