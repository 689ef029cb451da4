package dev.recado.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.testkit.internal.Eventually;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

class TransportThreadsTest {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Violations violations = new Violations();
    private final TransportThreads threads = new TransportThreads("test", violations);
    private final CountDownLatch end = new CountDownLatch(1);

    @Test
    void shouldSeeThreadsStartedByItsOwnAndTheirDescendants() throws Exception {
        AtomicReference<Thread> grandchild = new AtomicReference<>();
        Thread kit = threads.newKitThread(
                "body",
                () -> daemon("recado-child", () -> {
                    grandchild.set(daemon("recado-grandchild", this::awaitEnd));
                    awaitEnd();
                }));
        kit.start();
        assertThat(Eventually.holds(
                        BOUND, () -> grandchild.get() != null && threads.alive().size() == 2))
                .isTrue();
        assertThat(threads.alive()).contains(grandchild.get()).doesNotContain(kit);
        // A thread is alive a moment before it waits.
        assertThat(Eventually.holds(
                        BOUND,
                        () -> threads.dump().contains("\"recado-child\"")
                                && threads.dump().contains("awaitEnd")))
                .isTrue();

        end.countDown();

        assertThat(Eventually.holds(BOUND, () -> threads.alive().isEmpty())).isTrue();
    }

    @Test
    void shouldNotSeeTheThreadsOfOthers() {
        Thread other = daemon("recado-other", this::awaitEnd);

        assertThat(threads.alive()).isEmpty();

        end.countDown();
        assertThat(Eventually.holds(BOUND, () -> !other.isAlive())).isTrue();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void shouldSeeVirtualThreadsThatCalledBack() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        // Named only on the newer of the JDKs that compile this.
        Thread virtual = (Thread)
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, (Runnable) () -> {
                    threads.calledBack();
                    called.countDown();
                    awaitEnd();
                });
        called.await();

        assertThat(threads.alive()).containsExactly(virtual);
        threads.checkNames();
        assertThatThrownBy(violations::rethrow)
                .hasMessage("T27: names of threads must start with 'recado-', but one is ''");

        end.countDown();
        assertThat(Eventually.holds(BOUND, () -> threads.alive().isEmpty())).isTrue();
    }

    private void awaitEnd() {
        Eventually.holds(BOUND, () -> end.getCount() == 0);
    }

    private static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
