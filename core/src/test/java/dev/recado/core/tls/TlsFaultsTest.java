package dev.recado.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.recado.Tls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers that throw, and engines that fail: both cost their connection, and nobody else anything. */
class TlsFaultsTest extends TlsRig {

    // ---- Handlers (T19)

    private static final RuntimeException THROWN = new IllegalStateException("thrown by the test");

    private static final Consumer<Side> THROWING = side -> {
        throw THROWN;
    };

    /** It was told, last of all and once, what it had thrown; and the peer noticed that the connection broke. */
    private void shouldHaveLost(Side side, Side other) {
        assertThat(side.calls).endsWith("closed").containsOnlyOnce("closed");
        assertThat(side.cause).isSameAs(THROWN);
        assertThat(other.calls).endsWith("closed").containsOnlyOnce("closed");
        assertThat(other.cause).isInstanceOf(IOException.class);
        assertThat(timers.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldCloseWithWhatAHandlerThrowsWhenItIsOpened(String protocol) throws Exception {
        prepare(protocol);
        client.whenOpened = side -> side.send(pattern(10));
        server.whenOpened = THROWING;
        run();

        assertThat(server.calls).containsExactly("opened", "closed");
        shouldHaveLost(server, client);
    }

    @Test
    void shouldCloseWithWhatAHandlerThrows() throws Exception {
        open("TLSv1.3");
        server.whenReceived = THROWING;
        client.send(pattern(10));
        run();

        assertThat(server.calls).containsExactly("opened", "received", "closed");
        shouldHaveLost(server, client);
    }

    /** The server is to be told of bytes that wait, by a task of the executor. */
    private void openWithBytesForTheExecutor() throws IOException {
        open("TLSv1.3");
        server.whenReceived = side -> side.connection.pauseReading();
        client.send(pattern(90_000));
        run();
        assertThat(server.calls).containsExactly("opened", "received");
        server.connection.resumeReading();
        assertThat(tasks.waiting()).isEqualTo(1);
    }

    @Test
    void shouldCloseWithWhatAHandlerThrowsOnTheExecutor() throws Exception {
        openWithBytesForTheExecutor();
        server.whenReceived = THROWING;
        run();

        assertThat(server.calls).containsExactly("opened", "received", "received", "closed");
        shouldHaveLost(server, client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldCloseWithWhatAHandlerThrowsWhenItHasDrained(String protocol) throws Exception {
        open(protocol);
        server.whenDrained = THROWING;
        client.send(pattern(10));
        // As the transport calls it; what it throws must not come out here.
        wire.server.handler.drained();
        run();

        assertThat(server.calls).as("nothing after drained but the end").containsExactly("opened", "drained", "closed");
        shouldHaveLost(server, client);
    }

    @Test
    void shouldTellNobodyThatTheHandshakeHasDrained() throws Exception {
        prepare("TLSv1.3");
        server.whenDrained = THROWING;
        wire.step(() -> Integer.MAX_VALUE);
        wire.server.handler.drained();
        run();

        assertThat(server.calls).containsExactly("opened");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldKeepToItselfWhatAHandlerThrowsWhenItIsClosed(String protocol) throws Exception {
        open(protocol);
        server.whenClosed = THROWING;
        client.whenClosed = THROWING;
        client.send(pattern(10));
        client.connection.close();
        // The transport's calls return, or this would throw.
        run();

        assertThat(server.calls).containsExactly("opened", "received", "closed");
        assertThat(client.calls).containsExactly("opened", "closed");
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @Test
    void shouldKeepItFromTheExecutorToo() throws Exception {
        openWithBytesForTheExecutor();
        server.whenReceived = side -> wire.server.handler.closed(null);
        server.whenClosed = THROWING;
        // It has the turn when the transport ends the connection, so it tells of the end. Or this would throw.
        tasks.runNext();

        assertThat(server.calls).startsWith("opened", "received", "received").endsWith("closed");
    }

    // ---- Engines

    /** Fails to encrypt from some moment on. */
    private static final class Failing extends OddEngine {

        private Throwable failure;

        Failing(SSLEngine real) {
            super(real);
        }

        @Override
        public SSLEngineResult wrap(ByteBuffer source, ByteBuffer target) throws SSLException {
            if (failure instanceof SSLException e) {
                throw e;
            } else if (failure instanceof RuntimeException e) {
                throw e;
            } else if (failure instanceof Error e) {
                throw e;
            }
            return super.wrap(source, target);
        }
    }

    private Failing engine;

    private void listenWithAnEngineThatMayFail() throws IOException {
        SSLContext odd = OddEngine.context(CONTEXT, real -> engine = new Failing(real));
        listen(Tls.of(odd));
    }

    private void openWithAnEngineThatMayFail() throws IOException {
        listenWithAnEngineThatMayFail();
        connect(tls("TLSv1.3"));
        run();
        assertThat(server.calls).containsExactly("opened");
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new SSLException("the cipher broke"),
                new IllegalStateException("the cipher broke"),
                new NoClassDefFoundError("the cipher broke"));
    }

    private void shouldHaveFailed(Throwable failure) {
        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause)
                .isInstanceOf(SSLException.class)
                .hasMessageStartingWith("the TLS connection with a client of 'mqtts://broker.example:8883' failed: ")
                .hasMessageEndingWith("the cipher broke")
                .message()
                .as("said once")
                .containsOnlyOnce("the cipher broke");
        assertThat(server.cause).hasRootCause(failure);
        assertThat(server.connection.pending()).isZero();
        assertThat(client.calls).containsExactly("opened", "closed");
        assertThat(client.cause).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldAbortWhenAFlushCannotEncrypt(Throwable failure) throws Exception {
        openWithAnEngineThatMayFail();
        server.connection.write(text("never sent"));
        engine.failure = failure;
        // T10: it does not throw.
        server.connection.flush();
        server.connection.write(text("too late"));
        server.connection.flush();

        assertThat(server.calls).as("no callback inside the call (T18)").containsExactly("opened");
        run();
        shouldHaveFailed(failure);
        assertThat(client.received.size()).isZero();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldAbortWhenAWriteCannotEncrypt(Throwable failure) throws Exception {
        openWithAnEngineThatMayFail();
        engine.failure = failure;
        // More than a record takes, so it does not wait for the flush.
        server.connection.write(ByteBuffer.allocate(20_000));

        assertThat(server.calls).as("no callback inside the call (T18)").containsExactly("opened");
        run();
        shouldHaveFailed(failure);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellThatTheLastWordsCouldNotBeEncrypted(Throwable failure) throws Exception {
        openWithAnEngineThatMayFail();
        server.connection.write(text("never sent"));
        engine.failure = failure;
        server.connection.close();
        run();

        shouldHaveFailed(failure);
        assertThat(client.cause).hasMessageContaining("without close_notify");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellThatWhatWasWrittenEarlyCouldNotBeEncrypted(Throwable failure) throws Exception {
        listenWithAnEngineThatMayFail();
        server.connection.write(text("never sent"));
        server.whenOpened = side -> engine.failure = failure;
        connect(tls("TLSv1.3"));
        run();

        shouldHaveFailed(failure);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldCloseWhenNotEvenAnAlertCanBeSaid(Throwable failure) throws Exception {
        listenWithAnEngineThatMayFail();
        connect(tls("TLSv1.3"));
        wire.step(() -> Integer.MAX_VALUE);
        engine.failure = failure;
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageStartingWith("TLS handshake with a client of 'mqtts://broker.example:8883' failed: ")
                .hasMessageContaining("the cipher broke")
                .hasRootCause(failure);
        assertThat(client.calls).containsExactly("closed");
        assertThat(timers.waiting()).isZero();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldEndWithATaskThatFails(Throwable failure) throws Exception {
        Runnable broken = () -> {
            if (failure instanceof Error e) {
                throw e;
            }
            throw new IllegalStateException(failure);
        };
        SSLContext odd = OddEngine.context(CONTEXT, real -> new OddEngine(real) {
            private boolean given;

            @Override
            public Runnable getDelegatedTask() {
                if (given) {
                    return null;
                }
                given = true;
                return broken;
            }
        });
        listen(Tls.of(odd));
        connect(tls("TLSv1.3"));
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause).isInstanceOf(SSLHandshakeException.class).hasMessageContaining("the cipher broke");
        assertThat(client.calls).containsExactly("closed");
        assertThat(timers.waiting()).isZero();
    }

    // ---- Engines that need more room than the JDK's

    /** Needs target buffers of so many bytes, but may say less. */
    private static final class Roomy extends OddEngine {

        private final int needed;
        private final int said;

        Roomy(SSLEngine real, int needed, int said) {
            super(real);
            this.needed = needed;
            this.said = said;
        }

        @Override
        public SSLEngineResult wrap(ByteBuffer source, ByteBuffer target) throws SSLException {
            return target.remaining() < needed ? overflow() : super.wrap(source, target);
        }

        @Override
        public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer target) throws SSLException {
            return target.remaining() < needed ? overflow() : super.unwrap(source, target);
        }

        private SSLEngineResult overflow() {
            return new SSLEngineResult(SSLEngineResult.Status.BUFFER_OVERFLOW, getHandshakeStatus(), 0, 0);
        }

        @Override
        public SSLSession getSession() {
            return OddEngine.session(super.getSession(), said, said);
        }
    }

    @Test
    void shouldMakeTheRoomThatAnEngineAsksFor() throws Exception {
        int needed = 2 * TlsLayer.BUFFER_BYTES;
        listen(Tls.of(OddEngine.context(CONTEXT, real -> new Roomy(real, needed, needed))));
        connect(tls("TLSv1.3"));
        byte[] up = pattern(90_000);
        byte[] down = pattern(70_000);
        client.whenOpened = side -> side.send(up);
        server.whenOpened = side -> side.send(down);
        run();
        server.connection.write(text("one"));
        server.connection.close();
        run();

        assertThat(server.received.toByteArray()).isEqualTo(up);
        assertThat(client.received.size()).isEqualTo(down.length + 3);
        assertThat(client.received.toByteArray()).startsWith(down);
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @Test
    void shouldEndWithAnEngineThatNeedsMoreRoomThanItAsksFor() throws Exception {
        int said = TlsLayer.BUFFER_BYTES;
        listen(Tls.of(OddEngine.context(CONTEXT, real -> new Roomy(real, said + 1, said))));
        connect(tls("TLSv1.3"));
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause)
                .hasMessageEndingWith("the engine needs more room than the " + said + " bytes that it asks for");
        assertThat(client.calls).containsExactly("closed");
    }

    // ---- Whom it was about

    @Test
    void shouldKnowThePeerFromOpenedOnAndWhenTheHandshakeFailed() throws Exception {
        listen(tls("TLSv1.3"));
        wire.client.handler = new Side();
        wire.step(() -> 1);
        assertThatIllegalStateException().isThrownBy(server.connection::peer).withMessageContaining("not open yet");

        wire.client.write(text("rubbish"));
        wire.client.endOutput();
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.connection.peer().address()).isNotNull();
        assertThat(server.connection.peer().tlsSession()).isEmpty();
    }
}
