package dev.recado.samples.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.recado.testkit.junit.Direction;
import dev.recado.testkit.junit.RecadoBroker;
import dev.recado.testkit.junit.Recording;
import dev.recado.testkit.junit.TestBroker;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The thermostat with a broker of its own, over a network that is sometimes bad. */
// tag::broker[]
class ThermostatTest {

    // RxJava, inside the client, keeps its threads.
    @RecadoBroker(lastingThreads = "Rx")
    TestBroker broker;

    private Recording heating;
    private Thermostat thermostat;

    @BeforeEach
    void start() {
        heating = broker.record("house/+/heating");
        thermostat = new Thermostat(broker.host(), broker.port(), 20);
    }

    @AfterEach
    void stop() {
        thermostat.close();
    }
    // end::broker[]

    // tag::messages[]
    @Test
    void shouldHeatWhereItIsCold() {
        broker.publish("house/kitchen/temperature", "17.5");
        assertEquals("on", heating.next().text());

        broker.publish("house/kitchen/temperature", "20.5");
        assertEquals("off", heating.next().text());
    }
    // end::messages[]

    @Test
    void shouldHeatWhereTheThermometerIsBroken() {
        broker.publish("house/attic/temperature", "NaN?");
        assertEquals("house/attic/heating", heating.next().topic());
    }

    // tag::faults[]
    @Test
    void shouldComeBackWhenItsConnectionIsCut() {
        Recording state = broker.record("house/thermostat");

        broker.faults("thermostat").cut();
        assertEquals("offline", state.next().text());
        broker.awaitClient("thermostat");

        broker.publish("house/kitchen/temperature", "17.5");
        assertEquals("on", heating.next().text());
    }
    // end::faults[]

    @Test
    void shouldComeBackWhenTheBrokerDoes() {
        broker.restart();
        broker.awaitClient("thermostat");
        // The recording's, and that of the thermostat, which has to subscribe anew: this broker does not know it.
        broker.awaitSubscriptions(2);

        broker.publish("house/kitchen/temperature", "17.5");
        assertEquals("on", heating.next().text());
    }

    @Test
    void shouldCatchUpAfterAStall() {
        broker.faults("thermostat").only(Direction.TO_CLIENT).stall();
        broker.publish("house/kitchen/temperature", "17.5");
        heating.expectNone(Duration.ofMillis(100));

        broker.faults("thermostat").clear();
        assertEquals("on", heating.next().text());
    }

    @Test
    void shouldSurviveRubbish() {
        broker.faults("thermostat").only(Direction.TO_CLIENT).corrupt();
        broker.publish("house/kitchen/temperature", "17.5");

        // It ends the connection, comes back and gets both.
        broker.publish("house/kitchen/temperature", "25");
        heating.next(message -> message.text().equals("off"));
    }
}
