package dev.recado.testkit.junit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.EnumMap;
import java.util.Map;

/** A client's connection to the broker, in two halves with the network between them. Used by the network's thread only. */
final class Link {

    private final SocketChannel client;
    private final SocketChannel broker;
    private final InetSocketAddress addressAtBroker;
    private final SelectionKey clientKey;
    private final SelectionKey brokerKey;
    private final Map<Direction, Pipe> pipes = new EnumMap<>(Direction.class);

    /** Both sockets are connected; {@code conditions} are copied. */
    Link(SocketChannel client, SocketChannel broker, Map<Direction, Conditions> conditions, Selector selector)
            throws IOException {
        this.client = client;
        this.broker = broker;
        this.addressAtBroker = (InetSocketAddress) broker.getLocalAddress();
        for (SocketChannel each : new SocketChannel[] {client, broker}) {
            each.setOption(StandardSocketOptions.TCP_NODELAY, true);
            each.configureBlocking(false);
        }
        clientKey = client.register(selector, SelectionKey.OP_READ, this);
        brokerKey = broker.register(selector, SelectionKey.OP_READ, this);
        pipes.put(
                Direction.TO_BROKER,
                new Pipe(client, broker, conditions.get(Direction.TO_BROKER).copy()));
        pipes.put(
                Direction.TO_CLIENT,
                new Pipe(broker, client, conditions.get(Direction.TO_CLIENT).copy()));
    }

    /** What the broker takes for the client's address. */
    InetSocketAddress addressAtBroker() {
        return addressAtBroker;
    }

    Conditions conditions(Direction direction) {
        return pipes.get(direction).conditions();
    }

    boolean isOpen() {
        return client.isOpen();
    }

    long nanosUntilDue(long now) {
        long nanos = Long.MAX_VALUE;
        for (Pipe pipe : pipes.values()) {
            nanos = Math.min(nanos, pipe.nanosUntilDue(now));
        }
        return nanos;
    }

    /** Takes what has come. What breaks on one side breaks on the other. */
    void read(SelectionKey ready, ByteBuffer buffer, long now) {
        if (!ready.isValid() || !ready.isReadable()) {
            return;
        }
        try {
            pipes.get(ready == clientKey ? Direction.TO_BROKER : Direction.TO_CLIENT)
                    .read(buffer, now);
        } catch (IOException e) {
            reset();
        }
    }

    /** Passes on what is due. */
    void write(long now) {
        try {
            boolean over = true;
            for (Pipe pipe : pipes.values()) {
                pipe.write(now);
                over &= pipe.isOver();
            }
            if (over) {
                client.close();
                broker.close();
            } else {
                clientKey.interestOps(interest(Direction.TO_BROKER, Direction.TO_CLIENT));
                brokerKey.interestOps(interest(Direction.TO_CLIENT, Direction.TO_BROKER));
            }
        } catch (IOException e) {
            reset();
        }
    }

    private int interest(Direction in, Direction out) {
        return (pipes.get(in).wantsInput() ? SelectionKey.OP_READ : 0)
                | (pipes.get(out).wantsOutput() ? SelectionKey.OP_WRITE : 0);
    }

    /** As when the network fails: what is on its way is lost, and both sides see their connection reset. */
    void reset() {
        reset(client);
        reset(broker);
    }

    /** Nothing, if there is none. */
    static void reset(SocketChannel channel) {
        try (channel) {
            if (channel != null && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // Its peer was faster; it is closed all the same.
        }
    }
}
