package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When wills are published, and when not. */
class BrokerWillTest {

    private final BrokerFixture fixture = new BrokerFixture();
    private WireClient mourner;

    @BeforeEach
    void subscribe() {
        mourner = fixture.connect("mourner");
        mourner.subscribe(EXACTLY_ONCE, "will");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private WireClient connect(int delay, long expiry, boolean cleanStart) {
        Properties ofWill = Properties.builder()
                .set(Property.WILL_DELAY_INTERVAL, delay)
                .userProperty("a", "b")
                .build();
        Packet.Will will = new Packet.Will(EXACTLY_ONCE, true, ofWill, "will", ByteBuffer.wrap(new byte[] {'x'}));
        Properties properties = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, expiry)
                .build();
        return fixture.connect(
                new Packet.Connect(ProtocolVersion.MQTT_5, cleanStart, 10, properties, "c", will, null, null));
    }

    private void expectWill() {
        Packet.Publish will = mourner.expectMessage("will", "x");
        assertThat(will.qos()).isEqualTo(EXACTLY_ONCE);
        assertThat(will.properties().userProperties()).hasSize(1);
        assertThat(will.properties().has(Property.WILL_DELAY_INTERVAL)).isFalse();
        assertThat(fixture.broker.stats().retainedMessages()).isEqualTo(1);
    }

    @Test
    void shouldPublishAtOnceWithoutADelay() {
        connect(0, 60, true).cut();
        expectWill();
    }

    /** The most usual use of a will: presence. */
    @Test
    void shouldPublishBeforeAnythingThatTheClientSaysWhenItIsBack() {
        connect(0, 60, true);
        Packet.Connect again = BrokerFixture.resume("c", 60);
        Packet.Publish here = WireClient.publishPacket("will", "here", AT_LEAST_ONCE, true, Properties.NONE);
        ByteBuffer together = ByteBuffer.allocate(200)
                .put(PacketEncoder.encode(again, ProtocolVersion.MQTT_5))
                .put(PacketEncoder.encode(here, ProtocolVersion.MQTT_5));

        fixture.open().send(together.flip());

        mourner.expectMessage("will", "x");
        mourner.expectMessage("will", "here");
        mourner.expectNothing();
        WireClient late = fixture.connect("late");
        late.subscribe(AT_LEAST_ONCE, "will");
        late.expectMessage("will", "here");
    }

    @Test
    void shouldPublishAfterTheDelay() {
        connect(5, 60, true).cut();
        fixture.advance(Duration.ofMillis(4_999));
        mourner.expectNothing();
        fixture.advance(Duration.ofMillis(1));
        expectWill();
    }

    @Test
    void shouldPublishWithTheEndOfTheSessionAtTheLatest() {
        connect(50, 5, true).cut();
        fixture.advance(Duration.ofMillis(4_999));
        mourner.expectNothing();
        fixture.advance(Duration.ofMillis(1));
        expectWill();

        connect(50, 0, true).cut();
        expectWill();
    }

    @Test
    void shouldNotPublishForAClientThatComesBackInTime() {
        connect(5, 60, true).cut();
        connect(5, 60, false).send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        fixture.advance(Duration.ofSeconds(120));
        mourner.expectNothing();
    }

    @Test
    void shouldPublishWhenACleanStartEndsTheSession() {
        connect(5, 60, true).cut();
        connect(5, 60, true);
        expectWill();
    }

    @Test
    void shouldPublishOnATakeoverOnlyWithoutADelay() {
        connect(0, 60, true);
        WireClient second = connect(5, 60, false);
        expectWill();
        connect(5, 60, false);
        second.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
        fixture.advance(Duration.ofSeconds(14));
        mourner.expectNothing();
    }

    @Test
    void shouldPublishForSilenceAndForADisconnectThatAsksForIt() {
        WireClient silent = connect(0, 0, true);
        fixture.advance(Duration.ofSeconds(15));
        expectWill();
        assertThat(silent.isClosed()).isTrue();

        connect(0, 0, true)
                .send(new Packet.Disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE, Properties.NONE))
                .expectClosed();
        expectWill();
    }

    @Test
    void shouldNotPublishAfterANormalDisconnect() {
        connect(0, 60, true)
                .send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE))
                .expectClosed();
        fixture.advance(Duration.ofSeconds(120));
        mourner.expectNothing();
    }

    @Test
    void shouldTellOfAWillThatThereIsNoRoomFor() {
        try (BrokerFixture full = new BrokerFixture(b -> b.limits(l -> l.maxTopics(1)))) {
            full.connect("p").publish("a", "x", AT_LEAST_ONCE, false);
            Packet.Will will =
                    new Packet.Will(EXACTLY_ONCE, true, Properties.NONE, "will", ByteBuffer.wrap(new byte[] {'x'}));
            full.connect(new Packet.Connect(ProtocolVersion.MQTT_5, true, 10, Properties.NONE, "c", will, null, null))
                    .cut();
            assertThat(full.broker.stats().refusals()).isEqualTo(1);
        }
    }
}
