package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class TopicTableTest {

    private static final int FEWEST_SLOTS = 16;

    private final TopicTable table = new TopicTable();

    private static Topic topic(String name) {
        return new Topic(name, 0);
    }

    private Topic add(String name) {
        Topic topic = topic(name);
        table.add(topic);
        return topic;
    }

    private static Topic find(TopicTable table, String name) {
        return table.find(name.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Topic> all(TopicTable table) {
        List<Topic> all = new ArrayList<>();
        table.forEach(all::add);
        return all;
    }

    @Test
    void shouldFindEachOfThousandsAndNothingElse() {
        List<Topic> topics = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            topics.add(add("plant/" + i % 7 + "/line/" + i));
        }

        assertThat(table.size()).isEqualTo(5_000);
        assertThat(all(table)).containsExactlyInAnyOrderElementsOf(topics);
        for (Topic topic : topics) {
            assertThat(table.find(topic.utf8)).isSameAs(topic);
            assertThat(find(table, topic.name + "x")).isNull();
            assertThat(find(table, topic.name.substring(1))).isNull();
        }
    }

    @Test
    void shouldFindANameWhereverItWasReceived() {
        Topic topic = add("some/topic");
        add("other");
        ByteBuffer received = ByteBuffer.allocateDirect(100).put(37, topic.utf8);

        assertThat(table.find(received, 37, topic.utf8.length)).isSameAs(topic);
        assertThat(table.find(received, 36, topic.utf8.length)).isNull();
        assertThat(table.find(received, 37, topic.utf8.length - 1)).isNull();
    }

    @Test
    void shouldFindNothingInAnEmptyTableNotEvenTheEmptyName() {
        assertThat(find(table, "a")).isNull();
        assertThat(find(table, "")).isNull();
        table.remove(add("a"));
        assertThat(find(table, "a")).isNull();
        assertThat(find(table, "")).as("what stands where a topic was").isNull();
        assertThat(all(table)).isEmpty();
        assertThat(table.size()).isZero();
    }

    @Test
    void shouldRemoveNoOtherTopicOfTheSameName() {
        Topic here = add("a");

        table.remove(topic("a"));

        assertThat(find(table, "a")).isSameAs(here);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void shouldFindATopicThatHasComeBack() {
        table.remove(add("a"));
        Topic again = add("a");

        assertThat(find(table, "a")).isSameAs(again);
        table.remove(again);
        assertThat(find(table, "a")).isNull();
    }

    /**
     * Few slots, and another secret each time: names meet in every way, over the last slot too, and make way for names that
     * have gone meanwhile.
     */
    @Test
    void shouldKeepApartNamesThatMeetInFewSlots() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            TopicTable small = new TopicTable();
            Map<String, Topic> there = new HashMap<>();
            int names = 1 + random.nextInt(20);
            for (int step = 0; step < 200; step++) {
                String name = "n" + random.nextInt(names);
                Topic known = there.remove(name);
                if (known != null) {
                    small.remove(known);
                } else {
                    Topic topic = topic(name);
                    there.put(name, topic);
                    small.add(topic);
                }
                for (int i = 0; i < names; i++) {
                    assertThat(find(small, "n" + i)).as("seed %d", seed).isSameAs(there.get("n" + i));
                }
                assertThat(small.size()).isEqualTo(there.size());
            }
            assertThat(all(small)).containsExactlyInAnyOrderElementsOf(there.values());
        }
    }

    @Test
    void shouldNotGrowWithTopicsThatComeAndGo() {
        Topic stays = add("stays");
        for (int i = 0; i < 10_000; i++) {
            table.remove(add("comes and goes " + i));
            assertThat(table.slots()).isEqualTo(FEWEST_SLOTS);
        }
        assertThat(find(table, "stays")).isSameAs(stays);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void shouldShrinkWhenFewTopicsAreLeft() {
        List<Topic> topics = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            topics.add(add("t" + i));
        }
        assertThat(table.slots()).isBetween(2_000, 4_096);
        topics.forEach(table::remove);

        for (int i = 0; i < 2_000; i++) {
            table.remove(add("u" + i));
        }

        assertThat(table.slots()).isEqualTo(FEWEST_SLOTS);
    }

    /** Else a table of just that size would be built anew for every topic that comes. */
    @Test
    void shouldHaveRoomForChangesWhateverItsSizeIs() {
        for (int size = 0; size < 300; size++) {
            for (int i = 0; i < 600; i++) {
                table.remove(add("comes and goes " + i));
            }
            assertThat(table.slots()).isLessThanOrEqualTo(Math.max(FEWEST_SLOTS, 6 * size));
            assertThat(table.slots() / 2 - size)
                    .as("topics that may come before %d slots with %d topics are rebuilt", table.slots(), size)
                    .isGreaterThanOrEqualTo(table.slots() / 8);
            add("stays " + size);
        }
    }

    /** The writer makes others come and go, and the table grow and shrink. */
    @RepeatedTest(5)
    void shouldFindThoseThatStayWhileOthersComeAndGo() throws Exception {
        List<Topic> stay = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            stay.add(add("stays " + i));
        }
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch reading = new CountDownLatch(2);
        ExecutorService readers = Executors.newFixedThreadPool(2);
        try {
            Callable<Integer> reader = () -> {
                int found = 0;
                do {
                    for (Topic topic : stay) {
                        assertThat(table.find(topic.utf8)).isSameAs(topic);
                        found++;
                    }
                    assertThat(find(table, "never there")).isNull();
                    reading.countDown();
                } while (!over.get());
                return found;
            };
            List<Future<Integer>> found = List.of(readers.submit(reader), readers.submit(reader));
            assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();

            for (int round = 0; round < 20; round++) {
                List<Topic> others = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    others.add(add("goes " + round + "/" + i));
                }
                others.forEach(table::remove);
            }

            over.set(true);
            for (Future<Integer> each : found) {
                assertThat(each.get(10, TimeUnit.SECONDS)).isPositive();
            }
        } finally {
            over.set(true);
            readers.shutdownNow();
        }
    }
}
