package dev.recado.bench.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A publisher's messages, all of one length, encoded before the clock runs and sent round and round in batches. */
public final class MessageRing {

    private static final int HIGHEST_ID = 0xFFFF;

    private final ByteBuffer bytes;
    private final int messageLength;
    private final int messages;
    private final int batchMessages;

    /** From a message's beginning; negative at QoS 0. */
    private final int idOffset;

    private int next;
    private int lastId;

    /**
     * Encodes the messages.
     *
     * @param topics all of one length; a message for each, or as many as a batch has
     * @param batchBytes about as much is sent with one system call
     */
    public MessageRing(Wire wire, List<String> topics, int payloadLength, int qos, boolean retain, int batchBytes) {
        byte[] payload = new byte[payloadLength];
        Arrays.fill(payload, (byte) 'x');
        messageLength = wire.publish(topics.get(0), payload, qos, retain).length;
        batchMessages = Math.max(1, batchBytes / messageLength);
        messages = topics.size() == 1 ? batchMessages : topics.size();
        bytes = ByteBuffer.allocateDirect(messages * messageLength);
        for (int i = 0; i < messages; i++) {
            byte[] message = wire.publish(topics.get(i % topics.size()), payload, qos, retain);
            if (message.length != messageLength) {
                throw new IllegalArgumentException("topic '" + topics.get(i % topics.size()) + "' makes a message of "
                        + message.length + " bytes, the first is of " + messageLength);
            }
            bytes.put(message);
        }
        bytes.clear();
        idOffset = qos == 0 ? -1 : messageLength - wire.trailer() - payloadLength - 2;
    }

    public int messageLength() {
        return messageLength;
    }

    /** How many messages the next batch would have. */
    int nextCount(long allowed) {
        return (int) Math.min(allowed, Math.min(batchMessages, messages - next));
    }

    int batchMessages() {
        return batchMessages;
    }

    /** The next so many messages; valid until they have been sent. */
    ByteBuffer take(int count) {
        ByteBuffer batch = bytes.limit((next + count) * messageLength).position(next * messageLength);
        if (idOffset >= 0) {
            for (int i = next; i < next + count; i++) {
                lastId = lastId == HIGHEST_ID ? 1 : lastId + 1;
                bytes.putShort(i * messageLength + idOffset, (short) lastId);
            }
        }
        next = (next + count) % messages;
        return batch;
    }
}
