package dev.recado.bench.jmh;

import dev.recado.Broker;
import dev.recado.bench.load.MqttWire;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A message's whole way through the broker, from bytes to bytes, without a socket: with a transport that only counts. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FanOutBenchmark.BATCH)
public class FanOutBenchmark {

    static final int BATCH = 500;

    @Param({"1", "100"})
    public int subscribers;

    @Param({"false", "true"})
    public boolean retain;

    /** That the messages go through. */
    @Param({"1", "50"})
    public int topics;

    /** How many messages of each topic are kept. */
    @Param({"0", "100"})
    public int history;

    private final MqttWire wire = new MqttWire();
    private final CountingTransport transport = new CountingTransport();
    private final ByteBuffer batch = ByteBuffer.allocateDirect(1 << 17);
    private Broker broker;
    private ConnectionHandler publisher;

    @Setup(Level.Trial)
    public void start() {
        broker = Broker.builder()
                .transport(transport)
                .listen("count:x")
                .history(history)
                // Nobody answers a close here.
                .limits(limits -> limits.closeTimeout(Duration.ofMillis(1)))
                .start();
        for (int i = 0; i < subscribers; i++) {
            connect("s" + i).received(ByteBuffer.wrap(wire.subscribe(1, "#", 0)));
        }
        publisher = connect("p");
        for (int i = 0; i < BATCH; i++) {
            batch.put(wire.publish("house/" + i % topics, new byte[16], 0, retain));
        }
        batch.flip();
    }

    private ConnectionHandler connect(String clientId) {
        ConnectionHandler handler = transport.acceptor.accept(new CountingConnection());
        handler.opened();
        handler.received(ByteBuffer.wrap(wire.connect(clientId)));
        return handler;
    }

    @Benchmark
    public void publish() {
        publisher.received(batch.rewind());
    }

    @TearDown(Level.Trial)
    public void stop() {
        broker.close();
    }

    private static final class CountingTransport implements Transport {
        private Acceptor acceptor;

        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor engine) {
            acceptor = engine;
            return new Listener() {
                @Override
                public URI endpoint() {
                    return endpoint;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor engine) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /** Takes everything and keeps nothing; the sum keeps the compiler from leaving the bytes out. */
    private static final class CountingConnection implements Connection {
        private final Peer peer = Peer.of(new InetSocketAddress(0));
        private long sum;

        @Override
        public void write(ByteBuffer... bytes) {
            for (ByteBuffer one : bytes) {
                sum += one.remaining();
            }
        }

        @Override
        public void flush() {}

        @Override
        public long pending() {
            return 0;
        }

        @Override
        public void pauseReading() {}

        @Override
        public void resumeReading() {}

        @Override
        public void close() {}

        @Override
        public void abort() {}

        @Override
        public Peer peer() {
            return peer;
        }
    }
}
