/**
 * The conformance kit for MQTT brokers: what MQTT 5.0 and MQTT 3.1.1 demand of a server, seen on the wire.
 *
 * <pre>{@code
 * class MyBrokerTest extends MqttContract {
 *     @Override
 *     protected BrokerUnderTest startBroker() {
 *         return BrokerUnderTest.at("127.0.0.1", 1883);
 *     }
 * }
 * }</pre>
 *
 * <p>It opens plain sockets and has a reader and a writer of its own, so that no codec under test can hide its bugs. Each
 * test is named by obligation, version, number of the normative statement, and behaviour:
 * {@code required_v5_3_3_1_10_...} is MQTT-3.3.1-10 of MQTT 5.0, {@code required_v311_...} of MQTT 3.1.1. Rules without a
 * number are named by their section: {@code required_v5_section_2_2_2_2_...}. A statement that no test can see broken has
 * an {@code untested_} test, always skipped, with the reason.
 *
 * <p>Rules that hold for every packet have tests with a table: a case is named in brackets, as in {@code
 * required_v5_section_2_2_2_2_repeatedPropertyIsRefused[CONTENT_TYPE in PUBLISH]}. These need JUnit's {@code
 * junit-jupiter-params}, which comes with {@code junit-jupiter}.
 */
package dev.recado.testkit.mqtt;
