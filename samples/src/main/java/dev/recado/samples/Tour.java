package dev.recado.samples;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import java.time.Duration;

/** What {@code docs/getting-started.md} goes through after the first program; each step stands by itself. */
public final class Tour {

    private Tour() {}

    /** Takes the steps, one after the other. */
    public static void main(String[] args) {
        lastValue();
        history();
        request();
    }

    private static void lastValue() {
        // tag::last-value[]
        try (Broker broker = Broker.builder().listen("mqtt://127.0.0.1:0").start()) {
            try (Publisher pub =
                    Publisher.builder(broker.endpoint()).topic("news/br").open()) {
                pub.publish("bom dia");
                pub.publish("boa tarde");
            } // the publisher has gone
            try (Subscriber late =
                    Subscriber.builder(broker.endpoint()).topic("news/#").open()) {
                System.out.println(
                        late.receive(Duration.ofSeconds(5)).orElseThrow().text()); // boa tarde
            }
        }
        // end::last-value[]
    }

    private static void history() {
        // tag::history[]
        try (Broker broker = Broker.builder().history(100).start(); // listens nowhere: for its own program only
                Publisher pub = broker.publisher("news/br").open()) {
            for (int i = 1; i <= 5; i++) {
                pub.publish("news " + i);
            }
            try (Subscriber late = broker.subscriber("news/#").replay(3).open()) {
                pub.publish("news 6");
                for (int i = 3; i <= 6; i++) {
                    System.out.println(
                            late.receive(Duration.ofSeconds(5)).orElseThrow().text()); // news 3, 4, 5, 6
                }
            }
        }
        // end::history[]
    }

    private static void request() {
        // tag::request[]
        try (Broker broker = Broker.builder().listen("mqtt://127.0.0.1:0").start();
                Responder clock = Responder.builder(broker.endpoint())
                        .topic("time/+")
                        .respond(request -> request.reply("12:00 in " + request.text()))
                        .open();
                Requester asks =
                        Requester.builder(broker.endpoint()).topic("time/now").open()) {
            System.out.println(asks.request("Lisbon").text()); // 12:00 in Lisbon
        }
        // end::request[]
    }
}
