package dev.recado.bench.broker;

import com.sun.management.ThreadMXBean;
import dev.recado.Broker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A broker in a process of its own; ends when its standard input does. It answers each line {@code allocated} with the bytes
 * that its threads have allocated so far.
 */
@Command(name = "serve", description = "Runs one broker until standard input ends; 'run' starts these by itself.")
public final class ServeCommand implements Callable<Integer> {

    @Option(names = "--broker", required = true, description = "recado-nio, recado-blocking or relay.")
    private String broker;

    @Option(names = "--port", required = true, description = "On 127.0.0.1.")
    private int port;

    @Override
    public Integer call() throws IOException {
        switch (broker) {
            case "recado-nio" -> recado("nio");
            case "recado-blocking" -> recado("blocking");
            case "relay" -> relay();
            default ->
                throw new IllegalArgumentException(
                        "--broker must be recado-nio, recado-blocking or relay, but is " + broker);
        }
        return 0;
    }

    private void recado(String transport) throws IOException {
        try (Broker started = Broker.builder()
                .transport(transport)
                .listen("mqtt://127.0.0.1:" + port)
                .limits(limits -> limits.maxSubscriptionsPerClient(200_000))
                .start()) {
            answer();
        }
    }

    private void relay() throws IOException {
        try (Relay relay = new Relay(port, 0)) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            relay.run();
                        } catch (IOException e) {
                            e.printStackTrace();
                        }
                    },
                    "relay");
            thread.setDaemon(true);
            thread.start();
            answer();
        }
    }

    private static void answer() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("allocated")) {
                System.out.println(allocated());
            }
        }
    }

    /** Those of threads that have ended are in it from JDK 21 on, as are those that carry virtual threads. */
    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try {
            return (long)
                    ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(threads);
        } catch (ReflectiveOperationException beforeJdk21) {
            return allocatedByLiveThreads(threads);
        }
    }

    private static long allocatedByLiveThreads(ThreadMXBean threads) {
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(0, bytes); // -1: it has ended meanwhile
        }
        return sum;
    }
}
