package dev.recado.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The NATS protocol. A PING goes behind what has no answer of its own; its PONG is the reply. */
public final class NatsWire implements Wire {

    private static final byte[] PONG = ascii("PONG\r\n");
    private static final int END_OF_LINE = 2;
    private static final int LONGEST_LINE = 8192;

    @Override
    public byte[] connect(String clientId) {
        return ascii("CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true,\"lang\":\"bench\",\"version\":\"1\","
                + "\"protocol\":1,\"name\":\"" + clientId + "\"}\r\nPING\r\n");
    }

    @Override
    public byte[] subscribe(int id, String filter, int qos) {
        requireQos0(qos);
        return ascii("SUB " + subject(filter) + " " + id + "\r\nPING\r\n");
    }

    @Override
    public byte[] unsubscribe(int id, String filter) {
        return ascii("UNSUB " + id + "\r\nPING\r\n");
    }

    @Override
    public byte[] publish(String topic, byte[] payload, int qos, boolean retain) {
        requireQos0(qos);
        if (retain) {
            throw new IllegalArgumentException("NATS has no retained messages");
        }
        byte[] head = ascii("PUB " + subject(topic) + " " + payload.length + "\r\n");
        byte[] packet = Arrays.copyOf(head, head.length + payload.length + END_OF_LINE);
        System.arraycopy(payload, 0, packet, head.length, payload.length);
        packet[packet.length - 2] = '\r';
        packet[packet.length - 1] = '\n';
        return packet;
    }

    @Override
    public int trailer() {
        return END_OF_LINE;
    }

    @Override
    public Inbound inbound(Replies replies) {
        return new Counter(replies);
    }

    private static void requireQos0(int qos) {
        if (qos != 0) {
            throw new IllegalArgumentException("NATS has no QoS " + qos);
        }
    }

    private static String subject(String topic) {
        return topic.replace('/', '.').replace('#', '>').replace('+', '*');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** <pre>MSG subject sid length\r\npayload\r\n | PING\r\n | PONG\r\n | INFO ...\r\n | +OK\r\n | -ERR ...\r\n</pre> */
    private static final class Counter extends Inbound {

        private final Replies out;

        /** The last MSG line, for the next is mostly the same; and the whole message's length. */
        private ByteBuffer lastLine = ByteBuffer.allocate(0);

        private int lastLength;

        Counter(Replies out) {
            this.out = out;
        }

        @Override
        void count(ByteBuffer bytes) throws IOException {
            while (one(bytes)) {}
        }

        private boolean one(ByteBuffer bytes) throws IOException {
            int at = bytes.position();
            int left = bytes.remaining();
            int known = lastLine.limit();
            if (known > 0 && left >= known && bytes.slice(at, known).equals(lastLine)) {
                return message(bytes, at, lastLength);
            }
            int lineEnd = lineEnd(bytes, at);
            if (lineEnd < 0) {
                return false;
            }
            switch (bytes.get(at)) {
                case 'M' -> {
                    remember(bytes, at, lineEnd);
                    return message(bytes, at, lastLength);
                }
                case 'P' -> {
                    if (bytes.get(at + 1) == 'I') {
                        out.send(PONG);
                    } else {
                        replies++;
                    }
                }
                case '-' -> throw new IOException("the broker said " + line(bytes, at, lineEnd));
                default -> {} // INFO, +OK
            }
            bytes.position(lineEnd);
            return true;
        }

        private boolean message(ByteBuffer bytes, int at, int length) {
            if (bytes.limit() - at < length) {
                return false;
            }
            messages++;
            if (listener != null) {
                listener.message(bytes, at + length - END_OF_LINE);
            }
            bytes.position(at + length);
            return true;
        }

        private void remember(ByteBuffer bytes, int at, int lineEnd) {
            String line = line(bytes, at, lineEnd);
            int payload = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
            lastLine = ByteBuffer.wrap(ascii(line + "\r\n"));
            lastLength = lineEnd - at + payload + END_OF_LINE;
        }

        /** Index behind the line's end; -1 when it has not come yet. */
        private static int lineEnd(ByteBuffer bytes, int at) throws IOException {
            for (int i = at; i < bytes.limit(); i++) {
                if (bytes.get(i) == '\n') {
                    return i + 1;
                }
            }
            if (bytes.limit() - at > LONGEST_LINE) {
                throw new IOException("the broker sent a line of more than " + LONGEST_LINE + " bytes");
            }
            return -1;
        }

        private static String line(ByteBuffer bytes, int at, int lineEnd) {
            byte[] line = new byte[lineEnd - END_OF_LINE - at];
            bytes.get(at, line);
            return new String(line, StandardCharsets.US_ASCII);
        }
    }
}
