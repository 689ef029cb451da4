package dev.recado.testkit;

import dev.recado.spi.Transport;
import java.net.URI;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/**
 * Both contracts at once, {@link TransportContract} and {@link PubSubContract}: one class with one factory method for a new
 * transport.
 *
 * <pre>{@code
 * class MyTransportTest extends TransportConformance {
 *     @Override
 *     protected Transport createTransport() {
 *         return new MyTransport();
 *     }
 * }
 * }</pre>
 *
 * <p>PubSubContract needs an engine at run time: {@code dev.recado:recado-core}.
 *
 * @since 0.1.0
 */
public abstract class TransportConformance {

    /** For subclasses. */
    protected TransportConformance() {}

    /**
     * Creates the transport that listens; see {@link TransportContract#createTransport()}.
     *
     * @return a new transport
     */
    protected abstract Transport createTransport();

    /**
     * Creates the transport that connects; see {@link TransportContract#createClientTransport()}.
     *
     * @return by default what {@link #createTransport()} returns
     */
    protected Transport createClientTransport() {
        return createTransport();
    }

    /**
     * Where to listen; see {@link TransportContract#listenEndpoint()}.
     *
     * @return by default {@code mqtt://127.0.0.1:0}
     */
    protected URI listenEndpoint() {
        return URI.create("mqtt://127.0.0.1:0");
    }

    /**
     * What the transports have beyond the rules; see {@link TransportContract#capabilities()}.
     *
     * @return by default everything
     */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    /** The byte level. */
    @Nested
    final class ByteLevel extends TransportContract {
        @Override
        protected Transport createTransport() {
            return TransportConformance.this.createTransport();
        }

        @Override
        protected Transport createClientTransport() {
            return TransportConformance.this.createClientTransport();
        }

        @Override
        protected URI listenEndpoint() {
            return TransportConformance.this.listenEndpoint();
        }

        @Override
        protected Set<Capability> capabilities() {
            return TransportConformance.this.capabilities();
        }
    }

    /** The broker and its clients over it. */
    @Nested
    final class ApiLevel extends PubSubContract {
        @Override
        protected Transport createTransport() {
            return TransportConformance.this.createTransport();
        }

        @Override
        protected Transport createClientTransport() {
            return TransportConformance.this.createClientTransport();
        }

        @Override
        protected URI listenEndpoint() {
            return TransportConformance.this.listenEndpoint();
        }

        @Override
        protected Set<Capability> capabilities() {
            return TransportConformance.this.capabilities();
        }
    }
}
