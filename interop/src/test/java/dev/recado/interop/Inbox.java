package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a subscribed client has received and nobody has looked at yet. */
final class Inbox implements AutoCloseable {

    /** Ends a client's connection as MQTT wants it, with a DISCONNECT. */
    interface Goodbye {
        void say() throws Exception;
    }

    private static final int ARRIVAL_SECONDS = 20;

    private final BlockingQueue<Received> messages = new LinkedBlockingQueue<>();
    private Goodbye goodbye = () -> {};

    void add(Received message) {
        messages.add(message);
    }

    Inbox endsWith(Goodbye how) {
        goodbye = how;
        return this;
    }

    /** Waits for the next message. */
    Received next() throws InterruptedException {
        Received next = messages.poll(ARRIVAL_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("a message within %d s", ARRIVAL_SECONDS).isNotNull();
        return next;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    @Override
    public void close() throws Exception {
        goodbye.say();
    }
}
