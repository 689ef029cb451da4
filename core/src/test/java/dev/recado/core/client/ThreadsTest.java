package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

    @Test
    void shouldStartNamedDaemonsVirtualWhereTheJvmHasThem() throws Exception {
        CompletableFuture<Thread> runner = new CompletableFuture<>();
        Thread started = Threads.start("recado-test-thread", () -> runner.complete(Thread.currentThread()));
        assertThat(runner.join()).isSameAs(started);
        assertThat(started.getName()).isEqualTo("recado-test-thread");
        assertThat(started.isDaemon()).isTrue();
        if (Runtime.version().feature() >= FIRST_WITH_VIRTUAL_THREADS) {
            assertThat(Thread.class.getMethod("isVirtual").invoke(started)).isEqualTo(true);
        }
        started.join();
    }
}
