/**
 * A broker for tests of programs that use MQTT: complete, started in milliseconds, one for each test, with no container.
 *
 * <pre>{@code
 * class DoorbellTest {
 *     @RecadoBroker
 *     TestBroker broker;
 *
 *     @Test
 *     void shouldRing() {
 *         Recording rings = broker.record("house/bell");
 *         try (Doorbell doorbell = new Doorbell(broker.host(), broker.port())) {
 *             doorbell.press();
 *             assertEquals("ring", rings.next().text());
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Add {@code recado-testkit}, a transport such as {@code recado-nio}, and your JUnit, 5.10 or later, to the tests'
 * dependencies. Elsewhere than in JUnit, {@link dev.recado.testkit.junit.TestBroker#start} does the same.
 */
package dev.recado.testkit.junit;
