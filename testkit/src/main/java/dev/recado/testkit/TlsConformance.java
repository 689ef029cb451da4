package dev.recado.testkit;

import dev.recado.Tls;
import dev.recado.spi.Transport;
import java.net.URI;
import java.util.EnumSet;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Nested;

/**
 * A transport under TLS: {@link TransportContract} in both versions of TLS, and {@link PubSubContract}. TLS leans on rules
 * of the transport below that nothing else leans on as hard, such as those on pauses.
 *
 * <pre>{@code
 * class MyTransportUnderTlsTest extends TlsConformance {
 *     @Override
 *     protected Transport createTransport() {
 *         return new MyTransport();
 *     }
 * }
 * }</pre>
 *
 * <p>It needs an engine at run time: {@code dev.recado:recado-core}. Certificates are made when they are needed.
 *
 * @since 0.1.0
 */
public abstract class TlsConformance {

    /** For subclasses. */
    protected TlsConformance() {}

    /**
     * Creates the transport that carries the encrypted bytes of the side that listens.
     *
     * @return a new transport
     */
    protected abstract Transport createTransport();

    /**
     * Creates the transport that carries the encrypted bytes of the side that connects.
     *
     * @return by default what {@link #createTransport()} returns
     */
    protected Transport createClientTransport() {
        return createTransport();
    }

    /**
     * Where the transport listens; see {@link TransportContract#listenEndpoint()}. Host names are verified where it has a
     * host, which has to be {@code localhost} or {@code 127.0.0.1}.
     *
     * @return by default {@code mqtt://127.0.0.1:0}
     */
    protected URI listenEndpoint() {
        return URI.create("mqtt://127.0.0.1:0");
    }

    /**
     * What the transports have beyond the rules. {@link Capability#TCP} is not asked for: bytes under TLS are not those
     * written.
     *
     * @return by default everything
     */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    private Transport secured(Transport plain, String... protocols) {
        Tls tls = Tls.of(Certificate.CONTEXT).protocols(protocols);
        return (listenEndpoint().getHost() == null ? tls.withoutHostVerification() : tls).over(plain);
    }

    private Set<Capability> capabilitiesUnderTls() {
        Set<Capability> left = EnumSet.noneOf(Capability.class);
        left.addAll(capabilities());
        left.remove(Capability.TCP);
        return left;
    }

    /** Made once for all tests, because that takes long. */
    private static final class Certificate {

        static final SSLContext CONTEXT = context();

        private static SSLContext context() {
            TestCertificates authority = TestCertificates.authority("Recado's conformance kit");
            return authority.context(authority.issue("broker", "dns:localhost", "ip:127.0.0.1"));
        }
    }

    /** The byte level, in one version of TLS. */
    abstract class ByteLevel extends TransportContract {

        private final String protocol;

        ByteLevel(String protocol) {
            this.protocol = protocol;
        }

        @Override
        protected Transport createTransport() {
            return secured(TlsConformance.this.createTransport(), protocol);
        }

        @Override
        protected Transport createClientTransport() {
            return secured(TlsConformance.this.createClientTransport(), protocol);
        }

        @Override
        protected URI listenEndpoint() {
            return TlsConformance.this.listenEndpoint();
        }

        @Override
        protected Set<Capability> capabilities() {
            return capabilitiesUnderTls();
        }
    }

    /** The byte level, in TLS 1.3. */
    @Nested
    final class ByteLevelTls13 extends ByteLevel {
        ByteLevelTls13() {
            super("TLSv1.3");
        }
    }

    /** The byte level, in TLS 1.2. */
    @Nested
    final class ByteLevelTls12 extends ByteLevel {
        ByteLevelTls12() {
            super("TLSv1.2");
        }
    }

    /** The broker and its clients. */
    @Nested
    final class ApiLevel extends PubSubContract {
        @Override
        protected Transport createTransport() {
            return secured(TlsConformance.this.createTransport(), "TLSv1.3", "TLSv1.2");
        }

        @Override
        protected Transport createClientTransport() {
            return secured(TlsConformance.this.createClientTransport(), "TLSv1.3", "TLSv1.2");
        }

        @Override
        protected URI listenEndpoint() {
            return TlsConformance.this.listenEndpoint();
        }

        @Override
        protected Set<Capability> capabilities() {
            return capabilitiesUnderTls();
        }
    }
}
