package dev.recado.testkit;

import java.nio.ByteBuffer;

/**
 * Messages that several writers put into one stream: {@code writer (4) | sequence (4) | length (4) | content}, written as
 * three buffers, so that a torn write or a lost order shows.
 */
final class Frames {

    private static final int HEADER = 12;

    private Frames() {}

    static int contentLength(int writer, int sequence) {
        return 1 + (writer * 7919 + sequence * 104_729) % 3000;
    }

    static ByteBuffer[] frame(int writer, int sequence) {
        int length = contentLength(writer, sequence);
        byte[] content = Bytes.pattern(writer * 31 + sequence, length);
        ByteBuffer header = ByteBuffer.allocate(HEADER)
                .putInt(writer)
                .putInt(sequence)
                .putInt(length)
                .flip();
        return new ByteBuffer[] {
            header, ByteBuffer.wrap(content, 0, length / 2), ByteBuffer.wrap(content, length / 2, length - length / 2)
        };
    }

    static int totalLength(int writers, int each) {
        int total = 0;
        for (int writer = 0; writer < writers; writer++) {
            for (int sequence = 0; sequence < each; sequence++) {
                total += HEADER + contentLength(writer, sequence);
            }
        }
        return total;
    }

    /** What is wrong with a stream of such frames, or {@code null}. */
    static String flaw(byte[] stream, int writers) {
        int[] next = new int[writers];
        ByteBuffer bytes = ByteBuffer.wrap(stream);
        while (bytes.hasRemaining()) {
            int at = bytes.position();
            if (bytes.remaining() < HEADER) {
                return "a torn header at byte " + at;
            }
            int writer = bytes.getInt();
            int sequence = bytes.getInt();
            int length = bytes.getInt();
            if (writer < 0 || writer >= writers || length != contentLength(writer, sequence)) {
                return "a torn write at byte " + at;
            }
            if (sequence != next[writer]++) {
                return "write " + sequence + " of writer " + writer + " where " + (next[writer] - 1) + " was due";
            }
            byte[] content = new byte[Math.min(length, bytes.remaining())];
            bytes.get(content);
            if (content.length < length
                    || Bytes.difference(Bytes.pattern(writer * 31 + sequence, length), content) != null) {
                return "torn content of write " + sequence + " of writer " + writer + " at byte " + at;
            }
        }
        return null;
    }
}
