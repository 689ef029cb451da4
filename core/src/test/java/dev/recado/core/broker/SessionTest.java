package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.memory.MemoryTransport;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a connection still does to a session that another one has taken over, and to one that has nothing yet. */
class SessionTest {

    private final Counters counters = new Counters();
    private final Subscriptions routing = new Subscriptions();
    private final ManualTimers timers = new ManualTimers();
    private final MemoryTransport transport = MemoryTransport.stepped(timers);
    private final Batches batches = new Batches(counters, new WarnLog(line -> {}, timers), Limits.defaults());
    private final Session session = new Session("c", routing, batches, counters, Limits.defaults(), timers);

    private Link opened() {
        AtomicReference<Connection> made = new AtomicReference<>();
        transport.connect(BrokerFixture.ENDPOINT, ConnectOptions.defaults(), connection -> {
            made.set(connection);
            return new Deaf();
        });
        Link link = new Link(made.get(), ProtocolVersion.MQTT_5, 10, Long.MAX_VALUE, null);
        assertThat(session.open(link, ByteBuffer.allocate(0), () -> true)).isTrue();
        return link;
    }

    private Subscription to(String filter) {
        return new Subscription(session, filter, QoS.AT_MOST_ONCE, false, false, null);
    }

    @Test
    void shouldIgnoreWhatAConnectionSubscribesAndUnsubscribesTooLate() {
        Link before = opened();
        session.subscribe(before, to("a"), null, false);
        Link now = opened();

        assertThat(session.unsubscribe(before, "a")).isFalse();
        assertThat(session.subscribe(before, to("b"), null, false)).isEqualTo(Session.Subscribed.GONE);

        assertThat(routing.size()).isEqualTo(1);
        assertThat(session.unsubscribe(now, "a")).isTrue();
        assertThat(routing.size()).isZero();
        transport.close();
    }

    /** What a session may never need it does not have before it is needed: then there is nothing to take anything from. */
    @Test
    void shouldAnswerForWhatItNeverHad() {
        Link link = opened();

        assertThat(session.unsubscribe(link, "a")).isFalse();
        assertThat(session.revoke(to("a"))).isFalse();
        assertThat(session.subscriptions()).isEmpty();
        assertThat(session.acknowledged(link, PacketType.PUBACK, 1, false)).isNull();
        assertThat(session.release(link, 1)).isFalse();
        assertThat(session.hasCaughtUp()).isTrue();
        assertThat(session.isIdle()).isTrue();
        session.endStall();
        session.detach(link, null, false);
        assertThat(session.end()).isEmpty();
        assertThat(session.revoke(to("a"))).isFalse();
        transport.close();
    }

    /** Its client has gone for good: what was on its way then is not dropped, it is for nobody. */
    @Test
    void shouldTakeNothingBetweenItsLastConnectionAndItsEnd() {
        Link link = opened();
        session.subscribe(link, to("a"), null, false);
        Batch batch = batches.take();

        session.detach(link, null, true);
        Session.Outcome between = session.deliver(batch, QoS.AT_MOST_ONCE, false, null, null, Session.Demand.WHENEVER);
        session.end();
        batches.finish(batch);

        assertThat(between).isEqualTo(Session.Outcome.GONE);
        assertThat(counters.messagesDropped.sum()).isZero();
        assertThat(routing.size()).isZero();
        transport.close();
    }

    private static final class Deaf implements ConnectionHandler {
        @Override
        public void opened() {}

        @Override
        public void received(ByteBuffer bytes) {}

        @Override
        public void drained() {}

        @Override
        public void closed(Throwable cause) {}
    }
}
