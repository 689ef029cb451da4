package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.core.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {

    private static final int MANY = Matches.MOST_OWN + 1;

    private final Subscriptions subscriptions = new Subscriptions();
    private final Counters counters = new Counters();
    private final ManualTimers timers = new ManualTimers();
    private final Batches batches = new Batches(counters, new WarnLog(line -> {}, timers), Limits.defaults());

    private Session session(String clientId) {
        return new Session(clientId, subscriptions, batches, counters, Limits.defaults(), timers);
    }

    private List<Session> sessions(String prefix) {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            sessions.add(session(prefix + i));
        }
        return sessions;
    }

    private Subscription subscribe(Session session, String filter, QoS qos) {
        Subscription subscription = new Subscription(session, filter, qos, false, false, null);
        subscriptions.add(subscription);
        return subscription;
    }

    private static List<Session> receivers(Matches matches) {
        return Stream.of(matches.parts())
                .flatMap(Stream::of)
                .map(Matches.Target::session)
                .toList();
    }

    @Test
    void shouldGiveAllTopicsOfAFilterTheSameArray() {
        List<Session> everybody = sessions("s");
        everybody.forEach(session -> subscribe(session, "a/#", QoS.AT_MOST_ONCE));

        Matches b = subscriptions.matching("a/b");
        Matches c = subscriptions.matching("a/c");

        assertThat(receivers(b)).containsExactlyInAnyOrderElementsOf(everybody);
        assertThat(b.parts()[0]).isSameAs(c.parts()[0]);
        assertThat(b.isToBeRemembered()).isTrue();
    }

    @Test
    void shouldTakeTheArraysOfSeveralFiltersTogetherWhenNobodyIsInTwo() {
        List<Session> some = sessions("some");
        List<Session> others = sessions("others");
        some.forEach(session -> subscribe(session, "a/#", QoS.AT_MOST_ONCE));
        others.forEach(session -> subscribe(session, "+/b", QoS.AT_MOST_ONCE));

        Matches b = subscriptions.matching("a/b");

        assertThat(receivers(b))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(some, others).flatMap(List::stream).toList());
        assertThat(b.parts()).hasDimensions(2, MANY);
        assertThat(b.isToBeRemembered()).isTrue();
    }

    @Test
    void shouldSendOnceToWhomSeveralFiltersMatchOnTheBestTerms() {
        List<Session> some = sessions("some");
        some.forEach(session -> subscribe(session, "a/#", QoS.AT_MOST_ONCE));
        subscribe(some.get(7), "+/b", QoS.EXACTLY_ONCE);

        Matches b = subscriptions.matching("a/b");

        assertThat(receivers(b)).containsExactlyInAnyOrderElementsOf(some);
        assertThat(Stream.of(b.parts()).flatMap(Stream::of))
                .filteredOn(target -> target.session() == some.get(7))
                .singleElement()
                .satisfies(target -> assertThat(target.others().maxQoS()).isEqualTo(QoS.EXACTLY_ONCE));
        assertThat(b.isToBeRemembered()).as("so many in an array of one topic").isFalse();
    }

    @Test
    void shouldSeeEachChange() {
        List<Session> some = sessions("some");
        some.forEach(session -> subscribe(session, "a/#", QoS.AT_MOST_ONCE));
        Matches before = subscriptions.matching("a/b");

        Session late = session("late");
        Subscription added = subscribe(late, "a/#", QoS.AT_MOST_ONCE);
        assertThat(before.version()).isNotEqualTo(subscriptions.version());
        assertThat(receivers(subscriptions.matching("a/b"))).contains(late).hasSize(MANY + 1);

        subscriptions.remove(added);
        assertThat(receivers(subscriptions.matching("a/b")))
                .doesNotContain(late)
                .hasSize(MANY);

        subscribe(some.get(0), "a/#", QoS.AT_LEAST_ONCE);
        assertThat(subscriptions.matching("a/b").parts()[0])
                .filteredOn(target -> target.session() == some.get(0))
                .singleElement()
                .satisfies(target -> assertThat(target.others().maxQoS()).isEqualTo(QoS.AT_LEAST_ONCE));
    }

    @Test
    void shouldNeverFindASessionTwiceThatMovesFromOneFilterToAnother() {
        sessions("some").forEach(session -> subscribe(session, "a/#", QoS.AT_MOST_ONCE));
        sessions("others").forEach(session -> subscribe(session, "+/b", QoS.AT_MOST_ONCE));
        Session restless = session("restless");
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> {
            while (!stop.get()) {
                for (String filter : List.of("a/#", "+/b")) {
                    subscriptions.remove(subscribe(restless, filter, QoS.AT_MOST_ONCE));
                }
            }
        });
        try {
            for (int i = 0; i < 20_000; i++) {
                List<Session> found = receivers(subscriptions.matching("a/b"));
                assertThat(new HashSet<>(found)).hasSameSizeAs(found);
                assertThat(found.size()).isBetween(2 * MANY, 2 * MANY + 1);
            }
        } finally {
            stop.set(true);
        }
        assertThat(moving).succeedsWithin(Duration.ofSeconds(20));
    }
}
