package dev.recado.samples;

// tag::quickstart[]
import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Subscriber;

public class Quickstart {
    public static void main(String[] args) {
        try (Broker broker = Broker.builder().listen("mqtt://127.0.0.1:0").start();
                Subscriber sub = Subscriber.builder(broker.endpoint())
                        .topic("news/#")
                        .onMessage(message -> System.out.println(message.text()))
                        .open();
                Publisher pub =
                        Publisher.builder(broker.endpoint()).topic("news/br").open()) {
            pub.publish("bom dia"); // returns when the broker has taken the message over
        } // closing lets what is on its way arrive: this prints "bom dia"
    }
}
// end::quickstart[]
