package dev.recado.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** MQTT 3.1.1, which all the brokers here speak. */
public final class MqttWire implements Wire {

    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBREC = 5;
    private static final int PUBREL = 6;
    private static final int PUBCOMP = 7;
    private static final int SUBACK = 9;
    private static final int UNSUBACK = 11;

    private static final int SUBSCRIBE_FIRST = 0x82;
    private static final int UNSUBSCRIBE_FIRST = 0xA2;
    private static final int PUBREL_FIRST = 0x62;
    private static final int FAILURE = 0x80;

    @Override
    public byte[] connect(String clientId) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(4); // level: 3.1.1
        body.write(2); // clean session
        u16(body, 0); // no keep alive
        text(body, clientId);
        return packet(1 << 4, body);
    }

    @Override
    public byte[] subscribe(int id, String filter, int qos) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        u16(body, id);
        text(body, filter);
        body.write(qos);
        return packet(SUBSCRIBE_FIRST, body);
    }

    @Override
    public byte[] unsubscribe(int id, String filter) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        u16(body, id);
        text(body, filter);
        return packet(UNSUBSCRIBE_FIRST, body);
    }

    @Override
    public byte[] publish(String topic, byte[] payload, int qos, boolean retain) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, topic);
        if (qos > 0) {
            u16(body, 1);
        }
        body.writeBytes(payload);
        return packet(PUBLISH << 4 | qos << 1 | (retain ? 1 : 0), body);
    }

    @Override
    public int trailer() {
        return 0;
    }

    @Override
    public Inbound inbound(Replies replies) {
        return new Counter(replies);
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        u16(out, utf8.length);
        out.writeBytes(utf8);
    }

    private static void u16(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    private static byte[] packet(int first, ByteArrayOutputStream body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        int rest = body.size();
        do {
            int septet = rest & 0x7F;
            rest >>>= 7;
            out.write(rest == 0 ? septet : septet | 0x80);
        } while (rest > 0);
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    /** <pre>| type: 4 bits | flags: 4 bits | remaining length: 1 to 4 | ... |</pre> */
    private static final class Counter extends Inbound {

        private final Replies out;

        Counter(Replies out) {
            this.out = out;
        }

        @Override
        void count(ByteBuffer bytes) throws IOException {
            int at = bytes.position();
            int limit = bytes.limit();
            while (limit - at >= 2) {
                int body = at + 1;
                int length = bytes.get(body++);
                if (length < 0) {
                    length &= 0x7F;
                    for (int shift = 7, more = -1; more < 0; shift += 7) {
                        if (body == limit) {
                            bytes.position(at);
                            return;
                        }
                        if (shift > 21) {
                            throw new IOException("the broker sent a Remaining Length of more than 4 bytes");
                        }
                        more = bytes.get(body++);
                        length |= (more & 0x7F) << shift;
                    }
                }
                if (length > limit - body) {
                    break;
                }
                packet(bytes, bytes.get(at), body, body + length);
                at = body + length;
            }
            bytes.position(at);
        }

        private void packet(ByteBuffer bytes, int first, int body, int end) throws IOException {
            switch (first >>> 4 & 0xF) {
                case PUBLISH -> {
                    messages++;
                    if (listener != null) {
                        listener.message(bytes, end);
                    }
                    int qos = first >>> 1 & 3;
                    if (qos > 0) {
                        int id = bytes.getShort(body + 2 + bytes.getShort(body)) & 0xFFFF;
                        out.acknowledge((qos == 1 ? PUBACK : PUBREC) << 4, id);
                    }
                }
                case PUBACK, PUBCOMP -> completed++;
                case PUBREC -> out.acknowledge(PUBREL_FIRST, bytes.getShort(body) & 0xFFFF);
                case PUBREL -> out.acknowledge(PUBCOMP << 4, bytes.getShort(body) & 0xFFFF);
                case CONNACK -> reply(bytes.get(body + 1) == 0, "CONNECT", bytes.get(body + 1));
                case SUBACK -> reply((bytes.get(body + 2) & FAILURE) == 0, "SUBSCRIBE", bytes.get(body + 2));
                case UNSUBACK -> replies++;
                default -> throw new IOException("the broker sent a packet that begins with " + (first & 0xFF));
            }
        }

        private void reply(boolean success, String what, int code) throws IOException {
            if (!success) {
                throw new IOException("the broker refused a " + what + " with code " + (code & 0xFF));
            }
            replies++;
        }
    }
}
