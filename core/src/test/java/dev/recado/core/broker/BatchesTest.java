package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Limits;
import dev.recado.core.time.ManualTimers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BatchesTest {

    private static final int THREADS = 6;
    private static final int TURNS = 20_000;

    private final Batches batches =
            new Batches(new Counters(), new WarnLog(line -> {}, new ManualTimers()), Limits.defaults());

    @Test
    void shouldNumberBatchesInTheOrderInWhichTheyWereLent() {
        Batch first = batches.take();
        Batch second = batches.take();

        assertThat(second.number).isEqualTo(first.number + 1).isEqualTo(batches.lastNumber());
    }

    @Test
    void shouldKnowUpToWhichAllAreFinished() {
        Batch first = batches.take();
        Batch second = batches.take();
        assertThat(batches.finishedUpTo()).isEqualTo(first.number - 1);

        batches.finish(second);
        assertThat(batches.finishedUpTo()).isEqualTo(first.number - 1);

        long last = second.number;
        batches.finish(first);
        assertThat(batches.finishedUpTo()).isEqualTo(last);
    }

    @Test
    void shouldLetWaitForWhatIsStoredAndNotDelivered() {
        Session session =
                new Session("s", new Subscriptions(), batches, new Counters(), Limits.defaults(), new ManualTimers());
        Batch idle = batches.take();
        Batch delivering = batches.take();
        delivering.undeliveredFrom = 5;

        assertThat(batches.awaitsDelivery(session, 4)).isFalse();
        assertThat(delivering.waiting).isEmpty();
        assertThat(batches.awaitsDelivery(session, 5)).isTrue();
        assertThat(delivering.waiting).containsExactly(session);
        assertThat(idle.waiting).isEmpty();

        delivering.waiting.clear();
        delivering.undeliveredFrom = Batch.NOTHING;
        assertThat(batches.awaitsDelivery(session, 5)).isFalse();
        assertThat(delivering.waiting).isEmpty();
    }

    @Test
    void shouldLendAgainWhatCameBack() {
        Batch first = batches.take();
        batches.finish(first);

        assertThat(batches.take()).isSameAs(first);
    }

    @Test
    void shouldLendMoreThanItKeeps() {
        List<Batch> lent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lent.add(batches.take());
        }
        assertThat(lent).doesNotHaveDuplicates();

        lent.forEach(batches::finish);

        assertThat(batches.finishedUpTo()).isEqualTo(batches.lastNumber());
    }

    @Test
    void shouldNeverLendOneTwiceNorCallOneFinishedThatIsAtWork() throws Exception {
        Set<Batch> atWork = ConcurrentHashMap.newKeySet();
        Callable<String> work = () -> {
            for (int i = 0; i < TURNS; i++) {
                Batch batch = batches.take();
                if (!atWork.add(batch)) {
                    return "lent twice";
                }
                long finished = batches.finishedUpTo();
                if (finished >= batch.number) {
                    return "batch " + batch.number + " is at work, but finished is up to " + finished;
                }
                atWork.remove(batch);
                batches.finish(batch);
            }
            return "fine";
        };
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<String> outcomes = new ArrayList<>();
            for (Future<String> one : threads.invokeAll(List.of(work, work, work, work, work, work))) {
                outcomes.add(one.get());
            }
            assertThat(outcomes).containsOnly("fine");
        } finally {
            threads.shutdownNow();
        }
        assertThat(batches.finishedUpTo()).isEqualTo(batches.lastNumber());
    }
}
