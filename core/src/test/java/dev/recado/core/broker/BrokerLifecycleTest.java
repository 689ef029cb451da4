package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.ListenException;
import dev.recado.WaitInterruptedException;
import dev.recado.core.memory.MemoryTransport;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ListenOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a broker starts, whom it lets in at the transport's door, and how it ends. */
class BrokerLifecycleTest {

    private static final URI HERE = URI.create("memory:here");
    private static final URI TAKEN = URI.create("memory:taken");
    private static final Acceptor NOBODY = connection -> null;

    private final ManualTimers timers = new ManualTimers();

    private Broker.Builder builder() {
        return new BrokerBuilder().timers(timers);
    }

    // ---- the start

    @Test
    void shouldGiveBackWhatItHasWhenALaterEndpointIsTaken() throws IOException {
        try (MemoryTransport transport = MemoryTransport.stepped()) {
            transport.listen(TAKEN, ListenOptions.defaults(), NOBODY);
            Broker.Builder builder = builder().transport(transport).listen(HERE).listen(TAKEN);

            assertThatThrownBy(builder::start)
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining(TAKEN.toString())
                    .hasCauseInstanceOf(IOException.class);

            assertThat(timers.isClosed()).isTrue();
            assertThat(transport.listen(HERE, ListenOptions.defaults(), NOBODY).endpoint())
                    .isEqualTo(HERE);
        }
    }

    @Test
    void shouldGiveBackWhatItHasWhenTheTransportRefusesAnEndpoint() throws IOException {
        try (MemoryTransport transport = MemoryTransport.stepped()) {
            Broker.Builder builder =
                    builder().transport(transport).listen(HERE).listen(URI.create("mqtt://127.0.0.1:0"));

            assertThatThrownBy(builder::start)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mqtt://127.0.0.1:0");

            assertThat(timers.isClosed()).isTrue();
            transport.listen(HERE, ListenOptions.defaults(), NOBODY);
        }
    }

    @Test
    void shouldOpenADoorToTheWorldOnlyWhenToldTo() {
        URI everywhere = URI.create("mqtt://0.0.0.0:0");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().listen(everywhere).start())
                .withMessageContaining(everywhere.toString())
                .withMessageContaining("allowAnonymous()");
        // Past the check it looks for a transport, and core has none for this scheme.
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().allowAnonymous().listen(everywhere).start())
                .withMessageContaining("no transport serves the scheme 'mqtt'");
    }

    @Test
    void shouldSayWhatToAddWhenThereIsNoTransport() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> builder().listen(URI.create("mqtt://127.0.0.1:0")).start())
                .withMessageContaining(
                        "no transport serves the scheme 'mqtt', which endpoint 'mqtt://127.0.0.1:0' needs")
                .withMessageContaining("dev.recado:recado-nio");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .transport("pigeon")
                        .listen(URI.create("mqtt://127.0.0.1:0"))
                        .start())
                .withMessageContaining("no transport is named 'pigeon'")
                .withMessageContaining("dev.recado:recado-nio");
    }

    @Test
    void shouldKnowItsEndpoints() {
        try (Broker closed = builder().start()) {
            assertThat(closed.endpoints()).isEmpty();
            assertThatIllegalStateException().isThrownBy(closed::endpoint).withMessageContaining("without listen(...)");
        }
        try (MemoryTransport transport = MemoryTransport.stepped();
                Broker open = new BrokerBuilder()
                        .timers(new ManualTimers())
                        .transport(transport)
                        .listen(HERE)
                        .listen(TAKEN)
                        .start()) {
            assertThat(open.endpoints()).containsExactly(HERE, TAKEN);
            assertThat(open.endpoint()).isEqualTo(HERE);
        }
    }

    // ---- the door

    @Test
    void shouldTurnAwayAFloodThatNeverConnects() {
        try (BrokerFixture fixture = new BrokerFixture(builder -> builder.limits(limits -> limits.maxConnections(2)))) {
            WireClient[] silent = {fixture.open(), fixture.open(), fixture.open(), fixture.open()};

            fixture.open().expectClosed();

            assertThat(silent).noneMatch(WireClient::isClosed);
            assertThat(fixture.broker.stats().refusals()).isEqualTo(1);
            silent[0].cut();
            assertThat(fixture.open().isClosed()).isFalse();
        }
    }

    // ---- the end

    @Test
    void shouldLetCallersWaitForTheEnd() {
        Broker broker = builder().start();
        assertThat(broker.awaitClosed(Duration.ofMillis(1))).isFalse();

        broker.close();

        broker.awaitClosed();
        assertThat(broker.awaitClosed(Duration.ZERO)).isTrue();
    }

    @Test
    void shouldSayThatAWaitForTheEndWasInterrupted() {
        try (Broker broker = builder().start()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(broker::awaitClosed).isInstanceOf(WaitInterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThatThrownBy(() -> broker.awaitClosed(Duration.ofDays(1)))
                    .isInstanceOf(WaitInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void shouldWaitForItsClientsNoLongerThanItsBound() {
        try (BrokerFixture fixture =
                new BrokerFixture(builder -> builder.limits(limits -> limits.closeTimeout(Duration.ofMillis(20))))) {
            WireClient client = fixture.connect("c");

            // Nobody steps the transport: for the broker, the client does not answer.
            fixture.broker.close();

            assertThat(fixture.broker.awaitClosed(Duration.ZERO)).isTrue();
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void shouldEndAtOnceWhenItsCloserIsInterrupted() {
        try (BrokerFixture fixture =
                new BrokerFixture(builder -> builder.limits(limits -> limits.closeTimeout(Duration.ofDays(1))))) {
            WireClient client = fixture.connect("c");

            Thread.currentThread().interrupt();
            fixture.broker.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(fixture.broker.awaitClosed(Duration.ZERO)).isTrue();
            assertThat(client.isClosed()).isTrue();
        }
    }
}
