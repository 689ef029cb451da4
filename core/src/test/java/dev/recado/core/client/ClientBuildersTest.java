package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ClientBuilder;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.RetainHandling;
import dev.recado.Subscriber;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What both builders ask for alike, as far as it shows in CONNECT or is refused. */
class ClientBuildersTest {

    private final ScriptedBroker broker = new ScriptedBroker().accepting(Properties.NONE);

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private Packet.Connect connectOf(Publisher.Builder builder) {
        builder.open().close();
        return broker.session().next(Packet.Connect.class);
    }

    private Packet.Connect connectOf(Subscriber.Builder builder) {
        builder.open().close();
        return broker.session().next(Packet.Connect.class);
    }

    private Stream<ClientBuilder<?>> builders() {
        return Stream.of(broker.publisher(), broker.subscriber());
    }

    // ---- sessions

    @Test
    void shouldAskForTheSessionWanted() {
        Packet.Connect none = connectOf(broker.subscriber());
        assertThat(none.cleanStart()).isTrue();
        assertThat(none.properties().has(Property.SESSION_EXPIRY_INTERVAL)).isFalse();

        Duration forever = Duration.ofSeconds(0xFFFF_FFFFL);
        Packet.Connect goingOn = connectOf(broker.subscriber().clientId("s").sessionExpiry(forever));
        assertThat(goingOn.cleanStart()).isFalse();
        assertThat(goingOn.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0))
                .isEqualTo(0xFFFF_FFFFL);

        assertThat(connectOf(broker.subscriber()
                                .clientId("s")
                                .sessionExpiry(forever)
                                .cleanStart(true))
                        .cleanStart())
                .isTrue();
        assertThat(connectOf(broker.subscriber().clientId("s").cleanStart(false))
                        .cleanStart())
                .isFalse();
        assertThat(connectOf(broker.publisher().clientId("p").sessionExpiry(forever))
                        .cleanStart())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT4294967296S", "PT0.5S"})
    void shouldRefuseSessionExpiriesThatTheWireCannotCarry(Duration expiry) {
        assertThat(builders())
                .allSatisfy(builder -> assertThatThrownBy(() -> builder.sessionExpiry(expiry))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("sessionExpiry must be 0 to 4294967295 whole seconds")
                        .hasMessageContaining(expiry.toString()));
    }

