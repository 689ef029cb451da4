package dev.recado.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboundBufferTest {

    /** Small, so that most writes are cut. */
    private static final int BUFFER_SIZE = 8;

    private final BufferPool pool = new BufferPool(BUFFER_SIZE, 1_000, false);
    private final OutboundBuffer out =
            new OutboundBuffer(pool, ConnectionOptions.defaults().withWaterMarks(10, 20));

    /** Stands for the operating system. */
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private final ByteBuffer[] batch = new ByteBuffer[4];

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count);
    }

    private String sentText() {
        return sent.toString(StandardCharsets.US_ASCII);
    }

    /** One batch of a drainer, of which the socket takes so many bytes. Returns what {@code taken} said. */
    private boolean drainOnce(int limit) {
        int count = out.take(batch);
        for (int i = 0; i < count; i++) {
            for (; limit > 0 && batch[i].hasRemaining(); limit--) {
                sent.write(batch[i].get());
            }
        }
        return out.taken();
    }

    private void drainAll() {
        do {
            drainOnce(Integer.MAX_VALUE);
        } while (!out.release());
    }

    // ---- T6, T8, T9: bytes

    @Test
    void shouldGiveTheBytesInTheirOrder() {
        out.write(bytes("first "), bytes("second "));
        out.write(bytes("and a third that fills several buffers"));

        assertThat(out.flush()).isTrue();
        drainAll();

        assertThat(sentText()).isEqualTo("first second and a third that fills several buffers");
        assertThat(out.pending()).isZero();
    }

    @Test
    void shouldCopyAndLeaveTheSourceAsItIs() {
        ByteBuffer source = bytes("-hello-");
        source.position(1).limit(6);

        out.write(source);

        assertThat(source.position()).isEqualTo(1);
        assertThat(source.limit()).isEqualTo(6);
        Arrays.fill(source.array(), (byte) 'x');
        out.flush();
        drainAll();
        assertThat(sentText()).isEqualTo("hello");
    }

    @Test
    void shouldGoOnWhereAPartialWriteEnded() {
        out.write(bytes("0123456789abcdef-and-more"));
        out.flush();

        drainOnce(3);
        drainOnce(9);
        out.write(bytes("!"));
        out.flush();
        drainAll();

        assertThat(sentText()).isEqualTo("0123456789abcdef-and-more!");
    }

    @Test
    void shouldAddNothingWhenAWriteFailsHalfWay() {
        out.write(bytes("whole "));

        assertThatThrownBy(() -> out.write(bytes("half of something long"), null))
                .isInstanceOf(NullPointerException.class);
        assertThat(out.pending()).isEqualTo(6);
        out.write(bytes("again whole"));
        out.flush();
        drainAll();

        assertThat(sentText()).isEqualTo("whole again whole");
    }

    @Test
    void shouldKeepTheBytesOfAWriteTogetherWhoeverWritesAndDrains() throws Exception {
        int threads = 4;
        int writes = 5_000;
        var executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int id = t;
                writers.add(executor.submit(() -> writeFrames(id, writes)));
            }
            for (Future<?> writer : writers) {
                writer.get(30, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }

        assertFrames(threads, writes);
        assertThat(out.pending()).isZero();
    }

    /** Each frame: the writer's id, a sequence number, a length, and that many copies of the id. */
    private void writeFrames(int id, int count) {
        for (int sequence = 0; sequence < count; sequence++) {
            int length = ThreadLocalRandom.current().nextInt(30);
            ByteBuffer header = ByteBuffer.allocate(6).put((byte) id).putInt(sequence);
            header.put((byte) length).flip();
            byte[] body = new byte[length];
            Arrays.fill(body, (byte) id);
            out.write(header, ByteBuffer.wrap(body));
            if (out.flush()) {
                // Exactly one thread is in here at a time: nothing else guards this batch and this stream.
                do {
                    drainOnce(ThreadLocalRandom.current().nextInt(50));
                } while (!out.release());
            }
        }
    }

    private void assertFrames(int threads, int writes) {
        ByteBuffer all = ByteBuffer.wrap(sent.toByteArray());
        int[] next = new int[threads];
        while (all.hasRemaining()) {
            int id = all.get();
            assertThat(all.getInt()).as("sequence of writer %d", id).isEqualTo(next[id]++);
            for (int left = all.get(); left > 0; left--) {
                assertThat(all.get()).isEqualTo((byte) id);
            }
        }
        assertThat(next).containsOnly(writes);
    }

    // ---- T11: flush, and who drains

    @Test
    void shouldMakeOneDrainerUntilItResigns() {
        out.write(bytes("a"));
        assertThat(out.flush()).isTrue();
        assertThat(out.flush()).isFalse();

        out.write(bytes("b"));
        assertThat(out.flush()).isFalse();
        drainAll();
        assertThat(sentText()).isEqualTo("ab");

        out.write(bytes("c"));
        assertThat(out.flush()).isTrue();
    }

    @Test
    void shouldNotDrainWhenThereIsNothingToSend() {
        assertThat(out.flush()).isFalse();
        out.write();
        out.write(bytes(0));
        assertThat(out.flush()).isFalse();
    }

    @Test
    void shouldNotReleaseADrainerBeforeTheRestIsWritten() {
        out.write(bytes("abc"));
        out.flush();
        drainOnce(2);

        assertThat(out.release()).isFalse();
        drainOnce(1);
        assertThat(out.release()).isTrue();
    }

    @Test
    void shouldNotReleaseADrainerWhenSomebodyHasFlushedMeanwhile() {
        out.write(bytes("a"));
        out.flush();
        drainOnce(1);
        out.write(bytes("b"));
        out.flush();

        assertThat(out.release()).isFalse();
        drainAll();
        assertThat(sentText()).isEqualTo("ab");
    }

    @Test
    void shouldReleaseADrainerWhenWhatIsLeftIsNotFlushed() {
        out.write(bytes("a"));
        out.flush();
        drainOnce(1);
        out.write(bytes("b"));

        assertThat(out.release()).isTrue();
        assertThat(out.pending()).isEqualTo(1);
    }

    // ---- T12, T13: pending and the water marks

    @Test
    void shouldCountWhatIsWrittenAndNotYetTaken() {
        out.write(bytes(3), bytes(4));
        assertThat(out.pending()).isEqualTo(7);

        out.flush();
        drainOnce(2);
        assertThat(out.pending()).isEqualTo(5);

        out.write(bytes(100));
        assertThat(out.pending()).isEqualTo(105);

        drainOnce(6);
        assertThat(out.pending()).isEqualTo(99);
    }

    @Test
    void shouldCountRightWhenThereAreMoreBuffersThanABatchHolds() {
        out.write(bytes(100));
        out.flush();

        drainOnce(Integer.MAX_VALUE);
        assertThat(out.pending()).isEqualTo(100 - batch.length * BUFFER_SIZE);
        drainOnce(0);
        assertThat(out.pending()).isEqualTo(100 - batch.length * BUFFER_SIZE);
        drainAll();
        assertThat(out.pending()).isZero();
    }

    @Test
    void shouldReportDrainedOnceWhenItFallsToTheLowWaterMark() {
        out.write(bytes(21));
        out.flush();

        assertThat(drainOnce(10)).as("11 pending").isFalse();
        assertThat(drainOnce(1)).as("10 pending").isTrue();
        assertThat(drainOnce(1)).as("9 pending").isFalse();
    }

    @Test
    void shouldNotReportDrainedWhenTheHighWaterMarkWasOnlyReached() {
        out.write(bytes(20));
        out.flush();

        assertThat(drainOnce(20)).isFalse();
    }

    @Test
    void shouldReportDrainedForEachTime() {
        int reports = 0;
        for (int i = 0; i < 3; i++) {
            out.write(bytes(30));
            out.flush();
            reports += drainOnce(30) ? 1 : 0;
            out.release();
        }
        assertThat(reports).isEqualTo(3);
    }

    // ---- T15, T16: end and discard

    @Test
    void shouldRefuseBytesAfterItsEnd() {
        out.write(bytes("before"));

        assertThat(out.end()).isTrue();
        assertThat(out.write(bytes("after"))).isFalse();
        drainAll();

        assertThat(sentText()).isEqualTo("before");
        assertThat(out.finished()).isTrue();
    }

    @Test
    void shouldSendAtItsEndWhatNobodyFlushed() {
        out.write(bytes("a"));
        out.flush();
        drainOnce(1);
        out.write(bytes("b"));
        assertThat(out.end()).as("there is a drainer already").isFalse();

        assertThat(out.finished()).isFalse();
        assertThat(out.release()).isFalse();
        drainAll();
        assertThat(sentText()).isEqualTo("ab");
        assertThat(out.finished()).isTrue();
    }

    @Test
    void shouldBeFinishedAtOnceWhenItEndsWithNothingPending() {
        assertThat(out.finished()).isFalse();
        assertThat(out.end()).isFalse();
        assertThat(out.finished()).isTrue();
        assertThat(out.end()).isFalse();
    }

    @Test
    void shouldForgetEverythingWhenDiscarded() {
        out.write(bytes(30));
        out.discard();

        assertThat(out.pending()).isZero();
        assertThat(out.finished()).isTrue();
        assertThat(out.flush()).isFalse();
        assertThat(out.write(bytes(1))).isFalse();
        assertThat(out.end()).isFalse();
        out.discard();
    }

    @Test
    void shouldLetADrainerFinishItsBatchWhenDiscarded() {
        out.write(bytes("0123456789"));
        out.flush();
        int count = out.take(batch);
        out.discard();

        // Still the drainer's: the pool must not have lent them to anybody else.
        ByteBuffer other = pool.take();
        assertThat(Arrays.stream(batch, 0, count)).noneMatch(buffer -> buffer == other);
        assertThat(out.taken()).isFalse();
        assertThat(out.pending()).isZero();
        assertThat(out.take(batch)).isZero();
        assertThat(out.release()).isTrue();
    }

    @Test
    void shouldGiveEveryBufferBack() {
        CountingPool counting = new CountingPool();
        OutboundBuffer sending = new OutboundBuffer(counting.pool, ConnectionOptions.defaults());
        sending.write(bytes(50));
        sending.flush();
        sending.take(batch);
        batch[0].position(batch[0].limit());
        sending.taken();
        sending.write(bytes(50));
        sending.discard();
        sending.release();

        counting.assertAllGivenBack();
    }

    /** Takes the pool's only buffers, one after another, to see that all are there. */
    private static final class CountingPool {

        static final int BUFFERS = 20;
        final BufferPool pool = new BufferPool(BUFFER_SIZE, BUFFERS, false);
        private final List<ByteBuffer> known = new ArrayList<>();

        CountingPool() {
            for (int i = 0; i < BUFFERS; i++) {
                known.add(pool.take());
            }
            known.forEach(pool::give);
        }

        void assertAllGivenBack() {
            for (int i = 0; i < BUFFERS; i++) {
                ByteBuffer taken = pool.take();
                assertThat(known.removeIf(buffer -> buffer == taken)).isTrue();
            }
            assertThat(known).isEmpty();
        }
    }

    // ---- A writer thread

    @Test
    void shouldWakeTheWriterThreadForWhatIsFlushedOnly() throws Exception {
        ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
        Thread writer = startWriter(taken);
        awaitWaiting(writer);

        out.write(bytes("a"));
        assertThat(taken).isEmpty();
        assertThat(out.flush()).as("the writer is the drainer").isFalse();
        await().until(() -> taken.contains("a"));

        out.write(bytes("b"));
        out.end();
        writer.join(10_000);
        assertThat(writer.isAlive()).isFalse();
        assertThat(taken).containsExactly("a", "b");
        assertThat(out.finished()).isTrue();
    }

    @Test
    void shouldFindWhatWasFlushedBeforeTheWriterThreadBegan() throws Exception {
        ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
        out.write(bytes("early"));
        out.flush();

        Thread writer = startWriter(taken);
        await().until(() -> taken.contains("early"));
        out.end();
        writer.join(10_000);
        assertThat(writer.isAlive()).isFalse();
    }

    @Test
    void shouldEndTheWriterThreadWhenDiscarded() throws Exception {
        Thread writer = startWriter(new ConcurrentLinkedQueue<>());
        awaitWaiting(writer);
        out.write(bytes(100));

        out.discard();

        writer.join(10_000);
        assertThat(writer.isAlive()).isFalse();
    }

    @Test
    void shouldNotLetAnInterruptEndTheWaiting() throws Exception {
        ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
        Thread writer = startWriter(taken);
        awaitWaiting(writer);

        writer.interrupt();
        out.write(bytes("a"));
        out.flush();

        await().until(() -> taken.contains("a"));
        out.end();
        writer.join(10_000);
        assertThat(writer.isAlive()).isFalse();
    }

    private Thread startWriter(ConcurrentLinkedQueue<String> taken) {
        return startWriter(new Sink(Integer.MAX_VALUE) {
            @Override
            void took(String text) {
                taken.add(text);
            }
        });
    }

    private Thread startWriter(Sink sink) {
        Thread writer = new Thread(() -> {
            try {
                out.writeTo(sink, () -> {});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.start();
        return writer;
    }

    /** A blocking socket, which takes so many bytes at once. */
    private abstract static class Sink implements GatheringByteChannel {

        private final int most;

        Sink(int most) {
            this.most = most;
        }

        abstract void took(String text) throws IOException;

        @Override
        public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
            StringBuilder text = new StringBuilder();
            for (int i = offset; i < offset + length; i++) {
                while (buffers[i].hasRemaining() && text.length() < most) {
                    text.append((char) buffers[i].get());
                }
            }
            took(text.toString());
            return text.length();
        }

        @Override
        public long write(ByteBuffer[] buffers) throws IOException {
            return write(buffers, 0, buffers.length);
        }

        @Override
        public int write(ByteBuffer buffer) throws IOException {
            return (int) write(new ByteBuffer[] {buffer});
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static void awaitWaiting(Thread writer) {
        await().until(() -> writer.getState() == Thread.State.WAITING);
    }

    @Test
    void shouldWriteWhatASlowSocketTakesInPiecesAndReportDrained() throws Exception {
        StringBuilder text = new StringBuilder();
        AtomicInteger drained = new AtomicInteger();
        out.write(bytes("a text that fills several buffers and a little more"));
        out.end();

        out.writeTo(
                new Sink(11) {
                    @Override
                    void took(String more) {
                        text.append(more);
                    }
                },
                drained::incrementAndGet);

        assertThat(text).hasToString("a text that fills several buffers and a little more");
        assertThat(drained).hasValue(1);
        assertThat(out.finished()).isTrue();
    }

    /** They are outside the heap: left to the garbage collector, broken connections would pile them up. */
    @Test
    void shouldGiveEveryBufferBackWhenTheSocketBreaks() {
        CountingPool counting = new CountingPool();
        OutboundBuffer sending = new OutboundBuffer(counting.pool, ConnectionOptions.defaults());
        sending.write(bytes(100));
        sending.end();
        IOException broken = new IOException("broken");

        assertThatThrownBy(() -> sending.writeTo(
                        new Sink(11) {
                            @Override
                            void took(String text) throws IOException {
                                sending.write(bytes(1));
                                throw broken;
                            }
                        },
                        () -> {}))
                .isSameAs(broken);

        counting.assertAllGivenBack();
        assertThat(sending.pending()).isZero();
        assertThat(sending.flush()).isFalse();
    }

    // ---- Handing the office over

    /** As an event loop does it: a drainer whose socket is full leaves the rest to another thread, again and again. */
    @Test
    void shouldLetTheOfficeBeHandedToAnotherThread() throws Exception {
        int threads = 3;
        int writes = 3_000;
        var loop = Executors.newSingleThreadExecutor();
        var writers = Executors.newFixedThreadPool(threads);
        CountDownLatch done = new CountDownLatch(threads);
        AtomicInteger handOvers = new AtomicInteger();
        try {
            for (int t = 0; t < threads; t++) {
                int id = t;
                writers.execute(() -> {
                    for (int i = 0; i < writes; i++) {
                        out.write(ByteBuffer.allocate(6)
                                .put((byte) id)
                                .putInt(i)
                                .put((byte) 0)
                                .flip());
                        if (out.flush()) {
                            drainOnce(4);
                            if (!out.release()) {
                                handOvers.incrementAndGet();
                                loop.execute(this::drainAll);
                            }
                        }
                    }
                    done.countDown();
                });
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            writers.shutdown();
            loop.shutdown();
        }
        assertThat(loop.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

        assertThat(handOvers).hasPositiveValue();
        assertThat(out.pending()).isZero();
        assertFrames(threads, writes);
    }
}
