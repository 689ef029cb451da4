package dev.recado.core.tls;

import dev.recado.spi.Acceptor;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What is above TLS: remembers what it is told. */
final class Side implements ConnectionHandler, Acceptor {

    final List<String> calls = new ArrayList<>();
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    Consumer<Side> whenOpened = side -> {};
    Consumer<Side> whenReceived = side -> {};
    Consumer<Side> whenDrained = side -> {};
    Consumer<Side> whenClosed = side -> {};
    Connection connection;
    Throwable cause;

    @Override
    public ConnectionHandler accept(Connection outbound) {
        connection = outbound;
        return this;
    }

    void send(byte[] bytes) {
        connection.write(ByteBuffer.wrap(bytes));
        connection.flush();
    }

    boolean isOpened() {
        return calls.contains("opened");
    }

    boolean isClosed() {
        return calls.contains("closed");
    }

    @Override
    public void opened() {
        calls.add("opened");
        whenOpened.accept(this);
    }

    @Override
    public void received(ByteBuffer bytes) {
        calls.add("received");
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        received.writeBytes(copy);
        whenReceived.accept(this);
    }

    @Override
    public void drained() {
        calls.add("drained");
        whenDrained.accept(this);
    }

    @Override
    public void closed(Throwable why) {
        calls.add("closed");
        cause = why;
        whenClosed.accept(this);
    }
}
