package dev.recado.testkit.junit;

import dev.recado.spi.DaemonThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The network between clients and a broker: passes bytes on, later, changed or not at all when told so. It does so on
 * sockets of its own, so that any client, and the broker, meet faults as the operating system shows them.
 *
 * <p>One thread, in rounds: requests of other threads, what has come, what is due.
 */
final class Network implements AutoCloseable {

    private static final int BUFFER = 64 * 1024;
    private static final Duration END = Duration.ofSeconds(5);

    private final ServerSocketChannel listening;
    private final InetSocketAddress address;
    private final Selector selector;
    private final DaemonThreads threads = new DaemonThreads("recado-testkit-");

    // Guarded by requests:
    private final Queue<Runnable> requests = new ArrayDeque<>();
    private boolean closed;

    // Of the network's thread:
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final List<Link> links = new ArrayList<>();

    /** Those of connections to come. */
    private final Map<Direction, Conditions> conditions = new EnumMap<>(Direction.class);

    private InetSocketAddress broker;

    /** Listens on a free port of this host. */
    Network(InetAddress host) throws IOException {
        listening = ServerSocketChannel.open();
        selector = Selector.open();
        try {
            listening.bind(new InetSocketAddress(host, 0));
            listening.configureBlocking(false);
            listening.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            selector.close();
            listening.close();
            throw e;
        }
        for (Direction direction : Direction.values()) {
            conditions.put(direction, new Conditions());
        }
        address = (InetSocketAddress) listening.getLocalAddress();
        threads.make("network", this::run).start();
    }

    InetSocketAddress address() {
        return address;
    }

    /** From now on, new connections lead here. */
    void leadTo(InetSocketAddress itsAddress) {
        ask(() -> broker = itsAddress);
    }

    /** Changes what happens to one connection; nothing when it has ended. */
    void change(Link link, Set<Direction> directions, Consumer<Conditions> change) {
        ask(() -> {
            directions.forEach(direction -> change.accept(link.conditions(direction)));
            return null;
        });
    }

    /** Changes what happens to all connections, those to come among them. */
    void changeAll(Set<Direction> directions, Consumer<Conditions> change) {
        ask(() -> {
            for (Direction direction : directions) {
                change.accept(conditions.get(direction));
                links.forEach(link -> change.accept(link.conditions(direction)));
            }
            return null;
        });
    }

    void reset(Collection<Link> some) {
        ask(() -> {
            some.forEach(Link::reset);
            return null;
        });
    }

    /** Those that are open; a copy. */
    List<Link> links() {
        return ask(() -> links.stream().filter(Link::isOpen).toList());
    }

    /** Has the network's thread answer, and waits for it. */
    private <T> T ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        synchronized (requests) {
            if (closed) {
                throw new IllegalStateException("the test's broker is closed");
            }
            requests.add(() -> answer.complete(question.get()));
            selector.wakeup();
        }
        return answer.join();
    }

    private void run() {
        try (listening;
                selector) {
            while (answerRequests()) {
                selector.select(this::ready, timeoutMillis(System.nanoTime()));
                passOn(System.nanoTime());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            end();
        }
    }

    /** Returns whether there may be more of them. */
    private boolean answerRequests() {
        synchronized (requests) {
            while (!requests.isEmpty()) {
                requests.remove().run();
            }
            return !closed;
        }
    }

    /** However it ends: nobody must wait for an answer that does not come. */
    private void end() {
        links.forEach(Link::reset);
        synchronized (requests) {
            closed = true;
        }
        answerRequests();
    }

    /** At most this long until something is due; 0 for any time. */
    private long timeoutMillis(long now) {
        long nanos = Long.MAX_VALUE;
        for (Link link : links) {
            nanos = Math.min(nanos, link.nanosUntilDue(now));
        }
        return nanos == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1;
    }

    private void ready(SelectionKey key) {
        if (key.channel() == listening) {
            accept();
        } else {
            ((Link) key.attachment()).read(key, buffer, System.nanoTime());
        }
    }

    private void accept() {
        SocketChannel client = null;
        SocketChannel server = null;
        try {
            client = listening.accept();
            if (client == null) {
                return;
            }
            // Blocks, but no longer than the loopback interface needs to say yes or no.
            server = SocketChannel.open(broker);
            links.add(new Link(client, server, conditions, selector));
        } catch (IOException e) {
            // No broker there, now. To a client it is a network that fails.
            Link.reset(client);
            Link.reset(server);
        }
    }

    private void passOn(long now) {
        for (Link link : links) {
            if (link.isOpen()) {
                link.write(now);
            }
        }
        links.removeIf(link -> !link.isOpen());
    }

    boolean isClosed() {
        synchronized (requests) {
            return closed;
        }
    }

    /** Ends every connection, and the thread. */
    @Override
    public void close() {
        synchronized (requests) {
            if (closed) {
                return;
            }
            closed = true;
            selector.wakeup();
        }
        threads.awaitEnd(END);
    }
}
