package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class CachedTimeSourceTest {

    private static final OffsetDateTime NOON = OffsetDateTime.parse("2026-11-21T12:00:00Z");

    private final List<String> questions = new ArrayList<>();
    private final List<CompletableFuture<ZoneTime>> answers = new ArrayList<>();
    private long nanos = Long.MAX_VALUE - 10;

    private final CachedTimeSource cached = new CachedTimeSource(new Scripted(), Duration.ofSeconds(5), 2, () -> nanos);

    @Test
    void shouldAskOnceForAllThatWaitForTheSameZone() {
        CompletionStage<ZoneTime> first = cached.now("UTC");
        CompletionStage<ZoneTime> second = cached.now("UTC");
        pass(Duration.ofMinutes(1));
        CompletionStage<ZoneTime> late = cached.now("UTC");

        answer(0, NOON);

        assertThat(questions).containsExactly("UTC");
        assertThat(List.of(first, second, late))
                .allSatisfy(one -> assertThat(time(one)).isEqualTo(NOON));
    }

    @Test
    void shouldPutAClockForwardThatWasReadBefore() {
        cached.now("UTC");
        answer(0, NOON);
        pass(Duration.ofMillis(4_999));

        assertThat(time(cached.now("UTC"))).isEqualTo(NOON.plus(Duration.ofMillis(4_999)));
        assertThat(questions).hasSize(1);
    }

    @Test
    void shouldAskAgainAfterAWhile() {
        cached.now("UTC");
        answer(0, NOON);
        pass(Duration.ofSeconds(5));

        CompletionStage<ZoneTime> again = cached.now("UTC");
        answer(1, NOON.plusHours(1));

        assertThat(time(again)).isEqualTo(NOON.plusHours(1));
    }

    @Test
    void shouldTellAFailureToAllThatWaitAndAskAnewForTheNext() {
        CompletionStage<ZoneTime> first = cached.now("UTC");
        CompletionStage<ZoneTime> second = cached.now("UTC");

        answers.get(0).completeExceptionally(new TimeSourceException("out of order", null));

        assertThat(first.toCompletableFuture()).isCompletedExceptionally();
        assertThat(second.toCompletableFuture()).isCompletedExceptionally();
        CompletionStage<ZoneTime> third = cached.now("UTC");
        answer(1, NOON);
        assertThat(time(third)).isEqualTo(NOON);
    }

    @Test
    void shouldForgetTheZoneThatWasAskedForLongestAgo() {
        for (String zone : List.of("A", "B", "A", "C", "A", "B")) {
            int before = questions.size();
            cached.now(zone);
            if (questions.size() > before) {
                answer(before, NOON);
            }
        }

        assertThat(questions).containsExactly("A", "B", "C", "B");
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private void answer(int question, OffsetDateTime time) {
        answers.get(question).complete(new ZoneTime(questions.get(question), time, false));
    }

    private static OffsetDateTime time(CompletionStage<ZoneTime> answer) {
        return answer.toCompletableFuture().join().dateTime();
    }

    private final class Scripted implements TimeSource {
        @Override
        public List<String> zones() {
            return List.of("UTC");
        }

        @Override
        public CompletionStage<ZoneTime> now(String zone) {
            questions.add(zone);
            answers.add(new CompletableFuture<>());
            return answers.get(answers.size() - 1);
        }
    }
}
