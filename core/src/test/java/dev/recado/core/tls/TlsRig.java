package dev.recado.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Tls;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.testkit.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** One connection under TLS, of which everything happens step by step on the test's thread. */
abstract class TlsRig {

    static final URI ENDPOINT = URI.create("mqtts://broker.example:8883");
    static final TestCertificates AUTHORITY = TestCertificates.authority("an authority");
    static final TestCertificates.Identity BROKER = AUTHORITY.issue("broker", "dns:broker.example");
    static final SSLContext CONTEXT = AUTHORITY.context(BROKER);
    static final int HIGH = 100_000;

    final Wire wire = new Wire();
    final Tasks tasks = new Tasks();
    final ManualTimers timers = new ManualTimers();
    final Side client = new Side();
    final Side server = new Side();

    static Tls tls(String protocol) {
        return Tls.of(CONTEXT).protocols(protocol);
    }

    TlsTransport over(Tls tls) {
        return TlsTransport.over(tls, wire, timers, tasks);
    }

    void listen(Tls tls) throws IOException {
        over(tls).listen(ENDPOINT, ListenOptions.defaults().withConnection(marks()), server);
    }

    void connect(Tls tls) {
        over(tls).connect(ENDPOINT, ConnectOptions.defaults().withConnection(marks()), client);
    }

    static ConnectionOptions marks() {
        return ConnectionOptions.defaults().withWaterMarks(HIGH / 2, HIGH);
    }

    /** Both ends with our layer, before the first byte. */
    void prepare(String protocol) throws IOException {
        listen(tls(protocol));
        connect(tls(protocol));
    }

    /** Both ends with our layer, after the handshake. */
    void open(String protocol) throws IOException {
        prepare(protocol);
        run();
        assertThat(client.calls).containsExactly("opened");
        assertThat(server.calls).containsExactly("opened");
    }

    /** A server with our layer, and a bare engine as its client, after the handshake. */
    EnginePeer openToEngine(String protocol) throws IOException {
        listen(tls(protocol));
        EnginePeer peer = engine(CONTEXT.createSSLEngine(), true, protocol, wire.client);
        run();
        assertThat(server.calls).containsExactly("opened");
        return peer;
    }

    /** A client with our layer, and a bare engine as its server, after the handshake. */
    EnginePeer openFromEngine(String protocol) {
        connect(tls(protocol));
        EnginePeer peer = engine(CONTEXT.createSSLEngine(), false, protocol, wire.server);
        run();
        assertThat(client.calls).containsExactly("opened");
        return peer;
    }

    static EnginePeer engine(SSLEngine engine, boolean asClient, String protocol, Wire.End end) {
        engine.setUseClientMode(asClient);
        engine.setEnabledProtocols(new String[] {protocol});
        EnginePeer peer = new EnginePeer(engine, end);
        end.handler = peer;
        return peer;
    }

    /** Until nothing happens any more, with whatever is on the way in one piece. */
    void run() {
        run(() -> Integer.MAX_VALUE);
    }

    void run(IntSupplier pieces) {
        while (wire.step(pieces) | tasks.runNext()) {
            // goes on
        }
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
