package dev.recado.core.tls;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** The JDK's engine, of which a test replaces some steps: for what that engine does never, or not when told to. */
class OddEngine extends SSLEngine {

    final SSLEngine real;

    OddEngine(SSLEngine real) {
        super(real.getPeerHost(), real.getPeerPort());
        this.real = real;
    }

    /** A context that makes odd engines of those that another one makes. */
    static SSLContext context(SSLContext real, UnaryOperator<SSLEngine> oddly) {
        return new OddContext(
                new ContextSpi(
                        real,
                        (host, port) ->
                                oddly.apply(host == null ? real.createSSLEngine() : real.createSSLEngine(host, port))),
                real.getProvider());
    }

    /** A session that says that it needs room for so many bytes; otherwise as another one. */
    static SSLSession session(SSLSession real, int packetBytes, int plainBytes) {
        return (SSLSession) Proxy.newProxyInstance(
                OddEngine.class.getClassLoader(),
                new Class<?>[] {SSLSession.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "getPacketBufferSize" -> packetBytes;
                    case "getApplicationBufferSize" -> plainBytes;
                    default -> method.invoke(real, arguments);
                });
    }

    private static final class OddContext extends SSLContext {
        OddContext(ContextSpi spi, Provider provider) {
            super(spi, provider, "TLS");
        }
    }

    private static final class ContextSpi extends SSLContextSpi {

        private final SSLContext real;
        private final BiFunction<String, Integer, SSLEngine> engines;

        ContextSpi(SSLContext real, BiFunction<String, Integer, SSLEngine> engines) {
            this.real = real;
            this.engines = engines;
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("it has been initialised");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return real.getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return real.getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return engines.apply(null, -1);
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return engines.apply(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return real.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return real.getClientSessionContext();
        }
    }

    // ---- What tests replace

    @Override
    public SSLEngineResult wrap(ByteBuffer source, ByteBuffer target) throws SSLException {
        return real.wrap(source, target);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer target) throws SSLException {
        return real.unwrap(source, target);
    }

    @Override
    public Runnable getDelegatedTask() {
        return real.getDelegatedTask();
    }

    @Override
    public SSLSession getSession() {
        return real.getSession();
    }

    @Override
    public void closeOutbound() {
        real.closeOutbound();
    }

    // ---- The rest

    @Override
    public final SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) {
        throw new UnsupportedOperationException("wraps one buffer, not " + sources.length);
    }

    @Override
    public final SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) {
        throw new UnsupportedOperationException("unwraps to one buffer, not " + targets.length);
    }

    @Override
    public final void closeInbound() throws SSLException {
        real.closeInbound();
    }

    @Override
    public final boolean isInboundDone() {
        return real.isInboundDone();
    }

    @Override
    public final boolean isOutboundDone() {
        return real.isOutboundDone();
    }

    @Override
    public final String[] getSupportedCipherSuites() {
        return real.getSupportedCipherSuites();
    }

    @Override
    public final String[] getEnabledCipherSuites() {
        return real.getEnabledCipherSuites();
    }

    @Override
    public final void setEnabledCipherSuites(String[] suites) {
        real.setEnabledCipherSuites(suites);
    }

    @Override
    public final String[] getSupportedProtocols() {
        return real.getSupportedProtocols();
    }

    @Override
    public final String[] getEnabledProtocols() {
        return real.getEnabledProtocols();
    }

    @Override
    public final void setEnabledProtocols(String[] protocols) {
        real.setEnabledProtocols(protocols);
    }

    @Override
    public final SSLParameters getSSLParameters() {
        return real.getSSLParameters();
    }

    @Override
    public final void setSSLParameters(SSLParameters parameters) {
        real.setSSLParameters(parameters);
    }

    @Override
    public final void beginHandshake() throws SSLException {
        real.beginHandshake();
    }

    @Override
    public final SSLEngineResult.HandshakeStatus getHandshakeStatus() {
        return real.getHandshakeStatus();
    }

    @Override
    public final void setUseClientMode(boolean mode) {
        real.setUseClientMode(mode);
    }

    @Override
    public final boolean getUseClientMode() {
        return real.getUseClientMode();
    }

    @Override
    public final void setNeedClientAuth(boolean need) {
        real.setNeedClientAuth(need);
    }

    @Override
    public final boolean getNeedClientAuth() {
        return real.getNeedClientAuth();
    }

    @Override
    public final void setWantClientAuth(boolean want) {
        real.setWantClientAuth(want);
    }

    @Override
    public final boolean getWantClientAuth() {
        return real.getWantClientAuth();
    }

    @Override
    public final void setEnableSessionCreation(boolean flag) {
        real.setEnableSessionCreation(flag);
    }

    @Override
    public final boolean getEnableSessionCreation() {
        return real.getEnableSessionCreation();
    }
}
