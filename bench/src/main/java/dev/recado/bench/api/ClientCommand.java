package dev.recado.bench.api;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A publisher and a subscriber through a library's own API, in a process of their own, against a broker that runs. Prints
 * messages a second, messages lost and messages sent. A closed loop, as on the load side.
 */
@Command(
        name = "client",
        description = "Measures one client library against a running broker; 'run' starts these by itself.")
public final class ClientCommand implements Callable<Integer> {

    private static final int WINDOW = 1_000;
    private static final long SILENCE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final long PARK_NANOS = 100_000;

    @Option(names = "--api", required = true, description = "recado-nio, recado-blocking, hivemq, paho or jnats.")
    private String api;

    @Option(names = "--port", required = true, description = "The broker's, on 127.0.0.1.")
    private int port;

    @Option(names = "--qos", required = true, description = "0 or 1.")
    private int qos;

    @Option(names = "--warm-up", required = true, description = "Milliseconds.")
    private long warmUp;

    @Option(names = "--measured", required = true, description = "Milliseconds.")
    private long measured;

    private final Thread publishing = Thread.currentThread();
    private final AtomicLong received = new AtomicLong();
    private volatile boolean waiting;
    private long sent;

    @Override
    public Integer call() throws Exception {
        try (Api client = Api.Kind.of(api).open(port, "live0/000/00000", qos, WINDOW, this::came)) {
            publishFor(client, warmUp);
            long before = received.get();
            long start = System.nanoTime();
            publishFor(client, measured);
            double perSecond = (received.get() - before) * 1e9 / (System.nanoTime() - start);
            settle();
            System.out.printf("%d %d %d%n", (long) perSecond, sent - received.get(), sent);
        }
        return 0;
    }

    /** On the library's thread. */
    private void came() {
        received.incrementAndGet();
        if (waiting) {
            LockSupport.unpark(publishing);
        }
    }

    private void publishFor(Api client, long millis) throws Exception {
        byte[] payload = new byte[16];
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() - end < 0) {
            if (sent - received.get() < WINDOW) {
                client.publish(payload);
                sent++;
            } else {
                awaitRoom();
            }
        }
    }

    /** Until half of the window is free: not one by one. */
    private void awaitRoom() {
        waiting = true;
        for (int i = 0; i < 1_000 && sent - received.get() > WINDOW / 2; i++) {
            LockSupport.parkNanos(PARK_NANOS);
        }
        waiting = false;
    }

    private void settle() {
        long known = received.get();
        long last = System.nanoTime();
        while (received.get() < sent && System.nanoTime() - last < SILENCE_NANOS) {
            LockSupport.parkNanos(PARK_NANOS);
            if (received.get() != known) {
                known = received.get();
                last = System.nanoTime();
            }
        }
    }
}
