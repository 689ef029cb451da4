package dev.recado.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Tls;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ListenOptions;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layer by itself, step by step on one thread: what comes in which pieces, and what goes wrong. */
class TlsConnectionTest extends TlsRig {

    // ---- Bytes

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, 1", "TLSv1.3, 2", "TLSv1.3, 3", "TLSv1.3, 5", "TLSv1.3, 100", "TLSv1.3, 16406", "TLSv1.3, 100000",
        "TLSv1.2, 1", "TLSv1.2, 2", "TLSv1.2, 3", "TLSv1.2, 5", "TLSv1.2, 100", "TLSv1.2, 16413", "TLSv1.2, 100000"
    })
    void shouldCarryBytesInPiecesOfAnySize(String protocol, int size) throws Exception {
        prepare(protocol);
        byte[] up = pattern(40_000);
        byte[] down = pattern(70_000);
        client.whenOpened = side -> side.send(up);
        server.whenOpened = side -> side.send(down);

        run(() -> size);
        client.connection.close();
        run(() -> size);

        assertThat(server.received.toByteArray()).isEqualTo(up);
        assertThat(client.received.toByteArray()).isEqualTo(down);
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
        assertThat(server.calls).startsWith("opened").endsWith("closed");
        assertThat(client.calls).startsWith("opened").endsWith("closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldTakeRecordsThatAreCutAnywhere(String protocol) throws Exception {
        open(protocol);
        for (int cut = 1; cut < 110; cut++) {
            // Two records, of 20 and of 30 bytes and what is around them, in two pieces.
            byte[] first = pattern(20);
            byte[] second = pattern(30);
            client.send(first);
            client.send(second);
            int before = server.received.size();
            int[] pieces = {cut, Integer.MAX_VALUE};
            AtomicInteger turn = new AtomicInteger();
            // Each step asks twice, once for each end.
            run(() -> pieces[Math.min(1, turn.getAndIncrement() / 2)]);
            byte[] got = server.received.toByteArray();
            assertThat(Arrays.copyOfRange(got, before, before + 20)).isEqualTo(first);
            assertThat(Arrays.copyOfRange(got, before + 20, got.length)).isEqualTo(second);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldShakeHandsHoweverItsBytesAreCut(String protocol) throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            TlsConnectionTest once = new TlsConnectionTest();
            Random random = new Random(seed);
            int most = 1 << random.nextInt(12);
            once.prepare(protocol);
            once.client.whenOpened = side -> side.send(pattern(100));
            once.run(() -> 1 + random.nextInt(most));
            assertThat(once.server.received.toByteArray()).as("seed %d", seed).isEqualTo(pattern(100));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldGatherWritesUntilFlush(String protocol) throws Exception {
        open(protocol);
        int before = wire.client.everything().length;

        for (int i = 0; i < 100; i++) {
            client.connection.write(text("0123456789"));
        }
        assertThat(client.connection.pending()).isEqualTo(1000);
        assertThat(wire.client.pending()).isZero();
        client.connection.flush();

        assertThat(client.connection.pending()).isEqualTo(1000);
        assertThat(wire.client.everything().length - before).isBetween(1001, 1040);
        run();
        assertThat(client.connection.pending()).isZero();
        assertThat(server.received.size()).isEqualTo(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldHoldBackNothingThatTakesPendingOverTheHighWaterMark(String protocol) throws Exception {
        open(protocol);
        client.send(pattern(HIGH - 1000));
        client.connection.write(ByteBuffer.allocate(100));
        long below = wire.client.pending();

        client.connection.write(ByteBuffer.allocate(5000));

        // The connection below has to see the crossing, for it is the one that tells when it is over.
        assertThat(client.connection.pending()).isEqualTo(HIGH + 4100);
        assertThat(wire.client.pending() - below).isGreaterThan(5100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldSendInOnePieceWhatWasWrittenBeforeTheHandshake(String protocol) throws Exception {
        prepare(protocol);
        byte[] early = pattern(HIGH * 3);
        client.connection.write(ByteBuffer.wrap(early));
        client.connection.flush();
        assertThat(client.connection.pending()).isEqualTo(early.length);

        run();

        assertThat(server.received.toByteArray()).isEqualTo(early);
        assertThat(client.connection.pending()).isZero();
    }

    @Test
    void shouldCountNothingOfTheHandshakeAsPending() throws Exception {
        prepare("TLSv1.3");
        wire.step(() -> 1);

        assertThat(wire.client.pending()).isPositive();
        assertThat(client.connection.pending()).isZero();
    }

    // ---- Pauses

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldKeepWhatComesWhilePausedAndDeliverItOnTheExecutor(String protocol) throws Exception {
        open(protocol);
        server.whenReceived = side -> side.connection.pauseReading();
        client.send(pattern(200_000));
        run(() -> 50_000);
        int calls = server.calls.size();
        assertThat(wire.server.paused).isTrue();
        assertThat(server.received.size()).isBetween(1, 50_000);

        server.whenReceived = side -> {};
        server.connection.resumeReading();

        assertThat(server.calls).as("no callback inside the call (T18)").hasSize(calls);
        assertThat(tasks.waiting()).isEqualTo(1);
        run(() -> 50_000);
        assertThat(server.received.toByteArray()).isEqualTo(pattern(200_000));
        assertThat(wire.server.paused).isFalse();
    }

    @Test
    void shouldNotLetAPauseStopTheHandshake() throws Exception {
        prepare("TLSv1.3");
        server.connection.pauseReading();
        client.whenOpened = side -> side.send(pattern(10));

        run();

        assertThat(server.calls).containsExactly("opened");
        assertThat(wire.server.paused).isTrue();
        server.connection.resumeReading();
        run();
        assertThat(server.received.toByteArray()).isEqualTo(pattern(10));
    }

    @Test
    void shouldNotReadOnWhileATaskRuns() throws Exception {
        prepare("TLSv1.3");
        while (tasks.waiting() == 0) {
            wire.step(() -> 7);
        }
        assertThat(wire.server.paused || wire.client.paused).isTrue();
        run();
        assertThat(server.calls).containsExactly("opened");
        assertThat(wire.server.paused || wire.client.paused).isFalse();
    }

    // ---- The end

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldSayCloseNotifyWhenItCloses(String protocol) throws Exception {
        EnginePeer peer = openToEngine(protocol);
        server.connection.write(text("the last words"));
        server.connection.close();
        run();

        assertThat(peer.received.toString(StandardCharsets.UTF_8)).isEqualTo("the last words");
        assertThat(peer.engine.isInboundDone()).isTrue();
        assertThat(peer.failure).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldAnswerCloseNotifyAfterWhatWasWritten(String protocol) throws Exception {
        EnginePeer peer = openToEngine(protocol);
        server.connection.write(text("not flushed"));
        peer.send("goodbye".getBytes(StandardCharsets.UTF_8));
        peer.sayClose();
        run();

        assertThat(server.received.toString(StandardCharsets.UTF_8)).isEqualTo("goodbye");
        assertThat(peer.engine.isInboundDone()).isTrue();
        if (protocol.equals("TLSv1.3")) {
            // An engine of TLS 1.2 that has said close_notify reads nothing more.
            assertThat(peer.received.toString(StandardCharsets.UTF_8)).isEqualTo("not flushed");
        }
        wire.client.endOutput();
        run();
        assertThat(server.calls).endsWith("closed");
        assertThat(server.cause).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldNotMindAPeerThatIsGoneAfterItsCloseNotify(String protocol) throws Exception {
        EnginePeer peer = openToEngine(protocol);
        peer.sayClose();
        while (wire.server.pending() == 0 && wire.step(() -> Integer.MAX_VALUE)) {
            // until the answer is on the way
        }
        assertThat(server.calls).containsExactly("opened");
        assertThat(wire.server.pending()).isPositive();
        wire.client.abort();
        run();

        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause).as("it had said everything").isNull();
        assertThat(server.connection.pending()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldEndWithAPeerThatIsGoneBeforeOurCloseNotifyReachesIt(String protocol) throws Exception {
        openToEngine(protocol);
        server.connection.write(text("the last words"));
        server.connection.close();
        wire.client.abort();
        run();

        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause).as("the last words may be lost").hasMessage("reset");
        assertThat(server.connection.pending()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldReportAStreamThatEndsWithoutCloseNotify(String protocol) throws Exception {
        EnginePeer peer = openToEngine(protocol);
        peer.send(pattern(10));
        wire.client.endOutput();
        run();

        assertThat(server.received.size()).isEqualTo(10);
        assertThat(server.calls).endsWith("closed");
        assertThat(server.cause).isInstanceOf(SSLException.class).hasMessageContaining("without close_notify");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldFinishTheHandshakeToSendWhatWasWrittenBeforeClose(String protocol) throws Exception {
        prepare(protocol);
        client.connection.write(text("in a hurry"));
        client.connection.close();
        client.connection.write(text("too late"));
        run();

        assertThat(server.received.toString(StandardCharsets.UTF_8)).isEqualTo("in a hurry");
        assertThat(client.calls).containsExactly("opened", "closed");
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    @Test
    void shouldCloseAtOnceInTheHandshakeWhenNothingWasWritten() throws Exception {
        prepare("TLSv1.3");
        wire.step(() -> 1);
        client.connection.close();
        run();

        assertThat(client.calls).containsExactly("closed");
        assertThat(client.cause).isNull();
        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void shouldDeliverNothingAfterCloseFromACallback() throws Exception {
        open("TLSv1.3");
        server.whenReceived = side -> side.connection.close();
        client.send(pattern(90_000));
        run(() -> 5_000);

        assertThat(server.calls).containsExactly("opened", "received", "closed");
        assertThat(server.cause).isNull();
    }

    @Test
    void shouldDeliverNothingAfterAbortFromACallback() throws Exception {
        open("TLSv1.3");
        server.whenReceived = side -> side.connection.abort();
        client.send(pattern(90_000));
        run();

        assertThat(server.calls).containsExactly("opened", "received", "closed");
        assertThat(server.cause).isNull();
        assertThat(client.calls).endsWith("closed");
        assertThat(client.cause).isInstanceOf(IOException.class);
    }

    @Test
    void shouldSayCloseNotifyOnceHoweverOftenItIsClosed() throws Exception {
        EnginePeer peer = openToEngine("TLSv1.3");
        server.connection.close();
        int said = wire.server.everything().length;
        server.connection.close();
        server.connection.write(text("too late"));
        server.connection.flush();

        assertThat(wire.server.everything()).hasSize(said);
        run();
        assertThat(peer.engine.isInboundDone()).isTrue();
        assertThat(server.connection.pending()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldAbortThoughItIsClosing(String protocol) throws Exception {
        open(protocol);
        wire.client.pauseReading();
        server.send(pattern(50_000));
        server.connection.close();
        run();
        assertThat(server.calls).as("it waits for the peer").containsExactly("opened");
        server.connection.abort();
        run();

        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause).isNull();
    }

    @Test
    void shouldEndOnceWhenItIsAbortedWhileATaskWaits() throws Exception {
        prepare("TLSv1.3");
        while (tasks.waiting() == 0) {
            wire.step(() -> Integer.MAX_VALUE);
        }
        server.connection.abort();
        while (wire.step(() -> Integer.MAX_VALUE)) {
            // as far as it goes without the task
        }
        assertThat(server.calls).containsExactly("closed");
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause).isNull();
        assertThat(timers.waiting()).isZero();
    }

    @Test
    void shouldEndWhenTheExecutorIsShutDown() throws Exception {
        prepare("TLSv1.3");
        tasks.shutdown();
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(client.calls).containsExactly("closed");
    }

    @Test
    void shouldEndWhenItIsResumedAfterTheExecutorWasShutDown() throws Exception {
        open("TLSv1.3");
        server.whenReceived = side -> side.connection.pauseReading();
        client.send(pattern(90_000));
        run();
        assertThat(tasks.waiting()).isZero();
        tasks.shutdown();
        server.connection.resumeReading();
        run();

        assertThat(server.calls).startsWith("opened", "received").endsWith("closed");
        assertThat(server.cause).isNull();
    }

    // ---- After the handshake

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseToNegotiateAgain(boolean asServer) throws Exception {
        EnginePeer peer = asServer ? openToEngine("TLSv1.2") : openFromEngine("TLSv1.2");
        Side side = asServer ? server : client;
        peer.send(pattern(10));
        run();
        peer.beginAgain();
        run();

        assertThat(side.received.size()).isEqualTo(10);
        assertThat(peer.engine.isInboundDone()).isTrue();
        (asServer ? wire.client : wire.server).endOutput();
        run();
        assertThat(side.calls).endsWith("closed");
        assertThat(side.cause).isInstanceOf(SSLException.class).hasMessageContaining("negotiate again");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldFollowUpdatesOfKeys(boolean asServer) throws Exception {
        EnginePeer peer = asServer ? openToEngine("TLSv1.3") : openFromEngine("TLSv1.3");
        Side side = asServer ? server : client;
        for (int round = 1; round <= 3; round++) {
            peer.beginAgain();
            peer.send(pattern(100));
            side.send(pattern(100));
            run();
            side.send(pattern(50));
            run();
            assertThat(side.received.size()).isEqualTo(round * 100);
            assertThat(peer.received.size()).isEqualTo(round * 150);
            assertThat(peer.failure).isNull();
        }
    }

    @Test
    void shouldNotPileUpAnswersForAPeerThatReadsNone() throws Exception {
        EnginePeer peer = openToEngine("TLSv1.3");
        wire.client.pauseReading();
        server.send(pattern(1));
        for (int i = 0; i < 1000; i++) {
            peer.beginAgain();
            run();
        }
        assertThat(server.calls).containsExactly("opened");

        peer.beginAgain();
        run();
        long piled = wire.server.pending();
        peer.beginAgain();
        run();

        assertThat(wire.server.pending()).isEqualTo(piled);
        wire.client.endOutput();
        wire.client.resumeReading();
        run();
        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause).isInstanceOf(SSLException.class).hasMessageContaining("did not read the answers");
    }

    @Test
    void shouldAnswerAsManyUpdatesOfKeysAsThePeerReads() throws Exception {
        EnginePeer peer = openToEngine("TLSv1.3");
        for (int i = 0; i < 1100; i++) {
            peer.beginAgain();
            run();
        }
        peer.send(pattern(10));
        run();

        assertThat(server.calls).containsExactly("opened", "received");
        assertThat(peer.failure).isNull();
    }

    // ---- Peers that are none

    @Test
    void shouldGiveUpOnASilentPeer() throws Exception {
        listen(tls("TLSv1.3").handshakeTimeout(Duration.ofSeconds(3)));
        run();
        timers.advance(Duration.ofSeconds(2));
        run();
        assertThat(server.calls).isEmpty();

        timers.advance(Duration.ofSeconds(1));
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no TLS handshake with a client of 'mqtts://broker.example:8883' within 3000 ms");
    }

    @Test
    void shouldGiveUpOnAServerThatIsSilent() {
        connect(tls("TLSv1.3").handshakeTimeout(Duration.ofSeconds(3)));
        wire.server.handler = new Side();
        run();
        assertThat(wire.client.everything()).as("the ClientHello").isNotEmpty();
        timers.advance(Duration.ofSeconds(3));
        run();

        assertThat(client.calls).containsExactly("closed");
        assertThat(client.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no TLS handshake with 'mqtts://broker.example:8883' within 3000 ms");
    }

    @Test
    void shouldGiveUpOnAPeerThatNeverEndsItsHandshake() throws Exception {
        listen(tls("TLSv1.3").handshakeTimeout(Duration.ofSeconds(3)));
        wire.client.handler = new Side();
        // A ClientHello of 512 bytes begins, one byte now and then: each is progress, all together are none.
        byte[] hello = {22, 3, 1, 2, 0, 1, 0, 1};
        for (byte one : hello) {
            assertThat(server.calls).isEmpty();
            wire.client.write(ByteBuffer.wrap(new byte[] {one}));
            wire.client.flush();
            run();
            timers.advance(Duration.ofMillis(400));
            run();
        }

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void shouldLeaveNoTimerBehind() throws Exception {
        open("TLSv1.3");

        assertThat(timers.waiting()).isZero();
    }

    @Test
    void shouldRecognizePlainMqtt() throws Exception {
        listen(tls("TLSv1.3"));
        wire.client.handler = new Side();
        wire.client.write(ByteBuffer.wrap(new byte[] {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 0}));
        wire.client.endOutput();
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageEndingWith("what came is not TLS; perhaps plain MQTT");
    }

    @Test
    void shouldSayThatTheServerDoesNotSpeakTls() {
        connect(tls("TLSv1.3"));
        wire.server.handler = new Side();
        wire.server.write(ByteBuffer.wrap(new byte[] {0x20, 3, 0, 0, 0, 0}));
        wire.server.endOutput();
        run();

        assertThat(client.cause)
                .hasMessageContaining("'mqtts://broker.example:8883'")
                .hasMessageEndingWith("what came is not TLS; does that port speak plain MQTT?");
    }

    @Test
    void shouldSurviveRubbish() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            TlsConnectionTest once = new TlsConnectionTest();
            Random random = new Random(seed);
            once.listen(tls(seed % 2 == 0 ? "TLSv1.3" : "TLSv1.2"));
            once.wire.client.handler = new Side();
            byte[] rubbish = new byte[1 + random.nextInt(40_000)];
            random.nextBytes(rubbish);
            // Half of them begin as a record of a handshake does, so that more of it is looked at.
            if (seed % 4 < 2) {
                System.arraycopy(
                        new byte[] {22, 3, 3, (byte) random.nextInt(64)}, 0, rubbish, 0, Math.min(4, rubbish.length));
            }
            once.wire.client.write(ByteBuffer.wrap(rubbish));
            once.wire.client.endOutput();
            once.run(() -> 1 + random.nextInt(20_000));
            assertThat(once.server.calls).as("seed %d", seed).containsExactly("closed");
            assertThat(once.server.cause).as("seed %d", seed).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void shouldRefuseARecordThatWasTamperedWith() throws Exception {
        EnginePeer peer = openToEngine("TLSv1.3");
        wire.client.write(ByteBuffer.wrap(new byte[] {23, 3, 3, 0, 20}), ByteBuffer.allocate(20));
        wire.client.flush();
        run();

        assertThat(peer.failure)
                .as("the alert")
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("bad_record_mac");
        wire.client.endOutput();
        run();
        assertThat(server.calls).containsExactly("opened", "closed");
        assertThat(server.cause).isInstanceOf(SSLException.class).hasMessageContaining("failed");
    }

    @Test
    void shouldEndWithThePeerThatEndsInTheHandshake() throws Exception {
        listen(tls("TLSv1.3"));
        wire.client.handler = new Side();
        wire.client.endOutput();
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageEndingWith("the peer ended the connection");
    }

    // ---- Contexts

    @Test
    void shouldAskForTheContextAtEachConnection() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Supplier<SSLContext> source = () -> {
            asked.incrementAndGet();
            return CONTEXT;
        };
        TlsTransport transport = over(Tls.of(source));
        transport.listen(ENDPOINT, ListenOptions.defaults(), server);
        assertThat(asked).hasValue(0);
        connect(tls("TLSv1.3"));
        run();

        assertThat(asked).hasValue(1);
        assertThat(server.isOpened()).isTrue();
    }

    @Test
    void shouldAskForTheContextAtEachConnectionThatItMakes() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Supplier<SSLContext> source = () -> {
            asked.incrementAndGet();
            return CONTEXT;
        };
        listen(tls("TLSv1.3"));
        TlsTransport transport = over(Tls.of(source));
        assertThat(asked).hasValue(0);
        transport.connect(ENDPOINT, ConnectOptions.defaults(), client);
        run();

        assertThat(asked).hasValue(1);
        assertThat(client.isOpened()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, TLSv1.2", "TLSv1.2, TLSv1.3"})
    void shouldRefuseAPeerThatSpeaksAnotherVersionOnly(String ofServer, String ofClient) throws Exception {
        listen(tls(ofServer));
        connect(tls(ofClient));
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageStartingWith("TLS handshake with a client of 'mqtts://broker.example:8883' failed: ");
        assertThat(client.calls).containsExactly("closed");
        assertThat(client.cause).isInstanceOf(SSLHandshakeException.class).hasMessageContaining("protocol_version");
    }

    @Test
    void shouldFailOnlyTheConnectionWhenThereIsNoContext() throws Exception {
        Supplier<SSLContext> source = () -> null;
        listen(Tls.of(source));
        connect(tls("TLSv1.3"));
        run();

        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause).hasMessageContaining("returned null");
        assertThat(client.calls).containsExactly("closed");
    }

    @ParameterizedTest
    @EnumSource(Tls.ClientAuth.class)
    void shouldAskForTheClientsCertificateWhenToldTo(Tls.ClientAuth policy) throws Exception {
        // Of its own: a session that is resumed has the certificate that was shown when it began.
        SSLContext fresh = AUTHORITY.context(BROKER);
        listen(Tls.of(fresh).clientAuth(policy));
        connect(tls("TLSv1.3"));
        run();

        SSLSession session = server.connection.peer().tlsSession().orElseThrow();
        if (policy == Tls.ClientAuth.NONE) {
            assertThatThrownBy(session::getPeerPrincipal).isInstanceOf(SSLPeerUnverifiedException.class);
        } else {
            assertThat(session.getPeerPrincipal()).hasToString("CN=broker");
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE, true", "OPTIONAL, true", "REQUIRED, false"})
    void shouldLetInAClientWithoutCertificateUnlessItIsRequired(Tls.ClientAuth policy, boolean letIn) throws Exception {
        listen(Tls.of(AUTHORITY.context(BROKER)).clientAuth(policy));
        connect(Tls.of(AUTHORITY.context()));
        run();

        assertThat(server.isOpened()).isEqualTo(letIn);
    }

    @Test
    void shouldRefuseACertificateOfAnotherName() throws Exception {
        listen(tls("TLSv1.3"));
        over(tls("TLSv1.3")).connect(URI.create("mqtts://other.example"), ConnectOptions.defaults(), client);
        run();

        assertThat(client.calls).containsExactly("closed");
        assertThat(client.cause)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageStartingWith("TLS handshake with 'mqtts://other.example' failed: ")
                .hasMessageContaining("other.example found");
        assertThat(server.calls).containsExactly("closed");
        assertThat(server.cause).hasMessageContaining("certificate");
    }

    @Test
    void shouldTakeACertificateOfAnotherNameWhenTold() throws Exception {
        listen(tls("TLSv1.3"));
        over(tls("TLSv1.3").withoutHostVerification())
                .connect(URI.create("mqtts://other.example"), ConnectOptions.defaults(), client);
        run();

        assertThat(client.calls).containsExactly("opened");
    }

    @Test
    void shouldDemandANameToVerify() {
        over(tls("TLSv1.3")).connect(URI.create("unix:/run/broker"), ConnectOptions.defaults(), client);
        run();

        assertThat(client.cause).hasMessageContaining("has no host for the certificate");
    }

    @Test
    void shouldShowTheSameSessionFromOpenedOn() throws Exception {
        prepare("TLSv1.3");
        List<Object> seen = new ArrayList<>();
        client.whenOpened = side -> seen.add(side.connection.peer());
        run();
        client.connection.close();
        run();

        assertThat(seen).containsExactly(client.connection.peer());
        assertThat(client.connection.peer().tlsSession().orElseThrow().getPeerPrincipal())
                .hasToString("CN=broker");
    }
}
