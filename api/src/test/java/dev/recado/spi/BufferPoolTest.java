package dev.recado.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BufferPoolTest {

    @Test
    void shouldLendEmptyBuffersOfItsSizeAndKind() {
        ByteBuffer heap = new BufferPool(10, 1, false).take();
        ByteBuffer direct = new BufferPool(20, 1, true).take();

        assertThat(heap).satisfies(buffer -> {
            assertThat(buffer.isDirect()).isFalse();
            assertThat(buffer.remaining()).isEqualTo(10);
        });
        assertThat(direct).satisfies(buffer -> {
            assertThat(buffer.isDirect()).isTrue();
            assertThat(buffer.remaining()).isEqualTo(20);
        });
    }

    @Test
    void shouldLendTheBufferGivenBackLastFirst() {
        BufferPool pool = new BufferPool(10, 2, false);
        ByteBuffer first = pool.take();
        ByteBuffer second = pool.take();

        pool.give(first);
        pool.give(second);

        assertThat(pool.take()).isSameAs(second);
        assertThat(pool.take()).isSameAs(first);
    }

    @Test
    void shouldEmptyWhatIsGivenBack() {
        BufferPool pool = new BufferPool(10, 1, false);
        ByteBuffer used = pool.take();
        used.put((byte) 1).flip().get();

        pool.give(used);

        assertThat(pool.take().remaining()).isEqualTo(10);
    }

    @Test
    void shouldKeepNoMoreThanItsBound() {
        BufferPool pool = new BufferPool(10, 1, false);
        ByteBuffer kept = pool.take();
        ByteBuffer dropped = pool.take();
        pool.give(kept);
        pool.give(dropped);

        assertThat(pool.take()).isSameAs(kept);
        assertThat(pool.take()).isNotSameAs(dropped);
    }

    @Test
    void shouldKeepNothingWhenItsBoundIsZero() {
        BufferPool pool = new BufferPool(10, 0, false);
        ByteBuffer buffer = pool.take();
        pool.give(buffer);

        assertThat(pool.take()).isNotSameAs(buffer);
    }

    @Test
    void shouldRefuseASizeOrABoundThatCannotBe() {
        assertThatThrownBy(() -> new BufferPool(0, 1, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bufferSize > 0")
                .hasMessageContaining("0 and 1");
        assertThatThrownBy(() -> new BufferPool(1, -1, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 and -1");
    }
}
