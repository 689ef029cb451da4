package dev.recado.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NatsWireTest {

    private final NatsWire wire = new NatsWire();
    private final List<String> sent = new ArrayList<>();
    private final Replies replies = new Replies() {
        @Override
        public void acknowledge(int first, int packetId) {
            throw new AssertionError("NATS has no acknowledgements");
        }

        @Override
        public void send(byte[] packet) {
            sent.add(new String(packet, StandardCharsets.US_ASCII));
        }
    };

    @Test
    void shouldCountMessagesHoweverTheyAreCut() throws IOException {
        byte[] bytes = ascii("INFO {}\r\nMSG a.b 1 3\r\nabc\r\nMSG a.b 1 3\r\nMSG\r\nMSG c 1 0\r\n\r\nPONG\r\n");
        for (int cut = 0; cut <= bytes.length; cut++) {
            Inbound counter = wire.inbound(replies);
            ByteBuffer buffer =
                    ByteBuffer.allocate(bytes.length).put(bytes, 0, cut).flip();
            counter.count(buffer);
            buffer.compact().put(bytes, cut, bytes.length - cut).flip();
            counter.count(buffer);

            assertThat(counter.messages()).as("cut at %d", cut).isEqualTo(3);
            assertThat(counter.replies()).as("cut at %d", cut).isEqualTo(1);
            assertThat(buffer.remaining()).isZero();
        }
    }

    @Test
    void shouldAnswerAPing() throws IOException {
        wire.inbound(replies).count(ByteBuffer.wrap(ascii("PING\r\n")));

        assertThat(sent).containsExactly("PONG\r\n");
    }

    @Test
    void shouldSayWhatTheBrokerRefuses() {
        assertThatThrownBy(() -> wire.inbound(replies).count(ByteBuffer.wrap(ascii("-ERR 'Slow Consumer'\r\n"))))
                .isInstanceOf(IOException.class)
                .hasMessage("the broker said -ERR 'Slow Consumer'");
    }

    @Test
    void shouldWriteTopicsAsSubjects() {
        assertThat(wire.publish("a/b", ascii("hi"), 0, false)).isEqualTo(ascii("PUB a.b 2\r\nhi\r\n"));
        assertThat(wire.subscribe(7, "a/+/#", 0)).isEqualTo(ascii("SUB a.*.> 7\r\nPING\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
