package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.Endpoints;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import dev.recado.testkit.WrappingTransport.Link;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** Transports that each break one rule; the contract has to catch every one and to name the rule. */
enum WrongTransport {
    STARTS_A_THREAD_WHEN_CREATED("T1", () -> new WithThread("recado-early", true, true, 0)),

    WAITS_FOR_WHAT_NEVER_STARTED("T1", () -> new WrappingTransport() {
        private final AtomicBoolean used = new AtomicBoolean();

        @Override
        Acceptor wrap(Acceptor acceptor) {
            used.set(true);
            return super.wrap(acceptor);
        }

        @Override
        public void close() {
            await(3000, used::get);
            super.close();
        }
    }),

    REPORTS_PORT_0("T2", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            Listener real = super.listen(endpoint, options, acceptor);
            return new WrappingListener(real) {
                @Override
                public URI endpoint() {
                    return Endpoints.withPort(real.endpoint(), 0);
                }
            };
        }
    }),

    HIDES_THE_ADDRESS_IN_USE("T2", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            try {
                return super.listen(endpoint, options, acceptor);
            } catch (IOException e) {
                throw new IOException("Address already in use");
            }
        }
    }),

    LISTENS_ELSEWHERE_WHEN_IN_USE("T2", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            try {
                return super.listen(endpoint, options, acceptor);
            } catch (IOException e) {
                return super.listen(Endpoints.withPort(endpoint, 0), options, acceptor);
            }
        }
    }),

    CONNECTS_ON_THE_CALLERS_THREAD("T3", () -> new WrappingTransport() {
        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            CountDownLatch done = new CountDownLatch(1);
            super.connect(endpoint, options, connection -> new Link(connection) {
                {
                    handler = acceptor.accept(this);
                }

                @Override
                public void opened() {
                    super.opened();
                    done.countDown();
                }

                @Override
                public void closed(Throwable cause) {
                    super.closed(cause);
                    done.countDown();
                }
            });
            awaitQuietly(done);
        }
    }),

    HANGS_IN_CONNECT("T3", () -> new WrappingTransport() {
        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            await(3000, () -> false);
            super.connect(endpoint, options, acceptor);
        }
    }),

    CANNOT_CONNECT_FROM_A_CALLBACK("T3", () -> new WrappingTransport() {
        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            if (!Thread.currentThread().getName().startsWith("recado-")) {
                super.connect(endpoint, options, acceptor);
            }
        }
    }),

    ASKS_THE_ACCEPTOR_TWICE("T3", () -> new WrappingTransport() {
        @Override
        Acceptor wrap(Acceptor acceptor) {
            return super.wrap(connection -> {
                acceptor.accept(connection);
                return acceptor.accept(connection);
            });
        }
    }),

    OPENS_TWICE("T4", links(connection -> new Link(connection) {
        @Override
        public void opened() {
            super.opened();
            super.opened();
        }
    })),

    CLOSES_TWICE("T4", links(connection -> new Link(connection) {
        @Override
        public void closed(Throwable cause) {
            super.closed(cause);
            super.closed(cause);
        }
    })),

    RECEIVES_AFTER_CLOSED("T4", links(connection -> new Link(connection) {
        @Override
        public void closed(Throwable cause) {
            super.closed(cause);
            super.received(ByteBuffer.wrap(new byte[1]));
        }
    })),

    FORGETS_WHAT_ENDS_EARLY("T4", links(connection -> new Link(connection) {
        private volatile boolean open;

        @Override
        public void opened() {
            open = true;
            super.opened();
        }

        @Override
        public void closed(Throwable cause) {
            if (open || cause != null) {
                super.closed(cause);
            }
        }
    })),

    DOES_NOT_WAIT_FOR_OPENED("T5", links(connection -> new Link(connection) {
        private final AtomicBoolean busy = new AtomicBoolean();

        @Override
        public void opened() {
            later(0, super::opened);
            // Until the handler is in the middle of it, if it writes there.
            await(300, busy::get);
        }

        @Override
        public void write(ByteBuffer... bytes) {
            busy.set(true);
            super.write(bytes);
        }
    })),

    DROPS_BYTES("T6", links(connection -> new Link(connection) {
        private int calls;

        @Override
        public void received(ByteBuffer bytes) {
            if (++calls % 50 == 0) {
                bytes.limit(Math.max(bytes.position() + 1, bytes.limit() - 1));
            }
            super.received(bytes);
        }
    })),

    REPEATS_BYTES("T6", links(connection -> new Link(connection) {
        private int calls;

        @Override
        public void received(ByteBuffer bytes) {
            ByteBuffer again = bytes.duplicate();
            super.received(bytes);
            if (++calls == 20) {
                super.received(again);
            }
        }
    })),

    CORRUPTS_BYTES("T6", links(connection -> new Link(connection) {
        private long count;

        @Override
        public void received(ByteBuffer bytes) {
            count += bytes.remaining();
            if (count > 100_000) {
                bytes.put(bytes.position(), (byte) (bytes.get(bytes.position()) ^ 1));
            }
            super.received(bytes);
        }
    })),

    REORDERS_WRITES("T6", links(connection -> new Link(connection) {
        private ByteBuffer held;

        @Override
        public synchronized void write(ByteBuffer... bytes) {
            if (held == null) {
                held = copy(bytes);
            } else {
                super.write(bytes);
            }
        }

        @Override
        public synchronized void flush() {
            release();
            super.flush();
        }

        @Override
        public synchronized void close() {
            release();
            super.close();
        }

        private void release() {
            if (held != null) {
                super.write(held);
                held = null;
            }
        }
    })),

    READS_ARRAYS_ONLY("T6", links(connection -> new Link(connection) {
        @Override
        public void write(ByteBuffer... bytes) {
            for (ByteBuffer buffer : bytes) {
                if (buffer.hasArray()) {
                    super.write(buffer);
                }
            }
        }
    })),

    HOLDS_SHORT_READS_BACK("T6", links(connection -> new Link(connection) {
        private ByteBuffer held = ByteBuffer.allocate(0);

        @Override
        public void received(ByteBuffer bytes) {
            ByteBuffer all = copy(held, bytes);
            int whole = all.remaining() / 7 * 7;
            held = all.duplicate().position(whole);
            if (whole > 0) {
                super.received(all.limit(whole));
            }
        }
    })),

    DELIVERS_EMPTY_BUFFERS("T7", links(connection -> new Link(connection) {
        @Override
        public void received(ByteBuffer bytes) {
            super.received(bytes);
            super.received(ByteBuffer.allocate(0));
        }
    })),

    DELIVERS_LEFTOVERS_AGAIN("T7", links(connection -> new Link(connection) {
        @Override
        public void received(ByteBuffer bytes) {
            for (int tries = 0; tries < 10 && bytes.hasRemaining(); tries++) {
                super.received(bytes);
            }
        }
    })),

    KEEPS_THE_CALLERS_BUFFER("T8", links(connection -> new Link(connection) {
        private final List<ByteBuffer> kept = new ArrayList<>();

        @Override
        public synchronized void write(ByteBuffer... bytes) {
            for (ByteBuffer buffer : bytes) {
                kept.add(buffer.duplicate());
            }
        }

        @Override
        public synchronized void flush() {
            super.write(kept.toArray(ByteBuffer[]::new));
            kept.clear();
            super.flush();
        }
    })),

    MOVES_POSITIONS("T8", links(connection -> new Link(connection) {
        @Override
        public void write(ByteBuffer... bytes) {
            super.write(bytes);
            for (ByteBuffer buffer : bytes) {
                buffer.position(buffer.limit());
            }
        }
    })),

    CLEARS_CONTENTS("T8", links(connection -> new Link(connection) {
        @Override
        public void write(ByteBuffer... bytes) {
            super.write(bytes);
            for (ByteBuffer buffer : bytes) {
                if (!buffer.isReadOnly() && buffer.hasRemaining()) {
                    buffer.put(buffer.position(), (byte) ~buffer.get(buffer.position()));
                }
            }
        }
    })),

    MOVES_POSITIONS_FOR_A_MOMENT("T8", links(connection -> new Link(connection) {
        @Override
        public void write(ByteBuffer... bytes) {
            for (ByteBuffer buffer : bytes) {
                int position = buffer.position();
                ByteBuffer copy = copy(buffer);
                buffer.position(buffer.limit());
                Thread.yield();
                super.write(copy);
                buffer.position(position);
            }
        }
    })),

    TEARS_WRITES("T9", links(connection -> new Link(connection) {
        @Override
        public void write(ByteBuffer... bytes) {
            for (ByteBuffer buffer : bytes) {
                super.write(buffer);
                Thread.yield();
            }
        }
    })),

    LOSES_WHAT_IS_WRITTEN_BEFORE_OPENED("T9", links(connection -> new Link(connection) {
        private volatile boolean open;

        @Override
        public void opened() {
            open = true;
            super.opened();
        }

        @Override
        public void write(ByteBuffer... bytes) {
            if (open) {
                super.write(bytes);
            }
        }
    })),

    BLOCKS_THE_WRITER("T10", links(connection -> new Link(connection) {
        @Override
        public void flush() {
            super.flush();
            await(3000, () -> pending() < Rig.HIGH);
        }
    })),

    THROWS_AFTER_THE_END("T10", links(connection -> new Link(connection) {
        private volatile boolean ended;

        @Override
        public void closed(Throwable cause) {
            ended = true;
            super.closed(cause);
        }

        @Override
        public void write(ByteBuffer... bytes) {
            if (ended) {
                throw new IllegalStateException("closed");
            }
            super.write(bytes);
        }
    })),

    SENDS_WHAT_IS_WRITTEN_AFTER_CLOSE("T10", links(connection -> new Link(connection) {
        @Override
        public void close() {
            later(30, super::close);
        }
    })),

    LOSES_A_FLUSH("T11", links(connection -> new Link(connection) {
        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public void flush() {
            if (calls.incrementAndGet() % 100 != 0) {
                super.flush();
            }
        }
    })),

    LOSES_A_FLUSH_BETWEEN_THREADS("T11", links(connection -> new Link(connection) {
        private final AtomicBoolean flushing = new AtomicBoolean();

        @Override
        public void flush() {
            if (flushing.compareAndSet(false, true)) {
                super.flush();
                Thread.yield();
                flushing.set(false);
            }
        }
    })),

    NEVER_FORGETS_WHAT_WAS_PENDING("T12", links(connection -> new Link(connection) {
        private final AtomicLong written = new AtomicLong();

        @Override
        public void write(ByteBuffer... bytes) {
            for (ByteBuffer buffer : bytes) {
                written.addAndGet(buffer.remaining());
            }
            super.write(bytes);
        }

        @Override
        public long pending() {
            return written.get();
        }
    })),

    ROUNDS_PENDING_UP("T12", links(connection -> new Link(connection) {
        @Override
        public long pending() {
            return (super.pending() + 4095) / 4096 * 4096;
        }
    })),

    NEVER_CALLS_DRAINED("T13", links(connection -> new Link(connection) {
        @Override
        public void drained() {}
    })),

    CALLS_DRAINED_TWICE("T13", links(connection -> new Link(connection) {
        @Override
        public void drained() {
            super.drained();
            super.drained();
        }
    })),

    CALLS_DRAINED_WITHOUT_A_CROSSING("T13", () -> new WrappingTransport() {
        @Override
        ConnectionOptions options(ConnectionOptions asked) {
            return asked.withWaterMarks(0, 1000);
        }
    }),

    CALLS_DRAINED_EARLY("T13", () -> new WrappingTransport() {
        @Override
        ConnectionOptions options(ConnectionOptions asked) {
            return asked.withWaterMarks(asked.highWaterMark(), asked.highWaterMark());
        }
    }),

    IGNORES_PAUSE("T14", links(connection -> new Link(connection) {
        @Override
        public void pauseReading() {}
    })),

    PAUSES_LATE("T14", links(connection -> new Link(connection) {
        @Override
        public void pauseReading() {
            later(20, super::pauseReading);
        }
    })),

    READS_ON_WHILE_PAUSED("T14", links(connection -> new Link(connection) {
        private final Queue<ByteBuffer> kept = new ConcurrentLinkedQueue<>();
        private volatile boolean paused;

        @Override
        public void pauseReading() {
            paused = true;
        }

        @Override
        public void received(ByteBuffer bytes) {
            if (paused) {
                kept.add(copy(bytes));
            } else {
                super.received(bytes);
            }
        }

        @Override
        public void resumeReading() {
            paused = false;
            while (!kept.isEmpty()) {
                super.received(kept.poll());
            }
        }
    })),

    COUNTS_PAUSES("T14", links(connection -> new Link(connection) {
        private int pauses;

        @Override
        public synchronized void pauseReading() {
            pauses++;
            super.pauseReading();
        }

        @Override
        public synchronized void resumeReading() {
            if (--pauses <= 0) {
                super.resumeReading();
            }
        }
    })),

    FORGETS_A_PAUSE_IN_OPENED("T14", links(connection -> new Link(connection) {
        @Override
        public void opened() {
            super.opened();
            resumeReading();
        }
    })),

    LOSES_A_RESUME("T14", links(connection -> new Link(connection) {
        private volatile long paused;

        @Override
        public void pauseReading() {
            paused = System.nanoTime();
            super.pauseReading();
        }

        @Override
        public void resumeReading() {
            if (System.nanoTime() - paused > 1_000_000) {
                super.resumeReading();
            }
        }
    })),

    ABORTS_INSTEAD_OF_CLOSING("T15", links(connection -> new Link(connection) {
        @Override
        public void close() {
            flush();
            abort();
        }
    })),

    DOES_NOT_DISCARD_INPUT("T15", links(connection -> new Link(connection) {
        @Override
        public void close() {
            flush();
            pauseReading();
            later(0, () -> {
                await(2000, () -> pending() == 0);
                abort();
            });
        }
    })),

    WAITS_FOR_A_SILENT_PEER("T15", () -> new WrappingTransport() {
        @Override
        ConnectionOptions options(ConnectionOptions asked) {
            return asked.withCloseTimeout(Duration.ofHours(1));
        }
    }),

    STAYS_PAUSED_WHEN_CLOSED("T15", links(connection -> new Link(connection) {
        private volatile boolean paused;
        private volatile boolean closing;

        @Override
        public void pauseReading() {
            paused = true;
            super.pauseReading();
        }

        @Override
        public void resumeReading() {
            paused = false;
            super.resumeReading();
            if (closing) {
                super.close();
            }
        }

        @Override
        public void close() {
            closing = true;
            if (!paused) {
                super.close();
            }
        }
    })),

    RECEIVES_AFTER_CLOSE("T15", links(connection -> new Link(connection) {
        @Override
        public void close() {
            later(20, super::close);
        }
    })),

    FAILS_WHEN_BOTH_SIDES_CLOSE("T15", links(connection -> new Link(connection) {
        private volatile boolean closing;
        private volatile boolean heard;

        @Override
        public void close() {
            closing = true;
            super.close();
        }

        @Override
        public void received(ByteBuffer bytes) {
            heard = true;
            super.received(bytes);
        }

        @Override
        public void closed(Throwable cause) {
            super.closed(closing && heard ? new IOException("closed by both") : cause);
        }
    })),

    WAITS_WHEN_ABORTED("T16", links(connection -> new Link(connection) {
        @Override
        public void abort() {
            close();
        }
    })),

    IGNORES_ABORT_WHILE_CLOSING("T16", links(connection -> new Link(connection) {
        private volatile boolean closing;

        @Override
        public void close() {
            closing = true;
            super.close();
        }

        @Override
        public void abort() {
            if (!closing) {
                super.abort();
            }
        }
    })),

    TAKES_AN_ABORT_FOR_A_FAILURE("T16", links(connection -> new Link(connection) {
        private volatile boolean aborted;

        @Override
        public void abort() {
            aborted = true;
            super.abort();
        }

        @Override
        public void closed(Throwable cause) {
            super.closed(aborted ? new IOException("aborted") : cause);
        }
    })),

    LEAVES_AN_ABORTED_SOCKET_OPEN("T16", links(connection -> new Link(connection) {
        private final AtomicBoolean ended = new AtomicBoolean();

        @Override
        public void abort() {
            super.pauseReading();
            later(0, () -> closed(null));
        }

        @Override
        public void closed(Throwable cause) {
            if (ended.compareAndSet(false, true)) {
                super.closed(cause);
            }
        }
    })),

    LIVES_ON_HALF_OPEN("T17", links(connection -> new Link(connection) {
        private volatile boolean ended;

        @Override
        public void close() {
            ended = true;
            super.close();
        }

        @Override
        public void abort() {
            ended = true;
            super.abort();
        }

        @Override
        public void closed(Throwable cause) {
            if (ended || cause != null) {
                super.closed(cause);
            }
        }
    })),

    TAKES_THE_END_FOR_A_FAILURE("T17", links(connection -> new Link(connection) {
        private volatile boolean ended;

        @Override
        public void close() {
            ended = true;
            super.close();
        }

        @Override
        public void closed(Throwable cause) {
            super.closed(cause == null && !ended ? new IOException("end of stream") : cause);
        }
    })),

    TAKES_A_RESET_FOR_THE_END("T17", links(connection -> new Link(connection) {
        @Override
        public void closed(Throwable cause) {
            super.closed(null);
        }
    })),

    CALLS_BACK_INSIDE_CALLS("T18", links(connection -> new Link(connection) {
        private final AtomicBoolean ended = new AtomicBoolean();

        @Override
        public void abort() {
            super.abort();
            closed(null);
        }

        @Override
        public void closed(Throwable cause) {
            if (ended.compareAndSet(false, true)) {
                super.closed(cause);
            }
        }
    })),

    WAITS_FOR_CALLBACKS("T18", links(connection -> new Link(connection) {
        private final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public void abort() {
            super.abort();
            awaitQuietly(ended);
        }

        @Override
        public void closed(Throwable cause) {
            super.closed(cause);
            ended.countDown();
        }
    })),

    SWALLOWS_A_HANDLERS_EXCEPTION("T19", links(connection -> new Link(connection) {
        @Override
        public void received(ByteBuffer bytes) {
            try {
                super.received(bytes);
            } catch (Throwable t) {
                // the fault
            }
        }
    })),

    IGNORES_THROWING_DRAINED("T19", links(connection -> new Link(connection) {
        @Override
        public void drained() {
            try {
                super.drained();
            } catch (Throwable t) {
                abort();
            }
        }
    })),

    DIES_OF_A_THROWING_HANDLER("T19", () -> new WrappingTransport() {
        @Override
        Acceptor wrap(Acceptor acceptor) {
            return connection -> new Link(connection) {
                {
                    handler = acceptor.accept(this);
                }

                @Override
                public void received(ByteBuffer bytes) {
                    try {
                        super.received(bytes);
                    } catch (Throwable t) {
                        inner.close();
                        throw t;
                    }
                }
            };
        }
    }),

    SWALLOWS_FAILED_CONNECTS("T20", links(connection -> new Link(connection) {
        private volatile boolean open;

        @Override
        public void opened() {
            open = true;
            super.opened();
        }

        @Override
        public void closed(Throwable cause) {
            if (open) {
                super.closed(cause);
            }
        }
    })),

    MIXES_UP_CONNECT_FAILURES("T20", links(connection -> new Link(connection) {
        @Override
        public void closed(Throwable cause) {
            super.closed(cause == null ? null : new IOException(cause.getMessage(), cause));
        }
    })),

    OPENS_BEFORE_IT_IS_CONNECTED("T20", links(connection -> new Link(connection) {
        private volatile boolean open;

        @Override
        public void opened() {
            open = true;
            super.opened();
        }

        @Override
        public void closed(Throwable cause) {
            if (!open) {
                super.opened();
            }
            super.closed(cause);
        }
    })),

    IGNORES_THE_CONNECT_TIMEOUT("T20", () -> new WrappingTransport() {
        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            super.connect(endpoint, options.withTimeout(Duration.ofHours(1)), acceptor);
        }
    }),

    KEEPS_THE_ADDRESS("T21", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            return new WrappingListener(super.listen(endpoint, options, acceptor)) {
                @Override
                public void close() {}
            };
        }
    }),

    FREES_THE_ADDRESS_LATE("T21", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            return new WrappingListener(super.listen(endpoint, options, acceptor)) {
                @Override
                public void close() {
                    later(30, super::close);
                }
            };
        }
    }),

    CLOSES_CONNECTIONS_WITH_THEIR_LISTENER("T21", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            List<Connection> accepted = new CopyOnWriteArrayList<>();
            return new WrappingListener(super.listen(endpoint, options, connection -> {
                accepted.add(connection);
                return acceptor.accept(connection);
            })) {
                @Override
                public void close() {
                    super.close();
                    accepted.forEach(Connection::abort);
                }
            };
        }
    }),

    LEAVES_A_THREAD("T22", () -> new WithThread("recado-left", true, false, 3000)),

    KEEPS_SOCKETS_UNTIL_CLOSED("T22", () -> new WrappingTransport() {
        private final Queue<SocketChannel> kept = new ConcurrentLinkedQueue<>();

        @Override
        Acceptor wrap(Acceptor acceptor) {
            return connection -> new Link(connection) {
                {
                    handler = acceptor.accept(this);
                }

                @Override
                public void closed(Throwable cause) {
                    try {
                        kept.add(SocketChannel.open());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    super.closed(cause);
                }
            };
        }

        @Override
        public void close() {
            super.close();
            // Not left for longer: the contracts that run in parallel count open files as well.
            for (SocketChannel socket : kept) {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }),

    LEAVES_SOCKETS_OPEN("T22", () -> new ReferenceTransport() {
        @Override
        void release(SocketChannel channel) throws IOException {
            // The peer cannot tell: it sees the end, and the connection is over. Only the descriptor stays.
            LEFTOVERS.add(channel);
            channel.shutdownInput();
            channel.shutdownOutput();
        }
    }),

    RETURNS_BEFORE_ITS_THREADS_END("T22", () -> new WithThread("recado-slow", true, false, 400)),

    FORGETS_ITS_LISTENERS("T22", () -> new WrappingTransport() {
        private final Transport other = new ReferenceTransport();

        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            LEFTOVERS.add(other);
            return other.listen(endpoint, options, acceptor);
        }
    }),

    WORKS_WHEN_CLOSED("T22", () -> new WrappingTransport() {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            try {
                return super.listen(endpoint, options, acceptor);
            } catch (IllegalStateException closed) {
                return new ReferenceTransport().listen(endpoint, options, acceptor);
            }
        }
    }),

    CLOSES_ONCE_ONLY("T22", () -> new WrappingTransport() {
        private final AtomicBoolean closed = new AtomicBoolean();

        @Override
        public void close() {
            if (!closed.compareAndSet(false, true)) {
                throw new IllegalStateException("already closed");
            }
            super.close();
        }
    }),

    WAITS_FOR_ITSELF("T22", () -> new WrappingTransport() {
        @Override
        public void close() {
            super.close();
            if (Thread.currentThread().getName().startsWith("recado-")) {
                await(3000, () -> false);
            }
        }
    }),

    STOPS_CLOSING_WHEN_INTERRUPTED("T22", () -> new WrappingTransport() {
        @Override
        public void close() {
            if (!Thread.currentThread().isInterrupted()) {
                super.close();
            }
        }
    }),

    WAITS_FOR_ATTEMPTS_TO_CONNECT("T22", () -> new WrappingTransport() {
        private final AtomicInteger attempts = new AtomicInteger();

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            attempts.incrementAndGet();
            super.connect(endpoint, options, connection -> new Link(connection) {
                {
                    handler = acceptor.accept(this);
                }

                @Override
                public void opened() {
                    attempts.decrementAndGet();
                    super.opened();
                }
            });
        }

        @Override
        public void close() {
            await(3000, () -> attempts.get() <= 0);
            super.close();
        }
    }),

    DIES_OF_AN_INTERRUPT("T23", links(connection -> new Link(connection) {
        @Override
        public void flush() {
            if (Thread.currentThread().isInterrupted()) {
                abort();
            }
            super.flush();
        }
    })),

    SWALLOWS_AN_INTERRUPT("T23", links(connection -> new Link(connection) {
        @Override
        public void write(ByteBuffer... bytes) {
            Thread.interrupted();
            super.write(bytes);
        }
    })),

    LETS_ALL_WAIT_FOR_ONE("T24", () -> new WrappingTransport() {
        private final Queue<Connection> all = new ConcurrentLinkedQueue<>();

        @Override
        Acceptor wrap(Acceptor acceptor) {
            return connection -> {
                all.add(connection);
                return new Link(connection) {
                    {
                        handler = acceptor.accept(this);
                    }

                    @Override
                    public void received(ByteBuffer bytes) {
                        await(3000, () -> all.stream().allMatch(other -> other.pending() < Rig.HIGH));
                        super.received(bytes);
                    }
                };
            };
        }
    }),

    READS_ONE_CONNECTION_TO_ITS_END("T24", () -> new WrappingTransport() {
        private final AtomicLong lastRead = new AtomicLong();
        private final AtomicReference<Object> reading = new AtomicReference<>();

        @Override
        Acceptor wrap(Acceptor acceptor) {
            return connection -> new Link(connection) {
                {
                    handler = acceptor.accept(this);
                }

                @Override
                public void received(ByteBuffer bytes) {
                    await(
                            5000,
                            () -> reading.compareAndSet(null, this)
                                    || reading.get() == this
                                    || (System.nanoTime() - lastRead.get() > 300_000_000
                                            && reading.getAndSet(this) != this));
                    lastRead.set(System.nanoTime());
                    super.received(bytes);
                }
            };
        }
    }),

    HAS_ROOM_FOR_100("T24", () -> new WrappingTransport() {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        Acceptor wrap(Acceptor acceptor) {
            Acceptor wrapped = super.wrap(acceptor);
            return connection -> {
                ConnectionHandler accepted = wrapped.accept(connection);
                if (count.incrementAndGet() > 100) {
                    connection.abort();
                }
                return accepted;
            };
        }
    }),

    STOPS_LISTENING_WHEN_AN_ACCEPTOR_FAILS("T25", () -> new WrappingTransport() {
        @Override
        Acceptor wrap(Acceptor acceptor) {
            AtomicBoolean failed = new AtomicBoolean();
            return super.wrap(connection -> {
                ConnectionHandler accepted = null;
                try {
                    accepted = failed.get() ? null : acceptor.accept(connection);
                } finally {
                    failed.compareAndSet(false, accepted == null);
                }
                return accepted;
            });
        }
    }),

    KEEPS_CONNECTIONS_WITHOUT_A_HANDLER("T25", () -> new WrappingTransport() {
        @Override
        Acceptor wrap(Acceptor acceptor) {
            return connection -> {
                Link link = new Link(connection);
                try {
                    link.handler = acceptor.accept(link);
                } catch (RuntimeException e) {
                    link.handler = null;
                }
                return link.handler != null
                        ? link
                        : new Link(connection) {
                            {
                                handler = new Ignoring();
                            }
                        };
            };
        }
    }),

    THROWS_WHAT_THE_ACCEPTOR_THREW("T25", () -> new WrappingTransport() {
        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            CountDownLatch asked = new CountDownLatch(1);
            AtomicBoolean failed = new AtomicBoolean();
            super.connect(endpoint, options, connection -> {
                try {
                    ConnectionHandler accepted = acceptor.accept(connection);
                    failed.set(accepted == null);
                    return accepted;
                } catch (RuntimeException e) {
                    failed.set(true);
                    throw e;
                } finally {
                    asked.countDown();
                }
            });
            awaitQuietly(asked);
            if (failed.get()) {
                throw new IllegalArgumentException("the acceptor failed");
            }
        }
    }),

    KEEPS_THE_PROGRAM_ALIVE("T27", () -> new WithThread("recado-alive", false, false, 0)),

    STARTS_NAMELESS_THREADS("T27", () -> new WithThread("Thread-0", true, false, 0)),

    FORGETS_ITS_PEER("T28", links(connection -> new Link(connection) {
        private volatile boolean ended;

        @Override
        public void closed(Throwable cause) {
            ended = true;
            super.closed(cause);
        }

        @Override
        public Peer peer() {
            if (ended) {
                throw new IllegalStateException("not connected");
            }
            return super.peer();
        }
    })),

    INVENTS_ITS_PEER("T28", links(connection -> new Link(connection) {
        @Override
        public Peer peer() {
            return Peer.of(new InetSocketAddress(0));
        }
    }));

    /** What faults leave behind on purpose, for the test to clear away. */
    static final Queue<AutoCloseable> LEFTOVERS = new ConcurrentLinkedQueue<>();

    final String rule;
    final Supplier<Transport> factory;

    WrongTransport(String rule, Supplier<Transport> factory) {
        this.rule = rule;
        this.factory = factory;
    }

    private static Supplier<Transport> links(Function<Connection, Link> links) {
        return () -> new WrappingTransport(links);
    }

    private static ByteBuffer copy(ByteBuffer... buffers) {
        int length = 0;
        for (ByteBuffer buffer : buffers) {
            length += buffer.remaining();
        }
        ByteBuffer copy = ByteBuffer.allocate(length);
        for (ByteBuffer buffer : buffers) {
            copy.put(buffer.duplicate());
        }
        return copy.flip();
    }

    private static Thread later(long millis, Runnable action) {
        Thread thread = new Thread(
                () -> {
                    await(millis, () -> false);
                    action.run();
                },
                "recado-wrong");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Unlike the kit's, does not end with an interrupt. */
    private static void await(long millis, BooleanSupplier condition) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        boolean interrupted = false;
        while (System.nanoTime() - deadline < 0 && !condition.getAsBoolean()) {
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(200_000);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        await(5000, () -> latch.getCount() == 0);
    }

    private static class WrappingListener implements Listener {

        private final Listener inner;

        WrappingListener(Listener inner) {
            this.inner = inner;
        }

        @Override
        public URI endpoint() {
            return inner.endpoint();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private static final class Ignoring implements ConnectionHandler {

        @Override
        public void opened() {}

        @Override
        public void received(ByteBuffer bytes) {}

        @Override
        public void drained() {}

        @Override
        public void closed(Throwable cause) {}
    }

    /** Has one thread more, which lives from creation or first use until some time after the close. */
    private static final class WithThread extends WrappingTransport {

        private final CountDownLatch end = new CountDownLatch(1);
        private final AtomicBoolean started = new AtomicBoolean();
        private final Thread thread;

        WithThread(String name, boolean daemon, boolean early, long outlivesCloseByMillis) {
            thread = new Thread(
                    () -> {
                        awaitQuietly(end);
                        await(outlivesCloseByMillis, () -> false);
                    },
                    name);
            thread.setDaemon(daemon);
            if (early) {
                start();
            }
        }

        private void start() {
            if (started.compareAndSet(false, true)) {
                thread.start();
            }
        }

        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            start();
            return super.listen(endpoint, options, acceptor);
        }

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            start();
            super.connect(endpoint, options, acceptor);
        }

        @Override
        public void close() {
            end.countDown();
            super.close();
        }
    }
}
