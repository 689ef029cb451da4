package dev.recado.core.tls;

import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** The other end of a {@link Wire}: the JDK's engine by itself, which does what a polite layer would not. */
final class EnginePeer implements ConnectionHandler {

    final SSLEngine engine;
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    Throwable failure;
    boolean closed;

    private final Connection connection;
    private ByteBuffer in = ByteBuffer.allocate(200_000).limit(0);

    EnginePeer(SSLEngine engine, Connection connection) {
        this.engine = engine;
        this.connection = connection;
    }

    @Override
    public void opened() {
        proceed(() -> {
            engine.beginHandshake();
            handshake();
        });
    }

    @Override
    public void received(ByteBuffer bytes) {
        in.compact().put(bytes).flip();
        proceed(this::handshake);
    }

    @Override
    public void drained() {}

    @Override
    public void closed(Throwable cause) {
        closed = true;
    }

    /** What may fail, and then is remembered. */
    @FunctionalInterface
    interface Step {
        void run() throws SSLException;
    }

    private void proceed(Step step) {
        try {
            step.run();
        } catch (SSLException e) {
            failure = e;
        }
        connection.flush();
    }

    /** Another handshake in TLS 1.2, an update of keys in TLS 1.3. */
    void beginAgain() {
        proceed(() -> {
            engine.beginHandshake();
            wrap(ByteBuffer.allocate(0));
        });
    }

    void send(byte[] bytes) {
        proceed(() -> {
            ByteBuffer source = ByteBuffer.wrap(bytes);
            while (source.hasRemaining()) {
                wrap(source);
            }
        });
    }

    /** Says {@code close_notify}, and leaves the connection open. */
    void sayClose() {
        proceed(() -> {
            engine.closeOutbound();
            wrap(ByteBuffer.allocate(0));
        });
    }

    private void handshake() throws SSLException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                if (wrap(ByteBuffer.allocate(0)).bytesProduced() == 0) {
                    return;
                }
            } else if (unwrap().bytesConsumed() == 0) {
                return;
            }
        }
    }

    private SSLEngineResult wrap(ByteBuffer source) throws SSLException {
        ByteBuffer sealed = ByteBuffer.allocate(40_000);
        SSLEngineResult result = engine.wrap(source, sealed);
        connection.write(sealed.flip());
        return result;
    }

    private SSLEngineResult unwrap() throws SSLException {
        ByteBuffer plain = ByteBuffer.allocate(40_000);
        SSLEngineResult result = engine.unwrap(in, plain);
        received.write(plain.array(), 0, plain.position());
        return result;
    }
}
