package dev.recado.testkit;

import dev.recado.testkit.internal.Eventually;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/** A plain TCP socket at the other side: it can do what a well-behaved transport never would. */
final class RawPeer implements AutoCloseable {

    private final Socket socket;
    private boolean closed;

    RawPeer(Socket socket, Duration readTimeout) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(readTimeout.toMillis()));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes so that the other side sees a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        close();
    }

    byte[] read(String rule, int count) {
        try {
            byte[] bytes = socket.getInputStream().readNBytes(count);
            if (bytes.length < count) {
                throw new AssertionError(rule + ": the peer must get " + count + " bytes, but got " + bytes.length);
            }
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(rule + ": the peer must get " + count + " bytes, but its read failed: " + e, e);
        }
    }

    /** Everything up to the orderly end of the stream. */
    byte[] readToEnd(String rule) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(
                    rule + ": the peer must get every byte and then the end of the stream, but its read failed: " + e,
                    e);
        }
    }

    /** Waits until the other side is gone, by an end or a reset, whatever comes before. */
    void awaitGone(String rule) {
        try {
            socket.getInputStream().skip(Long.MAX_VALUE);
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError(rule + ": the socket must be closed, but its peer still sees it open", e);
        } catch (IOException reset) {
            return;
        }
    }

    /** Writes until the other side's reset makes it fail: it has no socket left that would take the bytes. */
    void awaitRefusal(String rule, Duration bound) {
        boolean refused = Eventually.holds(bound, () -> {
            try {
                write(new byte[] {0});
                return false;
            } catch (IOException e) {
                return true;
            }
        });
        if (!refused) {
            throw new AssertionError(rule + ": the socket must be closed, but it still takes bytes from its peer");
        }
    }

    boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
    }
}
