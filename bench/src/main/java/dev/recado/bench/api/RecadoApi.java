package dev.recado.bench.api;

import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Subscriber;
import java.net.URI;

/** Recado's own. */
final class RecadoApi implements Api {

    private final String topic;
    private final Subscriber subscriber;
    private final Publisher publisher;

    RecadoApi(String transport, int port, String topic, int qos, int window, Runnable onMessage) {
        this.topic = topic;
        URI broker = URI.create("mqtt://127.0.0.1:" + port);
        QoS level = QoS.values()[qos];
        subscriber = Subscriber.builder(broker)
                .transport(transport)
                .topic(topic)
                .qos(level)
                .onMessage(message -> onMessage.run())
                .open();
        // The others retain nothing unless asked to.
        publisher = Publisher.builder(broker)
                .transport(transport)
                .topic(topic)
                .qos(level)
                .retain(false)
                .window(window)
                .open();
    }

    @Override
    public void publish(byte[] payload) {
        publisher.publishAsync(Message.of(topic, payload));
    }

    @Override
    public void close() {
        publisher.close();
        subscriber.close();
    }
}
