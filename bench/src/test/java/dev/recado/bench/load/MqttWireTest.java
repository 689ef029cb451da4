package dev.recado.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MqttWireTest {

    private final MqttWire wire = new MqttWire();
    private final Acknowledgements sent = new Acknowledgements();
    private final Inbound inbound = wire.inbound(sent);

    private static final class Acknowledgements implements Replies {
        final List<String> all = new ArrayList<>();

        @Override
        public void acknowledge(int first, int packetId) {
            all.add("%02x %d".formatted(first, packetId));
        }

        @Override
        public void send(byte[] packet) {
            throw new AssertionError("MQTT asks for nothing else");
        }
    }

    @Test
    void shouldCountMessagesHoweverTheyAreCut() throws IOException {
        ByteArrayOutputStream three = new ByteArrayOutputStream();
        three.writeBytes(wire.publish("a/b", new byte[16], 0, false));
        three.writeBytes(wire.publish("a/b", new byte[300], 0, false)); // Remaining Length of two bytes
        three.writeBytes(wire.publish("a/b", new byte[0], 0, false));
        byte[] bytes = three.toByteArray();
        for (int cut = 0; cut <= bytes.length; cut++) {
            Inbound counter = wire.inbound(sent);
            ByteBuffer buffer =
                    ByteBuffer.allocate(bytes.length).put(bytes, 0, cut).flip();
            counter.count(buffer);
            buffer.compact().put(bytes, cut, bytes.length - cut).flip();
            counter.count(buffer);

            assertThat(counter.messages()).as("cut at %d", cut).isEqualTo(3);
            assertThat(buffer.remaining()).isZero();
        }
    }

    @Test
    void shouldLeaveAPacketThatIsNotWhole() throws IOException {
        byte[] message = wire.publish("a/b", new byte[16], 0, false);
        ByteBuffer buffer = ByteBuffer.wrap(message, 0, message.length - 1);

        inbound.count(buffer);

        assertThat(inbound.messages()).isZero();
        assertThat(buffer.position()).isZero();
    }

    @Test
    void shouldAcknowledgeWhatItReceivesAndFinishWhatItSent() throws IOException {
        inbound.count(ByteBuffer.wrap(wire.publish("a/b", new byte[2], 1, false)));
        inbound.count(ByteBuffer.wrap(wire.publish("a/b", new byte[2], 2, false)));
        inbound.count(ByteBuffer.wrap(new byte[] {0x62, 2, 0, 1})); // PUBREL 1
        inbound.count(ByteBuffer.wrap(new byte[] {0x50, 2, 1, 0})); // PUBREC 256
        assertThat(inbound.completed()).isZero();
        inbound.count(ByteBuffer.wrap(new byte[] {0x40, 2, 0, 7, 0x70, 2, 1, 0})); // PUBACK 7, PUBCOMP 256

        assertThat(sent.all).containsExactly("40 1", "50 1", "70 1", "62 256");
        assertThat(inbound.messages()).isEqualTo(2);
        assertThat(inbound.completed()).isEqualTo(2);
    }

    @Test
    void shouldSayWhatTheBrokerRefuses() {
        assertThatThrownBy(() -> inbound.count(ByteBuffer.wrap(new byte[] {0x20, 2, 0, 5})))
                .isInstanceOf(IOException.class)
                .hasMessage("the broker refused a CONNECT with code 5");
        assertThatThrownBy(() -> inbound.count(ByteBuffer.wrap(new byte[] {(byte) 0x90, 3, 0, 1, (byte) 0x80})))
                .hasMessage("the broker refused a SUBSCRIBE with code 128");
    }

    @Test
    void shouldRefuseAnEndlessRemainingLength() {
        byte[] endless = {0x30, -1, -1, -1, -1, -1, 1};
        assertThatThrownBy(() -> inbound.count(ByteBuffer.wrap(endless)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 4 bytes");
    }
}
