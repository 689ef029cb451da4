package dev.recado.bench.api;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.time.Duration;

/** The Java client of NATS. */
final class JnatsApi implements Api {

    private static final Duration FLUSH = Duration.ofSeconds(10);

    private final String subject;
    private final Connection subscriber;
    private final Connection publisher;

    JnatsApi(int port, String topic, int qos, Runnable onMessage) throws Exception {
        if (qos != 0) {
            throw new IllegalArgumentException("NATS has no QoS " + qos);
        }
        subject = topic.replace('/', '.');
        subscriber = Nats.connect("nats://127.0.0.1:" + port);
        publisher = Nats.connect("nats://127.0.0.1:" + port);
        subscriber.createDispatcher(message -> onMessage.run()).subscribe(subject);
        subscriber.flush(FLUSH);
    }

    @Override
    public void publish(byte[] payload) throws IOException {
        publisher.publish(subject, payload);
    }

    @Override
    public void close() throws InterruptedException {
        publisher.close();
        subscriber.close();
    }
}