    @Test
    void shouldRefuseASessionThatNobodyCouldFindAgain() {
        assertThatThrownBy(() ->
                        broker.publisher().sessionExpiry(Duration.ofSeconds(5)).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 seconds")
                .hasMessageContaining("clientId");
        assertThatThrownBy(() ->
                        broker.subscriber().sessionExpiry(Duration.ofSeconds(5)).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clientId");
    }

    @ParameterizedTest
    @CsvSource({"true, 5", "false, 0"})
    void shouldRefuseWhatTheOneFlagOfMqtt311CannotSay(boolean cleanStart, int expirySeconds) {
        assertThatThrownBy(() -> broker.subscriber()
                        .version(MqttVersion.V3_1_1)
                        .clientId("s")
                        .cleanStart(cleanStart)
                        .sessionExpiry(Duration.ofSeconds(expirySeconds))
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cleanStart is " + cleanStart)
                .hasMessageContaining("MQTT 3.1.1");
    }

    // ---- identifiers

    @Test
    void shouldRefuseAClientIdentifierThatTheWireCannotCarry() {
        String longest = "é".repeat(32_767);
        assertThat(builders()).allSatisfy(builder -> {
            builder.clientId(longest);
            assertThatThrownBy(() -> builder.clientId(longest + "ab"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65536 bytes");
        });
    }

    @Test
    void shouldChooseAnIdentifierThatEveryBrokerOfMqtt311Takes() {
        String first = connectOf(broker.publisher().version(MqttVersion.V3_1_1)).clientId();
        String second =
                connectOf(broker.subscriber().version(MqttVersion.V3_1_1)).clientId();
        assertThat(first).matches("[0-9a-zA-Z]{1,23}").isNotEqualTo(second);
    }

    // ---- wills

    @Test
    void shouldStateTheWill() {
        Message will = Message.builder("somewhere/else")
                .payload("gone")
                .qos(QoS.EXACTLY_ONCE)
                .retained(true)
                .expiry(Duration.ofSeconds(7))
                .contentType("text/plain")
                .correlationData(ByteBuffer.wrap(new byte[] {1}))
                .userProperty("a", "1")
                .build();
        assertThat(connectOf(broker.publisher().will(will, Duration.ofSeconds(3)))
                        .will())
                .isEqualTo(new Packet.Will(
                        QoS.EXACTLY_ONCE,
                        true,
                        Properties.builder()
                                .set(Property.WILL_DELAY_INTERVAL, 3)
                                .set(Property.MESSAGE_EXPIRY_INTERVAL, 7)
                                .set(Property.CONTENT_TYPE, "text/plain")
                                .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1}))
                                .userProperty("a", "1")
                                .build(),
                        "somewhere/else",
                        ScriptedBroker.utf8("gone")));
    }

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldStateAPlainWillInEveryVersion(MqttVersion version) {
        Packet.Connect connect = connectOf(broker.subscriber().version(version).will(Message.of("gone", "s")));
        assertThat(connect.will())
                .isEqualTo(
                        new Packet.Will(QoS.AT_LEAST_ONCE, false, Properties.NONE, "gone", ScriptedBroker.utf8("s")));
    }

    @Test
    void shouldRefuseWillsThatCannotBeOne() {
        assertThat(builders()).allSatisfy(builder -> {
            assertThatThrownBy(() -> builder.will(Message.of("a/+", "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a/+");
            assertThatThrownBy(() -> builder.will(Message.of("a", new byte[65_536])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65536");
            assertThatThrownBy(() -> builder.will(Message.of("a", "x"), Duration.ofMillis(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT0.001S");
        });
        assertThatThrownBy(() -> broker.publisher()
                        .version(MqttVersion.V3_1_1)
                        .will(Message.of("a", "x"), Duration.ofSeconds(1))
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("WILL_DELAY_INTERVAL")
                .hasMessageContaining("MQTT 3.1.1");
    }

    // ---- MQTT 3.1.1

    @Test
    void shouldRefuseInMqtt311WhatItHasNoPlaceFor() {
        try (Publisher publisher =
                broker.publisher().version(MqttVersion.V3_1_1).open()) {
            assertThatThrownBy(() -> publisher.publish(
                            Message.builder("t").contentType("text/plain").build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("properties")
                    .hasMessageContaining("MQTT 3.1.1");
            assertThatThrownBy(() -> publisher.publish(
                            Message.builder("t").expiry(Duration.ofSeconds(1)).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("an expiry");
        }
        assertThatThrownBy(() -> broker.subscriber()
                        .version(MqttVersion.V3_1_1)
                        .retainHandling(RetainHandling.DO_NOT_SEND)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DO_NOT_SEND");
        assertThatThrownBy(() -> broker.subscriber()
                        .version(MqttVersion.V3_1_1)
                        .retainAsPublished(true)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("retainAsPublished true");
    }

    @Test
    void shouldRefuseAReplayThatCannotBe() {
        for (int messages : new int[] {0, -1, 65_536}) {
            assertThatThrownBy(() -> broker.subscriber().replay(messages))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("replay must be 1 to 65535, but is " + messages);
        }
        assertThatThrownBy(() -> broker.subscriber()
                        .version(MqttVersion.V3_1_1)
                        .replay(1)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3.1.1");
        assertThatThrownBy(() -> broker.subscriber()
                        .retainHandling(RetainHandling.DO_NOT_SEND)
                        .replay(1)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DO_NOT_SEND");
        assertThatThrownBy(
                        () -> broker.subscriber().topic("$share/g/t").replay(1).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("$share/g/t");
    }
}
