package program;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Subscriber;
import java.time.Duration;

/** A user's program: over each transport that it is told, and without any, a message goes from a publisher to a subscriber. */
public final class Main {

    private Main() {}

    public static void main(String[] transports) {
        System.out.println("module: " + Main.class.getModule().getName());
        for (String transport : transports) {
            try (Broker broker = Broker.builder().listen("mqtt://127.0.0.1:0").transport(transport).start();
                    Subscriber subscriber = Subscriber.builder(broker.endpoint()).transport(transport).topic("news/#").open();
                    Publisher publisher = Publisher.builder(broker.endpoint()).transport(transport).topic("news/br").open()) {
                publisher.publish("over " + transport);
                System.out.println(subscriber.receive(Duration.ofSeconds(20)).orElseThrow().text());
            }
        }
        try (Broker broker = Broker.builder().start();
                Subscriber subscriber = broker.subscriber("news/#").open();
                Publisher publisher = broker.publisher("news/br").open()) {
            publisher.publish("in process");
            System.out.println(subscriber.receive(Duration.ofSeconds(20)).orElseThrow().text());
        }
    }
}
