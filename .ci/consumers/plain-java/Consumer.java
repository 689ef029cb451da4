import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.Subscriber;
import java.time.Duration;

/** Publishes, and prints what has been received; ends badly when that is not what was published. */
public class Consumer {

    public static void main(String[] args) {
        try (Broker broker = Broker.builder().listen("mqtt://127.0.0.1:0").start();
                Subscriber sub =
                        Subscriber.builder(broker.endpoint()).topic("news/#").open();
                Publisher pub =
                        Publisher.builder(broker.endpoint()).topic("news/br").open()) {
            pub.publish("bom dia");

            String received = sub.receive(Duration.ofSeconds(10)).orElseThrow().text();
            if (!received.equals("bom dia")) {
                throw new AssertionError("received '" + received + "'");
            }
            System.out.println(received + ", " + Consumer.class.getModule());
        }
    }
}
