package dev.recado.core.tls;

import dev.recado.Tls;
import dev.recado.core.time.Timers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Endpoints;
import dev.recado.spi.Layer;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;

/**
 * TLS over the connections of one listener, or over one connection to a broker. Thread-safe.
 *
 * <p>It makes the engines, and says what went wrong in words that name who is at the other end.
 */
final class TlsLayer implements Layer {

    /** Holds the longest record that the JDK's engine makes or takes: 33,093 bytes. */
    static final int BUFFER_BYTES = 34 * 1024;

    /** An address is verified, but not sent to the server as its name (RFC 6066, section 3). */
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    private final TlsTransport transport;
    private final Tls tls;
    private final URI endpoint;
    private final boolean client;
    private final long highWaterMark;

    /**
     * Describes the layer.
     *
     * @param endpoint where to listen, or what to connect to
     * @param client whether this end begins the handshake
     * @param highWaterMark of the connections below, in bytes (T13)
     */
    TlsLayer(TlsTransport transport, Tls tls, URI endpoint, boolean client, long highWaterMark) {
        this.transport = transport;
        this.tls = tls;
        this.endpoint = endpoint;
        this.client = client;
        this.highWaterMark = highWaterMark;
    }

    @Override
    public Acceptor wrap(Acceptor inner) {
        return below -> {
            TlsConnection connection = new TlsConnection(this, below);
            ConnectionHandler above = inner.accept(connection);
            if (above == null) {
                return null;
            }
            connection.handler(above);
            transport.remember(connection);
            return connection;
        };
    }

    // ---- For its connections

    /** An engine for one more connection, by the context of this moment. */
    SSLEngine newEngine() throws SSLException {
        SSLEngine engine = client ? clientEngine() : tls.context().createSSLEngine();
        engine.setUseClientMode(client);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(tls.protocols().toArray(String[]::new));
        if (client) {
            identifyServer(parameters);
        } else {
            askForCertificate(parameters);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private SSLEngine clientEngine() throws SSLException {
        String host = endpoint.getHost();
        if (host == null && tls.verifiesHost()) {
            throw new SSLException("the endpoint has no host for the certificate to be of");
        }
        return host == null
                ? tls.context().createSSLEngine()
                : tls.context().createSSLEngine(Endpoints.host(endpoint), Endpoints.port(endpoint));
    }

    private void identifyServer(SSLParameters parameters) {
        if (tls.verifiesHost()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        String host = endpoint.getHost();
        if (host != null && !ADDRESS.matcher(host).matches()) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
    }

    private void askForCertificate(SSLParameters parameters) {
        switch (tls.clientAuth()) {
            case NONE -> {}
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
    }

    Executor executor() {
        return transport.executor();
    }

    Timers timers() {
        return transport.timers();
    }

    BufferPool buffers() {
        return transport.buffers();
    }

    long highWaterMark() {
        return highWaterMark;
    }

    long handshakeNanos() {
        return tls.handshakeTimeout().toNanos();
    }

    /** Whether connections end because the transport is closed. */
    boolean isClosing() {
        return transport.isClosing();
    }

    void forget(TlsConnection connection) {
        transport.forget(connection);
    }

    // ---- What went wrong

    /** Who is at the other end. */
    String name() {
        return client ? "'" + endpoint + "'" : "a client of '" + endpoint + "'";
    }

    SSLException handshakeFailed(Throwable cause) {
        return caused(new SSLHandshakeException("TLS handshake with " + name() + " failed: " + words(cause)), cause);
    }

    SSLException notTls(Throwable cause) {
        return caused(
                new SSLHandshakeException("TLS handshake with " + name() + " failed: what came is not TLS; "
                        + (client ? "does that port speak plain MQTT?" : "perhaps plain MQTT")),
                cause);
    }

    String handshakeTimedOut() {
        return "no TLS handshake with " + name() + " within "
                + tls.handshakeTimeout().toMillis() + " ms";
    }

    SSLException connectionFailed(Throwable cause) {
        return caused(new SSLException("the TLS connection with " + name() + " failed: " + words(cause)), cause);
    }

    SSLException truncated() {
        return new SSLException("the connection with " + name()
                + " ended without close_notify: bytes may be missing (RFC 8446, section 6.1)");
    }

    private static SSLException caused(SSLException e, Throwable cause) {
        e.initCause(cause);
        return e;
    }

    /** The JDK's message says which step failed, and that of the innermost cause why: expired, another name, unknown. */
    private static String words(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String outer = String.valueOf(thrown.getMessage());
        String inner = String.valueOf(root.getMessage());
        return outer.contains(inner) ? outer : outer + ": " + inner;
    }
}
