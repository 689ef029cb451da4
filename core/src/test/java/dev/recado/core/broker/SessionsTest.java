package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.DuplicateClientIds;
import dev.recado.Limits;
import dev.recado.core.time.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that waited for the lock of a client identifier while others of the same one went first. */
class SessionsTest {

    /** Each task has fired and waits to be run: it cannot be cancelled any more. */
    private static final class FiredTimers implements Timers {
        final List<Runnable> fired = new ArrayList<>();

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Timer schedule(long delayNanos, Runnable task) {
            fired.add(task);
            return () -> {};
        }

        @Override
        public void close() {}
    }

    private final BrokerFixture fixture = new BrokerFixture();
    private final RecadoBroker broker = (RecadoBroker) fixture.broker;
    private final FiredTimers timers = new FiredTimers();
    private final Sessions sessions = new Sessions(
            Limits.defaults(),
            DuplicateClientIds.TAKE_OVER,
            timers,
            broker.router,
            broker.batches,
            broker.counters,
            new Wills(broker.router, broker.batches, broker.authorization, timers, refusal -> {}));

    @AfterEach
    void close() {
        fixture.close();
    }

    private BrokerConnection connection() {
        return new BrokerConnection(broker, fixture.open().connection);
    }

    private Session enter(BrokerConnection connection) {
        Handshake.Decision decision = Handshake.decide(BrokerFixture.resume("c", 60), Limits.defaults());
        return sessions.enter(connection, (Handshake.Accepted) decision).session();
    }

    @Test
    void shouldIgnoreTheSessionExpiryOfAGoodbyeThatComesAfterATakeover() {
        BrokerConnection before = connection();
        Session session = enter(before);
        BrokerConnection now = connection();
        assertThat(enter(now)).isSameAs(session);

        sessions.changeExpiry(before, session, 0);

        assertThat(session.expiryNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(60));
        sessions.leave(now, session, null);
        assertThat(sessions.size()).isEqualTo(1);
    }

    @Test
    void shouldTakeTheSessionExpiryOfAGoodbye() {
        BrokerConnection connection = connection();
        Session session = enter(connection);

        sessions.changeExpiry(connection, session, 0);

        sessions.leave(connection, session, null);
        assertThat(sessions.size()).isZero();
    }

    @Test
    void shouldNotLetTheTimerOfAnEarlierAbsenceEndTheSession() {
        BrokerConnection first = connection();
        Session session = enter(first);
        sessions.leave(first, session, null);
        BrokerConnection second = connection();
        assertThat(enter(second)).isSameAs(session);
        sessions.leave(second, session, null);
        assertThat(timers.fired).hasSize(2);

        timers.fired.get(0).run();
        assertThat(sessions.size()).isEqualTo(1);

        timers.fired.get(1).run();
        assertThat(sessions.size()).isZero();
    }
}
