package dev.recado.testkit;

import static dev.recado.testkit.Rig.HIGH;
import static dev.recado.testkit.Rig.LOW;
import static dev.recado.testkit.Rig.check;

import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import dev.recado.testkit.internal.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What every transport keeps: the rules of {@link dev.recado.spi}, each with a test or more. Extend it, and run it as any
 * JUnit class:
 *
 * <pre>{@code
 * class MyTransportTest extends TransportContract {
 *     @Override
 *     protected Transport createTransport() {
 *         return new MyTransport();
 *     }
 * }
 * }</pre>
 *
 * <p>A test is named after its rule, and its failure message starts with the rule that was broken, which may be another one:
 * order and overlap of callbacks (T4, T5), calls within calls (T18), exceptions (T10) and what is left behind (T22, T27) are
 * watched in all tests. A rule that cannot be seen from outside has an {@code untested_} test, always skipped, with the
 * reason. No test can be overridden: declare {@link #capabilities()} instead.
 *
 * <p>Bounds are JUnit configuration parameters or system properties, in milliseconds:
 * {@code recado.testkit.arrivalTimeoutMillis} (10,000) for what must happen, {@code recado.testkit.silenceMillis} (150) for
 * what must not, {@code recado.testkit.testTimeoutMillis} (50,000) for one test.
 *
 * <p>Each test has transports, threads and endpoints of its own, so contracts may run in parallel. Threads that a transport
 * leaves behind are found when they are platform threads started, directly or not, by the test, or any threads that ran a
 * callback; a leaked virtual thread that never called back is not seen. Sockets that it leaves open are found where the
 * system has {@code /proc} and the transport declares {@link Capability#TCP}.
 *
 * @since 0.1.0
 */
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
public abstract class TransportContract {

    private static final int MIB = 1 << 20;

    private static final Path FILE_DESCRIPTORS = Path.of("/proc/self/fd");

    @RegisterExtension
    final ContractExtension extension = new ContractExtension((timeouts, test) -> rig = new Rig(this, timeouts, test));

    /** Set by the extension before each test. */
    Rig rig;

    /** For subclasses. */
    protected TransportContract() {}

    /**
     * Creates the transport that listens; called once a test, which closes it.
     *
     * @return a new transport
     */
    protected abstract Transport createTransport();

    /**
     * Creates the transport that connects; called at most once a test, after {@link #createTransport()}. Overridden to pair
     * two kinds of transport, or to return the very transport that listens, where only that one can reach it.
     *
     * @return by default what {@link #createTransport()} returns
     */
    protected Transport createClientTransport() {
        return createTransport();
    }

    /**
     * Where to listen. A test may listen there again after closing its first listener.
     *
     * @return by default {@code mqtt://127.0.0.1:0}
     */
    protected URI listenEndpoint() {
        return URI.create("mqtt://127.0.0.1:0");
    }

    /**
     * What the transports have beyond the rules.
     *
     * @return by default everything
     */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    final boolean has(Capability capability) {
        return capabilities().contains(capability);
    }

    private void requires(Capability capability) {
        Assumptions.assumeTrue(has(capability), () -> "the transport does not declare " + capability);
    }

    // ---- T1 to T3: creating, listening, connecting

    /** When it fails: a constructor starts an executor, a timer or an event loop; start them with the first call. */
    @Test
    public final void required_T01_createShouldStartNoThread() {
        requires(Capability.OWN_THREADS);
        rig.server();
        rig.client();
        check(
                "T1",
                rig.threads().alive().isEmpty(),
                () -> "creating a transport must start no thread, but "
                        + rig.threads().alive() + " run");
    }

    /** When it fails: {@code close} waits for what was never started. */
    @Test
    public final void required_T01_closeOfAnUnusedTransportShouldReturn() throws Exception {
        rig.within(
                "T1",
                "close() of an unused transport must return",
                () -> rig.server().close());
    }

    /** Always skipped: sockets belong to the whole program, and other tests run in it. */
    @Test
    public final void untested_T01_createShouldOpenNoSocket() {
        Assumptions.abort("T1: a socket that nobody uses cannot be told from those of tests that run in parallel");
    }

    /** When it fails: binding happens on another thread and is not waited for, or the endpoint keeps port 0. */
    @Test
    public final void required_T02_listenShouldHaveBoundItsAddress() throws Exception {
        URI endpoint = rig.listen(RecordingHandler::echo);
        URI asked = listenEndpoint();
        check(
                "T2",
                asked.getScheme().equals(endpoint.getScheme()),
                () -> "the endpoint must keep the scheme " + asked.getScheme() + ", but is " + endpoint);
        if (has(Capability.PORTS)) {
            check("T2", endpoint.getPort() > 0, () -> "the endpoint must state the real port, but is " + endpoint);
        }
        RecordingHandler client = rig.connect();
        client.awaitOpened("T2");
        client.send(Bytes.pattern(2, 100));
        client.awaitBytes("T2", Bytes.pattern(2, 100));
    }

    /** When it fails: address reuse allows two listeners, or the exception's message lacks the endpoint. */
    @Test
    public final void required_T02_addressInUseShouldBeAnIoExceptionThatNamesTheEndpoint() throws Exception {
        URI endpoint = rig.listen();
        try {
            rig.client()
                    .listen(endpoint, rig.listenOptions(), rig.acceptor(side -> {}))
                    .close();
        } catch (IOException e) {
            checkNames("T2", e, endpoint);
            return;
        }
        throw new AssertionError("T2: listening on " + endpoint + ", which is in use, must throw an IOException");
    }

    /** When it fails: {@code connect} connects on its caller's thread. */
    @Test
    public final void required_T03_connectShouldNotBlock() throws Exception {
        requires(Capability.TCP);
        RawListener silent = rig.rawListener();
        Assumptions.assumeTrue(silent.stopAnswering(), "this system has no way to leave a connection unanswered");
        AtomicReference<RecordingHandler> side = new AtomicReference<>();
        rig.client()
                .connect(silent.endpoint(listenEndpoint().getScheme()), rig.connectOptions(), rig.acceptor(side::set));
        check(
                "T3",
                side.get() == null || !side.get().isClosed(),
                () -> "connect must return at once, but returned after" + " the attempt had failed with "
                        + side.get().cause());
    }

    /** When it fails: a retry, for another address of the host perhaps, asks the acceptor again. */
    @Test
    public final void required_T03_connectShouldAskForOneHandler() throws Exception {
        rig.listen();
        AtomicInteger asked = new AtomicInteger();
        rig.connect(side -> asked.incrementAndGet()).awaitOpened("T3");
        URI nobody = rig.listener().endpoint();
        rig.listener().close();
        rig.connect(nobody, rig.connectOptions(), side -> asked.incrementAndGet())
                .awaitClosed("T20");
        rig.never("T3", () -> asked.get() != 2, () -> "two connects must ask for two handlers, but asked for " + asked);
    }

    /** When it fails: {@code connect} waits for the loop, or takes a lock, that the callback's thread holds. */
    @Test
    public final void required_T03_connectShouldWorkFromACallback() throws Exception {
        AtomicReference<RecordingHandler> second = new AtomicReference<>();
        Pair pair = rig.pair(
                side -> side.whenReceived(buffer -> rig.client()
                        .connect(rig.listener().endpoint(), rig.connectOptions(), rig.acceptor(second::set))),
                side -> {});
        pair.server().send(new byte[1]);
        rig.await("T3", () -> second.get() != null, () -> "connect in a callback must ask the acceptor for a handler");
        second.get().awaitOpened("T3");
        exchange("T3", new Pair(second.get(), rig.accepted()));
    }

    // ---- T4, T5: callbacks

    /** When it fails: two threads, or two ways to end, each call {@code closed}; let one owner do it, guarded by a state. */
    @Test
    public final void required_T04_closedShouldComeOnceWhenAllEndAtOnce() throws Exception {
        for (int round = 0; round < 30; round++) {
            Pair pair = rig.pair();
            pair.client().send(Bytes.pattern(round, 1000));
            List<Thread> closers = new ArrayList<>();
            CountDownLatch start = new CountDownLatch(1);
            for (RecordingHandler side : List.of(pair.client(), pair.server())) {
                closers.add(rig.spawn("T4", () -> {
                    start.await();
                    side.connection().close();
                }));
                closers.add(rig.spawn("T4", () -> {
                    start.await();
                    side.connection().abort();
                }));
            }
            start.countDown();
            for (Thread closer : closers) {
                rig.join("T10", closer, "close() and abort() must return");
            }
            pair.client().awaitClosed("T4");
            pair.server().awaitClosed("T4");
        }
        rig.silence();
    }

    /** When it fails: a call on a connection that has ended reaches its handler. */
    @Test
    public final void required_T04_closedShouldBeLast() throws Exception {
        Pair pair = rig.pair();
        pair.client().connection().close();
        for (RecordingHandler side : List.of(pair.client(), pair.server())) {
            side.awaitClosed("T4");
            callEverything(side);
        }
        rig.silence();
        check(
                "T4",
                pair.client().closedCalls() == 1 && pair.server().closedCalls() == 1,
                () -> "closed must come once");
    }

    /** When it fails: a connection that ends before it is opened is forgotten without {@code closed}. */
    @Test
    public final void required_T04_endingInsideTheAcceptorShouldLeadToClosed() throws Exception {
        rig.listen();
        rig.connect(side -> side.connection().close()).awaitClosed("T4");
        rig.connect(side -> side.connection().abort()).awaitClosed("T4");
        rig.listener().close();
        rig.listen(side -> side.connection().abort());
        rig.connect().awaitClosed("T4");
    }

    /** When it fails: {@code opened} runs on one thread (the one that connected) and the first {@code received} on another. */
    @Test
    public final void required_T05_callbacksShouldNotOverlap() throws Exception {
        // Both send, and linger, in opened: there is something to receive while it runs.
        Consumer<RecordingHandler> slowly = side -> {
            side.send(Bytes.pattern(5, 1000));
            rig.silence();
        };
        Pair pair = rig.pair(side -> side.echo().whenOpened(slowly), side -> side.whenOpened(slowly));
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> helpers = new ArrayList<>();
        for (RecordingHandler side : List.of(pair.client(), pair.server())) {
            helpers.add(rig.spawn("T5", () -> {
                while (!stop.get()) {
                    side.connection().pauseReading();
                    side.connection().flush();
                    side.connection().resumeReading();
                }
            }));
        }
        byte[] message = Bytes.pattern(6, 100_000);
        for (int at = 0; at < message.length; at += 500) {
            pair.server().connection().write(ByteBuffer.wrap(message, at, 500));
            pair.server().connection().flush();
        }
        pair.server().awaitCount("T6", message.length + 2000);
        stop.set(true);
        for (Thread helper : helpers) {
            rig.join("T10", helper, "pauseReading(), flush() and resumeReading() must return");
        }
        pair.client().connection().close();
        pair.server().awaitClosedOrderly("T17");
    }

    // ---- T6 to T9: bytes

    /** When it fails: compare the offset with your buffer's size; a short write or read is the usual suspect. */
    @Test
    public final void required_T06_megabytesShouldArriveBothWaysAtOnce() throws Exception {
        Pair pair = rig.pair();
        byte[] up = Bytes.pattern(61, 6 * MIB);
        byte[] down = Bytes.pattern(62, 5 * MIB);
        rig.spawn("T6", () -> sendInPieces(pair.client(), up, 60_000));
        rig.spawn("T6", () -> sendInPieces(pair.server(), down, 1_000_000));
        pair.server().awaitBytes("T6", up);
        pair.client().awaitBytes("T6", down);
    }

    /** When it fails: pieces are cut or joined wrongly; also look at empty and at very small writes. */
    @Test
    public final void required_T06_writesOfAnySizeShouldArriveInOrder() throws Exception {
        Pair pair = rig.pair();
        byte[] expected = Bytes.pattern(63, 2 * MIB);
        Random random = new Random(63);
        int at = 0;
        while (at < expected.length) {
            int most = 1 << random.nextInt(17);
            int length = Math.min(random.nextInt(most + 1), expected.length - at);
            pair.client().connection().write(ByteBuffer.wrap(expected, at, length));
            if (random.nextInt(3) == 0) {
                pair.client().connection().flush();
            }
            at += length;
        }
        pair.client().connection().flush();
        pair.server().awaitBytes("T6", expected);
    }

    /** When it fails: array offsets, read-only buffers (no {@code array()}) or direct buffers are mishandled. */
    @Test
    public final void required_T06_anyKindOfBufferShouldBeWritten() throws Exception {
        Pair pair = rig.pair();
        byte[] bytes = Bytes.pattern(64, 900);
        ByteBuffer direct = ByteBuffer.allocateDirect(400).position(50);
        direct.put(bytes, 300, 300).flip().position(50);
        ByteBuffer slice = ByteBuffer.wrap(bytes, 550, 350).slice().position(50);
        pair.client()
                .connection()
                .write(ByteBuffer.wrap(bytes, 0, 300).asReadOnlyBuffer(), direct, ByteBuffer.allocate(0));
        pair.client().connection().write();
        pair.client().connection().write(slice);
        pair.client().connection().flush();
        pair.server().awaitBytes("T6", bytes);
    }

    /** When it fails: a read that brings part of what is expected is taken for more, or for the end. */
    @Test
    public final void required_T06_fragmentsShouldArrive() throws Exception {
        requires(Capability.TCP);
        rig.listen();
        RawPeer peer = rig.rawClient();
        byte[] bytes = Bytes.pattern(65, 2000);
        for (byte b : bytes) {
            peer.write(new byte[] {b});
        }
        rig.accepted().awaitBytes("T6", bytes);
    }

    /** When it fails: an unread rest is kept and given again with the next bytes, or the buffer is not cleared. */
    @Test
    public final void required_T07_bytesLeftInTheBufferShouldNotComeAgain() throws Exception {
        AtomicInteger left = new AtomicInteger();
        AtomicBoolean leave = new AtomicBoolean(true);
        Pair pair = rig.pair(
                side -> {},
                side -> side.whenReceived(buffer -> {
                    if (leave.get()) {
                        left.addAndGet(buffer.remaining());
                    } else {
                        side.record(buffer);
                    }
                }));
        pair.client().send(new byte[10]);
        rig.await("T6", () -> left.get() >= 10, () -> "10 bytes must arrive, got " + left);
        rig.never(
                "T7", () -> left.get() > 10, () -> "bytes that were left must not come again, but of 10 came " + left);
        leave.set(false);
        pair.client().send(Bytes.pattern(7, 100));
        pair.server().awaitBytes("T7", Bytes.pattern(7, 100));
    }

    /** When it fails: the transport keeps a reference to the caller's buffer, or its backing array. */
    @Test
    public final void required_T08_writeShouldCopy() throws Exception {
        Pair pair = rig.pair();
        byte[] scratch = new byte[5000];
        byte[] expected = Bytes.pattern(8, 200 * scratch.length);
        pair.server().connection().pauseReading();
        for (int at = 0; at < expected.length; at += scratch.length) {
            System.arraycopy(expected, at, scratch, 0, scratch.length);
            pair.client().connection().write(ByteBuffer.wrap(scratch));
            if (at % 3 == 0) {
                pair.client().connection().flush();
            }
            Arrays.fill(scratch, (byte) 0);
        }
        pair.client().connection().flush();
        pair.server().connection().resumeReading();
        pair.server().awaitBytes("T8", expected);
    }

    /** When it fails: bytes are taken with relative {@code get}s; use absolute ones, or a duplicate. */
    @Test
    public final void required_T08_writeShouldLeaveBuffersAsTheyWere() throws Exception {
        Pair pair = rig.pair();
        byte[] bytes = Bytes.pattern(81, 1000);
        for (ByteBuffer buffer : List.of(
                ByteBuffer.wrap(bytes.clone()),
                ByteBuffer.allocateDirect(1000).put(bytes).flip())) {
            buffer.position(100).limit(800);
            pair.client().connection().write(buffer);
            pair.client().connection().flush();
            check(
                    "T8",
                    buffer.position() == 100 && buffer.limit() == 800,
                    () -> "write must leave position 100 and limit 800" + " as they were, but they are "
                            + buffer.position() + " and " + buffer.limit());
            byte[] after = new byte[1000];
            buffer.clear().get(after);
            check(
                    "T8",
                    Bytes.difference(bytes, after) == null,
                    () -> "write must leave the contents as they were, but " + Bytes.difference(bytes, after));
        }
        rig.await(
                "T6",
                () -> pair.server().byteCount() == 1400,
                () -> "1400 bytes must arrive, got " + pair.server().byteCount());
    }

    /** When it fails: a shared buffer's position is moved, if only for a moment. */
    @Test
    public final void required_T08_oneBufferShouldBeWrittenByManyThreads() throws Exception {
        byte[] bytes = Bytes.pattern(82, 3000);
        ByteBuffer shared = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            pairs.add(rig.pair());
        }
        int times = 200;
        for (Pair pair : pairs) {
            rig.spawn("T8", () -> {
                for (int i = 0; i < times; i++) {
                    pair.client().connection().write(shared);
                    pair.client().connection().flush();
                }
            });
        }
        byte[] expected = new byte[times * bytes.length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(bytes, 0, expected, i * bytes.length, bytes.length);
        }
        for (Pair pair : pairs) {
            pair.server().awaitBytes("T8", expected);
        }
    }

    /** When it fails: the buffers of one {@code write} are appended one by one, or a partial send lets another in. */
    @Test
    public final void required_T09_concurrentWritersShouldNeverTearAWrite() throws Exception {
        Pair pair = rig.pair();
        int writers = 6;
        int each = 200;
        for (int i = 0; i < writers; i++) {
            int writer = i;
            rig.spawn("T9", () -> {
                for (int sequence = 0; sequence < each; sequence++) {
                    pair.client().connection().write(Frames.frame(writer, sequence));
                    if ((sequence & 3) == writer % 4) {
                        pair.client().connection().flush();
                    }
                }
                pair.client().connection().flush();
            });
        }
        int total = Frames.totalLength(writers, each);
        rig.await(
                "T9",
                () -> pair.server().byteCount() >= total,
                () -> "the writes of all threads must arrive; expected " + total + " bytes, got "
                        + pair.server().byteCount());
        String flaw = Frames.flaw(pair.server().bytes(), writers);
        check("T9", flaw == null, () -> "writes must stay together and in order, but there is " + flaw);
    }

    /** When it fails: what is written before {@code opened} is lost, or overtaken. */
    @Test
    public final void required_T09_whatIsWrittenBeforeOpenedShouldGoFirst() throws Exception {
        AtomicBoolean sentInOpened = new AtomicBoolean();
        Pair pair = rig.pair(
                side -> {
                    side.send(Bytes.pattern(9, 100));
                    side.whenOpened(opened -> {
                        opened.send(Bytes.pattern(9, 100, 100));
                        sentInOpened.set(true);
                    });
                },
                side -> side.send(Bytes.pattern(9, 200)));
        rig.await("T4", sentInOpened::get, () -> "opened must come and return");
        pair.client().send(Bytes.pattern(9, 200, 100));
        pair.server().awaitBytes("T9", Bytes.pattern(9, 300));
        pair.client().awaitBytes("T9", Bytes.pattern(9, 200));
    }

    // ---- T10 to T13: the outbound half

    /** When it fails: the caller's thread writes to a blocking socket, or waits for room. */
    @Test
    public final void required_T10_writeAndFlushShouldNotBlockOnAPeerThatDoesNotRead() throws Exception {
        Pair pair = rig.pair();
        pair.server().connection().pauseReading();
        AtomicInteger written = new AtomicInteger();
        rig.within(
                "T10",
                "write() and flush() must not block on a peer that does not read",
                () -> written.set(rig.fill(pair.client(), 10, 2 * MIB)));
        pair.server().connection().resumeReading();
        pair.server().awaitBytes("T6", Bytes.pattern(10, written.get()));
    }

    /** When it fails: methods throw, or do something, once the connection has ended. */
    @Test
    public final void required_T10_callsAfterTheEndShouldDoNothing() throws Exception {
        Pair pair = rig.pair();
        pair.server().connection().pauseReading();
        pair.client().send(Bytes.pattern(101, 10));
        pair.client().connection().close();
        pair.client().send(Bytes.pattern(102, 10));
        pair.server().connection().resumeReading();
        pair.server().awaitClosedOrderly("T15");
        pair.client().awaitClosedOrderly("T15");
        pair.server().awaitBytes("T10", Bytes.pattern(101, 10));
        callEverything(pair.client());
        callEverything(pair.server());
        rig.silence();
    }

    /** When it fails: a flush that comes while another one is at work is lost, so that the last bytes wait for the next. */
    @Test
    public final void required_T11_flushShouldNeedNoFurtherCall() throws Exception {
        Pair pair = rig.pair(side -> {}, RecordingHandler::echo);
        byte[] bytes = Bytes.pattern(11, 3000);
        for (int at = 0; at < bytes.length; at += 3) {
            int sent = at + 3;
            pair.client().connection().write(ByteBuffer.wrap(bytes, at, 1));
            pair.client().connection().flush();
            pair.client().connection().write(ByteBuffer.wrap(bytes, at + 1, 2));
            pair.client().connection().flush();
            rig.await(
                    "T11",
                    () -> pair.client().byteCount() >= sent,
                    () -> "what was flushed must go out without a further" + " call; expected " + sent
                            + " bytes back, got " + pair.client().byteCount());
        }
        pair.client().awaitBytes("T6", bytes);
    }

    /** When it fails: as above, between threads. */
    @Test
    public final void required_T11_concurrentFlushesShouldLeaveNothingBehind() throws Exception {
        Pair pair = rig.pair();
        int rounds = 300;
        AtomicInteger turn = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        int threads = 3;
        for (int i = 0; i < threads; i++) {
            writers.add(rig.spawn("T11", () -> {
                for (int round = 1; round <= rounds; round++) {
                    pair.client().send(new byte[] {1, 2, 3});
                    turn.incrementAndGet();
                    int expected = round * threads;
                    rig.await(
                            "T11",
                            () -> turn.get() >= expected && pair.server().byteCount() >= expected * 3,
                            () -> "what several threads flushed must go out without a further call; expected "
                                    + expected * 3 + " bytes, got "
                                    + pair.server().byteCount());
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join(rig.timeouts().test().toMillis());
        }
        rig.violations().rethrow();
    }

    /** When it fails: bytes that were handed over are still counted, or those that wait are not. */
    @Test
    public final void required_T12_pendingShouldBeWhatThePeerHasNotTaken() throws Exception {
        Pair pair = rig.pair();
        RecordingHandler client = pair.client();
        check("T12", client.connection().pending() == 0, () -> "pending() must be 0 before the first write");
        client.connection().write(ByteBuffer.allocate(1000));
        check(
                "T12",
                client.connection().pending() <= 1000,
                () -> "pending() must be at most 1000 after a write of 1000, but" + " is "
                        + client.connection().pending());
        client.connection().flush();
        rig.await(
                "T12",
                () -> client.connection().pending() == 0,
                () -> "pending() must fall to 0 when the peer reads, but is "
                        + client.connection().pending());
        pair.server().connection().pauseReading();
        int written = rig.fill(client, 12, HIGH);
        long before = client.connection().pending();
        check(
                "T12",
                before <= written,
                () -> "pending() must not exceed the " + written + " bytes written, but is " + before);
        // The system may take a few bytes even of a stuck peer's, now and then; not each time.
        long[] raised = new long[1];
        for (int attempt = 0; attempt < 5 && raised[0] != 12_345; attempt++) {
            raised[0] = -client.connection().pending();
            client.connection().write(ByteBuffer.allocate(12_345));
            raised[0] += client.connection().pending();
        }
        check(
                "T12",
                raised[0] == 12_345,
                () -> "a write of 12345 bytes to a stuck peer must raise pending() by as much, but" + " raised it by "
                        + raised[0]);
        client.connection().flush();
        pair.server().connection().resumeReading();
        rig.await(
                "T12",
                () -> client.connection().pending() == 0,
                () -> "pending() must fall to 0 when the peer reads on, but is "
                        + client.connection().pending());
    }

    /** When it fails: the crossing is not remembered, or is reported at each write under the low-water mark. */
    @Test
    public final void required_T13_drainedShouldComeOnceForEachCrossing() throws Exception {
        AtomicLong highest = new AtomicLong(-1);
        Pair pair = rig.pair(
                side -> side.whenDrained(
                        drained -> highest.accumulateAndGet(side.connection().pending(), Math::max)),
                side -> {});
        RecordingHandler client = pair.client();
        for (int crossing = 1; crossing <= 3; crossing++) {
            pair.server().connection().pauseReading();
            // One write, of far more than the operating system takes for a peer that does not read. Filling it in steps
            // would make crossings, each of which may be reported while the next step is written, or long after.
            int before = client.drainedCalls();
            client.send(new byte[16 * MIB]);
            rig.never(
                    "T13",
                    () -> client.drainedCalls() > before,
                    () -> "drained must not come while pending() is over " + HIGH + " for good");
            pair.server().connection().resumeReading();
            rig.await(
                    "T13",
                    () -> client.drainedCalls() > before,
                    () -> "drained must come when pending() has fallen to " + LOW + "; pending() is "
                            + client.connection().pending());
            rig.await(
                    "T12",
                    () -> client.connection().pending() == 0,
                    () -> "pending() must fall to 0, but is "
                            + client.connection().pending());
            client.send(new byte[10]);
            rig.never(
                    "T13",
                    () -> client.drainedCalls() > before + 1,
                    () -> "drained must come once for each crossing, but" + " came " + (client.drainedCalls() - before)
                            + " times");
        }
        check(
                "T13",
                highest.get() <= LOW,
                () -> "drained must come when pending() is " + LOW + " or less, but it was " + highest);
    }

    /** When it fails: {@code drained} comes although {@code pending} never was over the high-water mark. */
    @Test
    public final void required_T13_drainedShouldNotComeWithoutACrossing() throws Exception {
        Pair pair = rig.pair();
        for (int i = 0; i < 50; i++) {
            pair.client().send(Bytes.pattern(13, HIGH / 4));
            rig.await(
                    "T12",
                    () -> pair.client().connection().pending() == 0,
                    () -> "pending() must fall to 0, but is "
                            + pair.client().connection().pending());
        }
        rig.never(
                "T13",
                () -> pair.client().drainedCalls() > 0,
                () -> "drained must not come while pending() stays under " + HIGH);
    }

    // ---- T14: back pressure

    /** When it fails: the reading loop checks for a pause before, but not between its callbacks. */
    @Test
    public final void required_T14_pauseFromACallbackShouldHoldBackReceived() throws Exception {
        AtomicInteger pauses = new AtomicInteger();
        Pair pair = rig.pair(
                side -> {},
                side -> side.whenReceived(buffer -> {
                    side.record(buffer);
                    side.connection().pauseReading();
                    pauses.incrementAndGet();
                }));
        byte[] bytes = Bytes.pattern(14, 3 * MIB);
        pair.client().send(bytes);
        for (int calls = 1; calls <= 3; calls++) {
            int expected = calls;
            // Not for the call: a resume that came before its pause would be undone by it.
            rig.await("T14", () -> pauses.get() >= expected, () -> "received must come after resumeReading");
            rig.never(
                    "T14",
                    () -> pair.server().receivedCalls() > expected,
                    () -> "no received may follow pauseReading from" + " a callback; expected " + expected
                            + " calls, got " + pair.server().receivedCalls());
            if (calls < 3) {
                pair.server().connection().resumeReading();
            }
        }
        pair.server().whenReceived(pair.server()::record);
        pair.server().connection().resumeReading();
        pair.server().awaitBytes("T14", bytes);
    }

    /** When it fails: a pause in {@code opened} is forgotten when reading begins. */
    @Test
    public final void required_T14_pauseInOpenedShouldHoldBackReceived() throws Exception {
        AtomicBoolean paused = new AtomicBoolean();
        Pair pair = rig.pair(
                side -> {},
                side -> side.whenOpened(opened -> {
                    opened.connection().pauseReading();
                    paused.set(true);
                }));
        pair.client().send(Bytes.pattern(141, 100));
        // opened has begun, but need not be over: a resume that came before its pause would be undone by it.
        rig.await("T4", paused::get, () -> "opened must come and return");
        rig.never(
                "T14", () -> pair.server().receivedCalls() > 0, () -> "no received may follow pauseReading in opened");
        pair.server().connection().resumeReading();
        pair.server().awaitBytes("T14", Bytes.pattern(141, 100));
    }

    /** When it fails: the pause reaches the reading loop late, after more than the read under way. */
    @Test
    public final void required_T14_pauseFromAnotherThreadShouldLetOneReceivedThrough() throws Exception {
        Pair pair = rig.pair(side -> {}, side -> side.whenReceived(buffer -> buffer.position(buffer.limit())));
        AtomicBoolean stop = new AtomicBoolean();
        Thread sender = rig.spawn("T14", () -> sendWithoutEnd(pair.client(), stop));
        for (int round = 0; round < 3; round++) {
            int before = pair.server().receivedCalls();
            rig.await(
                    "T14",
                    () -> pair.server().receivedCalls() > before + 3,
                    () -> "received must come after resumeReading");
            pair.server().connection().pauseReading();
            int paused = pair.server().receivedCalls();
            rig.never(
                    "T14",
                    () -> pair.server().receivedCalls() > paused + 1,
                    () -> "at most one received may follow" + " pauseReading from another thread, but "
                            + (pair.server().receivedCalls() - paused) + " did");
            pair.server().connection().resumeReading();
        }
        stop.set(true);
        rig.join("T10", sender, "write() and flush() must return");
    }

    /** When it fails: while paused the transport reads on into a buffer of its own. */
    @Test
    public final void required_T14_pauseShouldStopThePeer() throws Exception {
        Pair pair = rig.pair();
        pair.server().connection().pauseReading();
        pair.server().connection().pauseReading();
        int written = rig.fill(pair.client(), 142, HIGH);
        check(
                "T14",
                pair.server().receivedCalls() <= 1,
                () -> "at most one received may follow pauseReading, but "
                        + pair.server().receivedCalls() + " did");
        pair.server().connection().resumeReading();
        pair.server().awaitBytes("T14", Bytes.pattern(142, written));
    }

    /** When it fails: a resume that comes between a pause and the loop's going to sleep is lost. */
    @Test
    public final void required_T14_pausesAndResumesShouldLoseNothing() throws Exception {
        Pair pair = rig.pair();
        byte[] bytes = Bytes.pattern(143, 100 * 20_000);
        for (int at = 0; at < bytes.length; at += 20_000) {
            int sent = at + 20_000;
            pair.client().connection().write(ByteBuffer.wrap(bytes, at, 20_000));
            pair.client().connection().flush();
            for (int i = 0; i < 10; i++) {
                pair.server().connection().pauseReading();
                Thread.yield();
                pair.server().connection().resumeReading();
            }
            rig.await(
                    "T14",
                    () -> pair.server().byteCount() >= sent,
                    () -> "received must go on after resumeReading without a" + " further call; expected " + sent
                            + " bytes, got " + pair.server().byteCount());
        }
        pair.server().awaitBytes("T14", bytes);
    }

    // ---- T15 to T17: the end

    /** When it fails: the socket is closed while bytes are pending; end the output only when all has been sent. */
    @Test
    public final void required_T15_closeShouldSendEverythingWrittenBefore() throws Exception {
        Pair pair = rig.pair();
        byte[] bytes = Bytes.pattern(15, 4 * MIB);
        pair.client().connection().write(ByteBuffer.wrap(bytes));
        pair.client().connection().close();
        pair.server().awaitClosedOrderly("T15");
        pair.client().awaitClosedOrderly("T15");
        pair.server().awaitBytes("T15", bytes);
    }

    /** When it fails: the closing side does not read its input to the end, so TCP resets the connection. */
    @Test
    public final void required_T15_lastBytesShouldArriveDespiteUnreadInput() throws Exception {
        byte[] last = Bytes.pattern(151, 50_000);
        rig.listen(side -> side.whenReceived(buffer -> {
            side.connection().write(ByteBuffer.wrap(last));
            side.connection().close();
        }));
        byte[] flood = new byte[300_000];
        for (int round = 0; round < 60; round++) {
            RecordingHandler client = rig.connect();
            client.send(flood);
            RecordingHandler server = rig.accepted();
            client.awaitClosedOrderly("T15");
            client.awaitBytes("T15", last);
            server.awaitClosed("T15");
        }
    }

    /** When it fails: as above; the peer here is a plain socket that goes on writing for a while. */
    @Test
    public final void required_T15_lastBytesShouldReachAPlainSocketDespiteUnreadInput() throws Exception {
        requires(Capability.TCP);
        byte[] last = Bytes.pattern(152, 20_000);
        rig.listen(side -> side.whenReceived(buffer -> {
            side.connection().write(ByteBuffer.wrap(last));
            side.connection().close();
        }));
        for (int round = 0; round < 40; round++) {
            try (RawPeer peer = rig.rawClient()) {
                peer.write(new byte[30_000]);
                RecordingHandler server = rig.accepted();
                byte[] got = peer.read("T15", last.length / 2);
                check(
                        "T15",
                        Bytes.difference(last, got) == null,
                        () -> "the last bytes must arrive unchanged, but " + Bytes.difference(last, got));
                peer.write(new byte[30_000]);
                byte[] rest = peer.readToEnd("T15");
                check(
                        "T15",
                        rest.length == last.length - got.length,
                        () -> "bytes written before close() must all arrive;" + " expected " + last.length + ", got "
                                + (got.length + rest.length));
                peer.shutdownOutput();
                server.awaitClosedOrderly("T15");
            }
        }
    }

    /** When it fails: the output is ended only together with the socket. */
    @Test
    public final void required_T15_closeShouldEndTheOutputAndWaitForThePeersEnd() throws Exception {
        requires(Capability.TCP);
        rig.listen();
        RawPeer peer = rig.rawClient();
        RecordingHandler server = rig.accepted();
        server.connection().close();
        check("T15", peer.readToEnd("T15").length == 0, () -> "no byte was written, but some arrived");
        rig.never(
                "T15", server::isClosed, () -> "closed must wait for the peer's end, but came with " + server.cause());
        peer.write(new byte[100]);
        peer.shutdownOutput();
        server.awaitClosedOrderly("T15");
        check(
                "T15",
                server.receivedCalls() == 0,
                () -> "input must be discarded after close(), but received was called");
    }

    /** When it fails: nothing bounds the wait for a peer's end; it may be dead. */
    @Test
    public final void required_T15_closeShouldGiveUpOnASilentPeer() throws Exception {
        requires(Capability.TCP);
        rig.listen(rig.options().withCloseTimeout(Duration.ofMillis(200)), side -> {});
        RawPeer peer = rig.rawClient();
        RecordingHandler server = rig.accepted();
        server.connection().close();
        server.awaitClosedOrderly("T15");
        peer.awaitRefusal("T15", rig.arrival());
    }

    /** When it fails: the close timeout counts from the last byte instead of the call. */
    @Test
    public final void required_T15_closeShouldGiveUpOnAPeerThatSendsWithoutEnd() throws Exception {
        requires(Capability.TCP);
        rig.listen(rig.options().withCloseTimeout(Duration.ofMillis(200)), side -> {});
        RawPeer peer = rig.rawClient();
        RecordingHandler server = rig.accepted();
        Thread sender = rig.spawn("T15", () -> {
            try {
                while (true) {
                    peer.write(new byte[1000]);
                }
            } catch (IOException refused) {
                // what the test waits for
            }
        });
        rig.await("T6", () -> server.receivedCalls() > 0, () -> "bytes must arrive");
        server.connection().close();
        server.awaitClosedOrderly("T15");
        rig.join("T15", sender, "the socket must be closed, so that the peer's writes fail");
    }

    /** When it fails: the close timeout does not hold while bytes are pending. */
    @Test
    public final void required_T15_closeShouldGiveUpOnAPeerThatDoesNotRead() throws Exception {
        Pair pair = rig.pair(rig.options().withCloseTimeout(Duration.ofMillis(200)), side -> {}, side -> {});
        pair.server().connection().pauseReading();
        rig.fill(pair.client(), 153, HIGH);
        pair.client().connection().close();
        pair.client().awaitClosedOrderly("T15");
    }

    /** When it fails: a paused connection does not discard its input when it closes, and so never sees the peer's end. */
    @Test
    public final void required_T15_closeWhilePausedShouldEndOrderly() throws Exception {
        Pair pair = rig.pair();
        pair.client().connection().pauseReading();
        pair.server().send(Bytes.pattern(154, MIB));
        pair.client().send(Bytes.pattern(155, 1000));
        pair.client().connection().close();
        pair.client().awaitClosedOrderly("T15");
        pair.server().awaitClosed("T15");
        pair.server().awaitBytes("T15", Bytes.pattern(155, 1000));
    }

    /** When it fails: the reading loop goes on calling {@code received} after {@code close} from within. */
    @Test
    public final void required_T15_closeFromACallbackShouldBeFollowedByNoReceived() throws Exception {
        Pair pair = rig.pair(
                side -> {},
                side -> side.whenReceived(buffer -> side.connection().close()));
        pair.client().send(Bytes.pattern(156, MIB));
        pair.server().awaitClosed("T15");
        check(
                "T15",
                pair.server().receivedCalls() == 1,
                () -> "no received may follow close() from a callback, but "
                        + (pair.server().receivedCalls() - 1) + " did");
    }

    /** When it fails: as above, from another thread: only the call under way may still come. */
    @Test
    public final void required_T15_closeFromAnotherThreadShouldLetOneReceivedThrough() throws Exception {
        for (int round = 0; round < 10; round++) {
            Pair pair = rig.pair(side -> {}, side -> side.whenReceived(buffer -> buffer.position(buffer.limit())));
            AtomicBoolean stop = new AtomicBoolean();
            Thread sender = rig.spawn("T15", () -> sendWithoutEnd(pair.client(), stop));
            rig.await("T6", () -> pair.server().receivedCalls() > 3, () -> "bytes must arrive");
            pair.server().connection().close();
            int before = pair.server().receivedCalls();
            pair.server().awaitClosed("T15");
            stop.set(true);
            rig.join("T10", sender, "write() and flush() must return");
            check(
                    "T15",
                    pair.server().receivedCalls() <= before + 1,
                    () -> "at most one received may follow close() from" + " another thread, but "
                            + (pair.server().receivedCalls() - before) + " did");
        }
    }

    /** When it fails: a close while the peer closes too is lost, or taken for a broken connection. */
    @Test
    public final void required_T15_closingBothSidesAtOnceShouldBeOrderly() throws Exception {
        for (int round = 0; round < 30; round++) {
            Pair pair = rig.pair();
            byte[] bytes = Bytes.pattern(157, 300_000);
            pair.client().connection().write(ByteBuffer.wrap(bytes));
            pair.server().connection().write(ByteBuffer.wrap(bytes));
            Thread other = rig.spawn("T15", () -> pair.client().connection().close());
            pair.server().connection().close();
            rig.join("T10", other, "close() must return");
            pair.client().awaitClosedOrderly("T15");
            pair.server().awaitClosedOrderly("T15");
        }
    }

    /** When it fails: {@code abort} waits for pending bytes or for the peer. */
    @Test
    public final void required_T16_abortShouldNotWaitForPendingBytes() throws Exception {
        Pair pair = rig.pair();
        pair.server().connection().pauseReading();
        rig.fill(pair.client(), 16, HIGH);
        rig.within(
                "T16", "abort() must return", () -> pair.client().connection().abort());
        pair.client().awaitClosedOrderly("T16");
        pair.server().connection().resumeReading();
        pair.server().awaitClosed("T16");
    }

    /** When it fails: once {@code close} has begun, {@code abort} is ignored. */
    @Test
    public final void required_T16_abortShouldCutACloseShort() throws Exception {
        Pair pair = rig.pair();
        pair.server().connection().pauseReading();
        rig.fill(pair.client(), 161, HIGH);
        pair.client().connection().close();
        rig.never(
                "T15",
                pair.client()::isClosed,
                () -> "close() must wait for what is pending, but closed came with "
                        + pair.client().cause());
        pair.client().connection().abort();
        pair.client().awaitClosedOrderly("T16");
    }

    /** When it fails: {@code abort} tells the handler, but leaves the socket open. */
    @Test
    public final void required_T16_abortShouldCloseTheSocket() throws Exception {
        requires(Capability.TCP);
        rig.listen();
        RawPeer peer = rig.rawClient();
        RecordingHandler server = rig.accepted();
        server.connection().abort();
        server.awaitClosedOrderly("T16");
        peer.awaitGone("T16");
        peer.awaitRefusal("T16", rig.arrival());
    }

    /** When it fails: a half-open connection lives on; end of input has to close the socket. */
    @Test
    public final void required_T17_endOfInputShouldEndTheConnection() throws Exception {
        requires(Capability.TCP);
        rig.listen();
        RawPeer peer = rig.rawClient();
        RecordingHandler server = rig.accepted();
        byte[] bytes = Bytes.pattern(17, 200_000);
        peer.write(bytes);
        peer.shutdownOutput();
        server.awaitClosedOrderly("T17");
        server.awaitBytes("T17", bytes);
        peer.awaitGone("T17");
    }

    /** When it fails: the client side treats the end in another way than the server side. */
    @Test
    public final void required_T17_endOfInputShouldEndAClientsConnection() throws Exception {
        requires(Capability.TCP);
        RawListener raw = rig.rawListener();
        RecordingHandler client =
                rig.connect(raw.endpoint(listenEndpoint().getScheme()), rig.connectOptions(), side -> {});
        RawPeer peer = rig.accept(raw);
        client.awaitOpened("T4");
        peer.write(Bytes.pattern(171, 1000));
        peer.shutdownOutput();
        client.awaitClosedOrderly("T17");
        client.awaitBytes("T17", Bytes.pattern(171, 1000));
        peer.awaitGone("T17");
    }

    /** When it fails: an exception while reading is swallowed, or a reset is taken for an orderly end. */
    @Test
    public final void required_T17_resetShouldArriveAsCause() throws Exception {
        requires(Capability.TCP);
        rig.listen();
        RawPeer peer = rig.rawClient();
        RecordingHandler server = rig.accepted();
        peer.reset();
        Throwable cause = server.awaitClosed("T17");
        check("T17", cause instanceof IOException, () -> "a reset must arrive as an IOException, but is " + cause);
    }

    // ---- T18, T19: handlers

    /** When it fails: a callback runs inside the call that caused it, or the call waits for one on another thread. */
    @Test
    public final void required_T18_callsShouldNotWaitForCallbacks() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Runnable locked = () -> {
            lock.lock();
            lock.unlock();
        };
        Pair pair = rig.pair(
                side -> side.whenReceived(buffer -> {
                            locked.run();
                            side.record(buffer);
                        })
                        .whenDrained(drained -> locked.run())
                        .whenClosed(closed -> locked.run()),
                side -> {});
        RecordingHandler client = pair.client();
        pair.server().connection().pauseReading();
        rig.fill(client, 18, HIGH);
        rig.within("T18", "no call may wait for a callback", () -> {
            lock.lock();
            try {
                pair.server().send(new byte[10]);
                pair.server().connection().resumeReading();
                rig.silence();
                client.connection().pauseReading();
                client.send(new byte[10]);
                client.connection().resumeReading();
                client.connection().close();
                client.connection().abort();
                rig.silence();
            } finally {
                lock.unlock();
            }
        });
        client.awaitClosed("T18");
    }

    /** When it fails: a call from within a callback leads straight into another callback. */
    @Test
    public final void required_T18_callsFromCallbacksShouldNotNest() throws Exception {
        AtomicInteger bounces = new AtomicInteger();
        Consumer<RecordingHandler> busy = side -> {
            side.connection().pauseReading();
            side.send(new byte[HIGH + 1]);
            side.connection().resumeReading();
        };
        Consumer<RecordingHandler> setup = side -> side.whenOpened(busy)
                .whenReceived(buffer -> {
                    side.record(buffer);
                    if (bounces.incrementAndGet() < 20) {
                        busy.accept(side);
                    }
                })
                .whenDrained(drained -> side.send(new byte[1]))
                .whenClosed(this::callEverything);
        Pair pair = rig.pair(setup, setup);
        rig.await("T18", () -> bounces.get() >= 20, () -> "bytes written in callbacks must arrive");
        pair.client().whenReceived(buffer -> pair.client().connection().abort());
        pair.server().send(new byte[1]);
        pair.client().awaitClosedOrderly("T16");
        pair.server().awaitClosed("T16");
    }

    /** When it fails: the exception ends the thread, or is logged and forgotten. */
    @Test
    public final void required_T19_throwingHandlerShouldLoseItsConnectionOnly() throws Exception {
        Pair bystander = rig.pair();
        List<Throwable> thrown =
                List.of(new IllegalStateException("thrown by the test"), new Error("thrown by the test"));
        for (Throwable failure : thrown) {
            RecordingHandler client = rig.connect(side -> side.whenReceived(buffer -> Rig.sneakyThrow(failure)));
            RecordingHandler server = rig.accepted();
            server.send(new byte[100]);
            Throwable cause = client.awaitClosed("T19");
            check(
                    "T19",
                    cause == failure,
                    () -> "closed must come with what the handler threw, but came with " + cause);
            server.awaitClosed("T19");
        }
        RecordingHandler opening = rig.connect(side -> side.whenOpened(opened -> Rig.sneakyThrow(thrown.get(0))));
        Throwable cause = opening.awaitClosed("T19");
        check("T19", cause == thrown.get(0), () -> "closed must come with what opened threw, but came with " + cause);
        rig.offered().awaitClosed("T19");
        RecordingHandler closing = rig.connect(side -> side.whenClosed(closed -> Rig.sneakyThrow(thrown.get(0))));
        rig.accepted().connection().close();
        closing.awaitClosed("T19");
        exchange("T19", bystander);
        exchange("T19", rig.pair());
    }

    /** When it fails: {@code drained} runs on a thread whose failures nobody looks at. */
    @Test
    public final void required_T19_handlerThatThrowsInDrainedShouldBeClosed() throws Exception {
        RuntimeException failure = new IllegalStateException("thrown by the test");
        Pair pair = rig.pair();
        pair.server().connection().pauseReading();
        rig.fill(pair.client(), 19, HIGH);
        pair.client().whenDrained(drained -> Rig.sneakyThrow(failure));
        pair.server().connection().resumeReading();
        Throwable cause = pair.client().awaitClosed("T19");
        check("T19", cause == failure, () -> "closed must come with what drained threw, but came with " + cause);
        pair.server().awaitClosed("T19");
    }

    // ---- T20: connecting in vain

    /** When it fails: the error is swallowed, or arrives as another exception or without the endpoint. */
    @Test
    public final void required_T20_refusalShouldArriveAsConnectException() throws Exception {
        URI nobody = rig.listen();
        rig.listener().close();
        RecordingHandler client = rig.connect();
        checkFailed(client, ConnectException.class, nobody);
    }

    /** When it fails: an unresolved address is connected to, which throws something else. */
    @Test
    public final void required_T20_unknownHostShouldArriveAsUnknownHostException() {
        requires(Capability.HOST_LOOKUP);
        // A label of 64 letters is one too long: no resolver sends it out, so no network is needed to be refused.
        URI unknown = URI.create(listenEndpoint().getScheme() + "://" + "x".repeat(64) + ".invalid:1883");
        RecordingHandler client = rig.connect(unknown, rig.connectOptions(), side -> {});
        checkFailed(client, UnknownHostException.class, unknown);
    }

    /** When it fails: the timeout does not reach the attempt to connect. */
    @Test
    public final void required_T20_noAnswerShouldArriveAsSocketTimeoutException() throws Exception {
        requires(Capability.TCP);
        RawListener silent = rig.rawListener();
        Assumptions.assumeTrue(silent.stopAnswering(), "this system has no way to leave a connection unanswered");
        URI endpoint = silent.endpoint(listenEndpoint().getScheme());
        RecordingHandler client =
                rig.connect(endpoint, rig.connectOptions().withTimeout(Duration.ofMillis(200)), side -> {});
        checkFailed(client, SocketTimeoutException.class, endpoint);
    }

    // ---- T21, T22: closing listeners and transports

    /** When it fails: {@code Listener.close} returns before its socket is closed (a selector keeps it until its next turn). */
    @Test
    public final void required_T21_addressShouldBeFreeWhenListenerCloseReturns() throws Exception {
        URI endpoint = rig.listen();
        RecordingHandler first = rig.connect();
        first.awaitOpened("T4");
        RecordingHandler server = rig.accepted();
        // Somebody else may be given the port just then, or a child process hold it until its program starts; not each
        // time.
        int failuresLeft = 3;
        for (int round = 0; round < 20; round++) {
            rig.listener().close();
            rig.listener().close();
            try {
                rig.listenOn(endpoint);
            } catch (IOException e) {
                if (failuresLeft-- == 0) {
                    throw new AssertionError(
                            "T21: the address must be free when Listener.close has returned, but listening failed: "
                                    + e,
                            e);
                }
                endpoint = rig.listen();
            }
        }
        exchange("T21", new Pair(first, server));
        exchange("T21", rig.pair());
    }

    /** When it fails: the accepting thread survives its listener, or takes the accepted connections with it. */
    @Test
    public final void required_T21_closedListenerShouldAcceptNobodyAndKeepItsConnections() throws Exception {
        Pair pair = rig.pair();
        rig.listener().close();
        RecordingHandler late = rig.connect();
        late.awaitClosed("T21");
        check("T21", !late.isOpened(), () -> "no connection may be accepted after Listener.close, but one was");
        exchange("T21", pair);
    }

    /** When it fails: {@code Listener.close} waits for the very thread that calls it. */
    @Test
    public final void required_T21_listenerShouldBeClosableFromACallback() throws Exception {
        AtomicReference<Listener> listener = new AtomicReference<>();
        Pair pair = rig.pair(
                side -> {},
                side -> side.whenReceived(buffer -> {
                    listener.get().close();
                    side.record(buffer);
                }));
        listener.set(rig.listener());
        pair.client().send(new byte[10]);
        pair.server().awaitBytes("T21", new byte[10]);
        exchange("T21", pair);
    }

    /** When it fails: look for connections, timers and threads that {@code close} does not know of. */
    @Test
    public final void required_T22_closeShouldEndEverything() throws Exception {
        URI endpoint = rig.listen();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            pairs.add(rig.pair());
        }
        pairs.get(0).client().connection().pauseReading();
        rig.fill(pairs.get(0).server(), 22, HIGH);
        pairs.get(1).client().connection().pauseReading();
        rig.fill(pairs.get(1).server(), 22, HIGH);
        pairs.get(1).server().connection().close();
        rig.within("T22", "Transport.close must return", () -> rig.server().close());
        for (Pair pair : pairs) {
            if (has(Capability.OWN_THREADS)) {
                check(
                        "T22",
                        pair.server().isClosed(),
                        () -> "closed must have been called on each handler when" + " Transport.close returns");
            }
            pair.server().awaitClosedOrderly("T22");
        }
        pairs.get(0).client().connection().resumeReading();
        pairs.get(1).client().connection().resumeReading();
        for (Pair pair : pairs) {
            pair.client().awaitClosed("T22");
        }
        rig.within(
                "T22",
                "a second Transport.close must return",
                () -> rig.server().close());
        if (rig.client() != rig.server()) {
            RecordingHandler late = rig.connect();
            late.awaitClosed("T22");
            check(
                    "T22",
                    !late.isOpened(),
                    () -> endpoint + " must be free after Transport.close, but accepts connections");
        }
    }

    /** When it fails: {@code close} only asks its threads to end and does not wait for them. */
    @Test
    public final void required_T22_threadsShouldHaveEndedWhenCloseReturns() throws Exception {
        requires(Capability.OWN_THREADS);
        for (int round = 0; round < 5; round++) {
            rig.pair();
        }
        rig.client().close();
        rig.server().close();
        // A thread that has been joined through a latch or an executor needs a moment to be gone.
        check(
                "T22",
                Eventually.holds(
                        rig.timeouts().silence(), () -> rig.threads().alive().isEmpty()),
                () -> "threads must have ended when Transport.close returns, but there are "
                        + rig.threads().alive());
    }

    /** When it fails: {@code close} joins its own thread, or the handler's {@code closed} runs inside its {@code received}. */
    @Test
    public final void required_T22_transportShouldBeClosableFromACallback() throws Exception {
        AtomicBoolean returned = new AtomicBoolean();
        Pair pair = rig.pair(
                side -> {},
                side -> side.whenReceived(buffer -> {
                    rig.server().close();
                    returned.set(true);
                }));
        pair.client().send(new byte[10]);
        rig.await("T22", returned::get, () -> "Transport.close from a callback must return");
        pair.server().awaitClosedOrderly("T22");
        pair.client().awaitClosed("T22");
    }

    /** When it fails: a closed transport can be used again, and nobody will close what it opens then. */
    @Test
    public final void required_T22_closedTransportShouldRefuse() throws Exception {
        URI endpoint = rig.listen();
        rig.server().close();
        try {
            rig.server()
                    .listen(listenEndpoint(), rig.listenOptions(), rig.acceptor(side -> {}))
                    .close();
            throw new AssertionError("T22: listen on a closed transport must throw an IllegalStateException");
        } catch (IllegalStateException expected) {
            // as it should be
        }
        try {
            rig.server().connect(endpoint, rig.connectOptions(), rig.acceptor(side -> {}));
            throw new AssertionError("T22: connect on a closed transport must throw an IllegalStateException");
        } catch (IllegalStateException expected) {
            // as it should be
        }
    }

    /** When it fails: an attempt to connect is not among the things that {@code close} ends. */
    @Test
    public final void required_T22_closeShouldEndAttemptsToConnect() throws Exception {
        requires(Capability.TCP);
        RawListener silent = rig.rawListener();
        Assumptions.assumeTrue(silent.stopAnswering(), "this system has no way to leave a connection unanswered");
        RecordingHandler client = rig.connect(
                silent.endpoint(listenEndpoint().getScheme()),
                rig.connectOptions().withTimeout(rig.arrival().multipliedBy(3)),
                side -> {});
        rig.within("T22", "Transport.close must return", () -> rig.client().close());
        client.awaitClosed("T22");
        check("T22", !client.isOpened(), () -> "nobody answered, but the connection was opened");
    }

    /** When it fails: the interrupt ends more than the waiting, or is swallowed. */
    @Test
    public final void required_T22_interruptShouldEndTheWaitingOnly() throws Exception {
        Pair pair = rig.pair();
        rig.within("T22", "Transport.close under an interrupt must return", () -> {
            Thread.currentThread().interrupt();
            rig.server().close();
            check("T22", Thread.interrupted(), () -> "Transport.close must keep the caller's interrupt");
        });
        pair.server().awaitClosedOrderly("T22");
        pair.client().awaitClosed("T22");
    }

    /** When it fails: some way to end a connection forgets its socket: an abort, a peer's end, a connect in vain. */
    @Test
    public final void required_T22_endedConnectionsShouldLeaveNoFileDescriptor() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(FILE_DESCRIPTORS), "this system has no " + FILE_DESCRIPTORS);
        rig.listen();
        long before = fileDescriptors();
        int rounds = 200;
        for (int i = 0; i < rounds; i++) {
            Pair pair = rig.pair();
            if (i % 2 == 0) {
                pair.client().connection().close();
            } else {
                pair.server().connection().abort();
            }
            pair.client().awaitClosed("T4");
            pair.server().awaitClosed("T4");
        }
        rig.listener().close();
        for (int i = 0; i < rounds; i++) {
            rig.connect().awaitClosed("T20");
        }
        // Tests that run in parallel have sockets too, but not half as many for long.
        rig.await(
                "T22",
                () -> fileDescriptors() < before + rounds / 2,
                () -> "an ended connection must leave no socket, but"
                        + " after " + rounds * 2 + " of them the program's open files went from " + before + " to "
                        + fileDescriptors());
    }

    // ---- T23 to T28: good neighbours

    /** When it fails: the caller's thread uses an interruptible channel or a wait that throws. */
    @Test
    public final void required_T23_interruptedCallerShouldLoseNothing() throws Exception {
        Pair pair = rig.pair();
        byte[] bytes = Bytes.pattern(23, 2 * MIB);
        rig.within("T23", "calls of an interrupted thread must return", () -> {
            Thread.currentThread().interrupt();
            for (int at = 0; at < bytes.length; at += 8192) {
                pair.client().connection().write(ByteBuffer.wrap(bytes, at, 8192));
                pair.client().connection().flush();
                pair.client().connection().pauseReading();
                pair.client().connection().resumeReading();
                pair.client().connection().pending();
                check("T23", Thread.currentThread().isInterrupted(), () -> "a call must keep its caller's interrupt");
            }
        });
        rig.await(
                "T23",
                () -> pair.server().byteCount() >= bytes.length || pair.server().isClosed(),
                () -> "an interrupt must" + " lose no byte; expected " + bytes.length + ", got "
                        + pair.server().byteCount());
        pair.server().awaitBytes("T23", bytes);
        rig.within("T23", "close() of an interrupted thread must return", () -> {
            Thread.currentThread().interrupt();
            pair.client().send(Bytes.pattern(231, 10));
            pair.client().connection().close();
            check("T23", Thread.currentThread().isInterrupted(), () -> "close() must keep its caller's interrupt");
        });
        pair.server().awaitClosedOrderly("T23");
        check(
                "T23",
                pair.server().byteCount() == bytes.length + 10,
                () -> "an interrupt must lose no byte; expected " + (bytes.length + 10) + ", got "
                        + pair.server().byteCount());
    }

    /** When it fails: as above; the interrupt comes while the call is under way. */
    @Test
    public final void required_T23_interruptsAtAnyMomentShouldLoseNothing() throws Exception {
        Pair pair = rig.pair();
        byte[] bytes = Bytes.pattern(232, 3 * MIB);
        Thread writer = rig.spawn("T23", () -> sendInPieces(pair.client(), bytes, 3000));
        while (writer.isAlive()) {
            writer.interrupt();
            Thread.yield();
        }
        pair.server().awaitBytes("T23", bytes);
        exchange("T23", pair);
    }

    /** When it fails: one thread, or one lock, serves all connections and waits for one peer. */
    @Test
    public final void required_T24_stuckPeersShouldDelayNobody() throws Exception {
        rig.listen();
        for (int i = 0; i < 6; i++) {
            Pair stuck = rig.pair();
            stuck.client().connection().pauseReading();
            rig.within("T24", "writing to a stuck peer must not block", () -> rig.fill(stuck.server(), 24, HIGH));
        }
        Pair pair = rig.pair();
        for (int round = 0; round < 20; round++) {
            exchange("T24", pair);
        }
    }

    /** When it fails: a connection with much to read keeps its thread from the others. */
    @Test
    public final void required_T24_peersThatSendWithoutEndShouldDelayNobody() throws Exception {
        rig.listen(side -> side.whenReceived(buffer -> buffer.position(buffer.limit())));
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Pair flood = rig.pair();
            senders.add(rig.spawn("T24", () -> sendWithoutEnd(flood.client(), stop)));
            rig.await("T24", () -> flood.server().receivedCalls() > 0, () -> "bytes must arrive");
        }
        Pair pair = rig.pair();
        pair.server().whenReceived(pair.server()::record);
        for (int round = 0; round < 5; round++) {
            exchange("T24", pair);
        }
        stop.set(true);
        for (Thread sender : senders) {
            rig.join("T10", sender, "write() and flush() must return");
        }
    }

    /** When it fails: a table, a queue or a thread pool has room for few connections only. */
    @Test
    public final void required_T24_manyConnectionsShouldLiveAtOnce() throws Exception {
        int count = 200;
        rig.listen(RecordingHandler::echo);
        List<RecordingHandler> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(rig.connect());
        }
        for (int i = 0; i < count; i++) {
            clients.get(i).awaitOpened("T24");
            clients.get(i).send(Bytes.pattern(i, 500));
        }
        for (int i = 0; i < count; i++) {
            clients.get(i).awaitBytes("T24", Bytes.pattern(i, 500));
            clients.get(i).connection().close();
        }
        for (RecordingHandler client : clients) {
            client.awaitClosedOrderly("T15");
            rig.accepted().awaitClosedOrderly("T15");
        }
    }

    /** When it fails: the accepting thread dies of an acceptor's exception, or the connection stays open. */
    @Test
    public final void required_T25_failingAcceptorShouldCostItsConnectionOnly() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        AtomicReference<RecordingHandler> third = new AtomicReference<>();
        Listener listener = rig.server().listen(listenEndpoint(), rig.listenOptions(), connection -> {
            switch (turn.incrementAndGet()) {
                case 1:
                    throw new IllegalStateException("thrown by the test");
                case 2:
                    return null;
                default:
                    ConnectionHandler side = rig.acceptor(third::set).accept(connection);
                    return side;
            }
        });
        for (int i = 0; i < 2; i++) {
            RecordingHandler refused = rig.connect(listener.endpoint(), rig.connectOptions(), side -> {});
            refused.awaitClosed("T25");
        }
        RecordingHandler client = rig.connect(listener.endpoint(), rig.connectOptions(), side -> {});
        client.awaitOpened("T25");
        rig.await("T25", () -> third.get() != null, () -> "the listener must go on after an acceptor that failed");
        exchange("T25", new Pair(client, third.get()));
    }

    /** When it fails: {@code connect} throws what its acceptor threw, or leaves a connection without a handler open. */
    @Test
    public final void required_T25_failingAcceptorOfAClientShouldCostItsConnectionOnly() throws Exception {
        List<RecordingHandler> deserted = new CopyOnWriteArrayList<>();
        Listener listener = rig.server().listen(listenEndpoint(), rig.listenOptions(), rig.acceptor(deserted::add));
        for (boolean withNull : new boolean[] {true, false}) {
            try {
                rig.client().connect(listener.endpoint(), rig.connectOptions(), connection -> {
                    if (withNull) {
                        return null;
                    }
                    throw new IllegalStateException("thrown by the test");
                });
            } catch (RuntimeException e) {
                throw new AssertionError("T25: connect must not throw for an acceptor that fails, but threw " + e, e);
            }
        }
        rig.silence();
        for (RecordingHandler server : deserted) {
            server.awaitClosed("T25");
        }
        listener.close();
        exchange("T25", rig.pair());
    }

    /** Always skipped: using up the file descriptors would break everything else in the program. */
    @Test
    public final void untested_T26_failedAcceptShouldBeRetried() {
        Assumptions.abort("T26: an accept cannot be made to fail without harming the whole program");
    }

    /** When it fails: the message names the thread; give your thread factory the prefix, and make daemons. */
    @Test
    public final void required_T27_threadsShouldBeNamedDaemons() throws Exception {
        requires(Capability.OWN_THREADS);
        exchange("T27", rig.pair());
        check("T27", !rig.threads().alive().isEmpty(), () -> "a transport with threads of its own must show some");
        rig.threads().checkNames();
        rig.violations().rethrow();
    }

    /** When it fails: the address is asked of a socket that is not connected yet, or no more. */
    @Test
    public final void required_T28_peerShouldAnswerFromOpenedOn() throws Exception {
        List<Peer> seen = new CopyOnWriteArrayList<>();
        AtomicInteger early = new AtomicInteger();
        Consumer<RecordingHandler> setup = side -> {
            try {
                side.connection().peer();
                early.incrementAndGet();
            } catch (IllegalStateException expected) {
                // as it should be
            }
            side.whenOpened(opened -> seen.add(side.connection().peer()))
                    .whenClosed(closed -> seen.add(side.connection().peer()));
        };
        Pair pair = rig.pair(setup, setup);
        Peer server = pair.client().connection().peer();
        Peer client = pair.server().connection().peer();
        if (has(Capability.PORTS)) {
            int port = rig.listener().endpoint().getPort();
            check(
                    "T28",
                    server.address() instanceof InetSocketAddress address && address.getPort() == port,
                    () -> "peer()" + " must be the listener's address with port " + port + ", but is "
                            + server.address());
        }
        pair.client().connection().close();
        pair.client().awaitClosed("T15");
        pair.server().awaitClosed("T15");
        rig.await(
                "T28",
                () -> seen.size() == 4,
                () -> "peer() must answer in opened and in closed; it did " + seen.size() + " times of 4");
        check(
                "T28",
                pair.client().connection().peer().equals(server)
                        && pair.server().connection().peer().equals(client),
                () -> "peer() must stay the same after closed");
        check("T28", early.get() == 0, () -> "peer() must throw an IllegalStateException before opened, but answered");
    }

    // ---- helpers

    private static long fileDescriptors() {
        String[] names = FILE_DESCRIPTORS.toFile().list();
        return names == null ? 0 : names.length;
    }

    private static void sendInPieces(RecordingHandler side, byte[] bytes, int most) {
        for (int at = 0; at < bytes.length; at += most) {
            side.connection().write(ByteBuffer.wrap(bytes, at, Math.min(most, bytes.length - at)));
            side.connection().flush();
        }
    }

    /** Keeps the peer's input full until told to stop or closed. */
    private static void sendWithoutEnd(RecordingHandler side, AtomicBoolean stop) {
        byte[] bytes = new byte[16 * 1024];
        while (!stop.get() && !side.isClosed()) {
            if (side.connection().pending() < HIGH) {
                side.send(bytes);
            } else {
                Thread.yield();
            }
        }
    }

    /** A message each way, on a connection where both sides only record. */
    private static void exchange(String rule, Pair pair) {
        int sentBefore = pair.server().byteCount();
        int backBefore = pair.client().byteCount();
        pair.client().send(new byte[100]);
        pair.server().send(new byte[100]);
        pair.server().awaitCount(rule, sentBefore + 100);
        pair.client().awaitCount(rule, backBefore + 100);
    }

    private void callEverything(RecordingHandler side) {
        side.connection().write(ByteBuffer.wrap(new byte[10]));
        side.connection().flush();
        side.connection().pending();
        side.connection().pauseReading();
        side.connection().resumeReading();
        side.connection().close();
        side.connection().abort();
    }

    private void checkFailed(RecordingHandler side, Class<? extends Throwable> type, URI endpoint) {
        Throwable cause = side.awaitClosed("T20");
        check("T20", !side.isOpened(), () -> "a connect that failed must not be opened");
        check("T20", type.isInstance(cause), () -> "the cause must be a " + type.getName() + ", but is " + cause);
        checkNames("T20", cause, endpoint);
    }

    private static void checkNames(String rule, Throwable failure, URI endpoint) {
        String name = endpoint.getAuthority() != null ? endpoint.getAuthority() : endpoint.getSchemeSpecificPart();
        check(
                rule,
                String.valueOf(failure.getMessage()).contains(name),
                () -> "the message must name the endpoint " + endpoint + ", but is '" + failure.getMessage() + "'");
    }
}
