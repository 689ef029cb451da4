package dev.recado.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageRingTest {

    private static final int PAYLOAD = 16;

    @Test
    void shouldGoRoundItsTopicsInOrder() {
        MessageRing ring = new MessageRing(new MqttWire(), List.of("t/1", "t/2", "t/3"), PAYLOAD, 0, false, 1 << 14);

        assertThat(ring.nextCount(2)).isEqualTo(2);
        assertThat(topics(ring, ring.take(2))).containsExactly("t/1", "t/2");
        assertThat(ring.nextCount(9)).as("to the end, and not round it").isEqualTo(1);
        assertThat(topics(ring, ring.take(1))).containsExactly("t/3");
        assertThat(topics(ring, ring.take(1))).containsExactly("t/1");
    }

    @Test
    void shouldUseEveryPacketIdentifierButZero() {
        MessageRing ring = new MessageRing(new MqttWire(), List.of("t"), PAYLOAD, 1, false, 1 << 10);
        int idAt = ring.messageLength() - PAYLOAD - 2;
        for (int expected = 1; expected <= 0xFFFF; expected++) {
            ByteBuffer one = ring.take(1);
            assertThat(one.getShort(one.position() + idAt) & 0xFFFF).isEqualTo(expected);
        }
        ByteBuffer one = ring.take(1);
        assertThat(one.getShort(one.position() + idAt)).isEqualTo((short) 1);
    }

    @Test
    void shouldRefuseMessagesOfDifferentLengths() {
        List<String> topics = List.of("t/9", "t/10");
        assertThatThrownBy(() -> new MessageRing(new MqttWire(), topics, PAYLOAD, 0, false, 1 << 14))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("topic 't/10' makes a message of 24 bytes, the first is of 23");
    }

    private static List<String> topics(MessageRing ring, ByteBuffer batch) {
        List<String> names = new ArrayList<>();
        for (int at = batch.position(); at < batch.limit(); at += ring.messageLength()) {
            byte[] name = new byte[batch.getShort(at + 2)];
            batch.get(at + 4, name);
            names.add(new String(name, StandardCharsets.UTF_8));
        }
        return names;
    }
}
