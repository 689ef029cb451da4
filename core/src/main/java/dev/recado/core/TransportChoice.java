package dev.recado.core;

import dev.recado.Tls;
import dev.recado.core.time.Timers;
import dev.recado.core.tls.TlsTransport;
import dev.recado.spi.Acceptor;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import dev.recado.spi.TransportProvider;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceLoader;
import javax.net.ssl.SSLContext;

/**
 * Which transport a builder was told to use, and what lies over it. Naming one by hand wins; else the endpoint's scheme
 * decides and, among those that serve it, the highest priority.
 */
public final class TransportChoice {

    private String name;
    private Transport shared;
    private Tls tls;
    private final List<Layer> layers = new ArrayList<>();

    /** See {@code Builder.transport(String)}. */
    public void name(String transportName) {
        name = Objects.requireNonNull(transportName, "name");
        shared = null;
    }

    /** See {@code Builder.transport(Transport)}. */
    public void shared(Transport transport) {
        shared = Objects.requireNonNull(transport, "shared");
        name = null;
    }

    /** See {@code Builder.tls}. */
    public void tls(Tls encryption) {
        tls = Objects.requireNonNull(encryption, "encryption");
    }

    /**
     * For a broker: what is to be encrypted, and with what, have to be said together.
     *
     * @throws IllegalArgumentException when one of them is missing; the message says what to add
     */
    public void requireTlsFor(List<URI> endpoints) {
        for (URI endpoint : endpoints) {
            if (tls == null && TlsTransport.isSecure(endpoint)) {
                throw new IllegalArgumentException("endpoint '" + endpoint
                        + "' needs a certificate and its key: add tls(sslContext), with a context that has them");
            }
        }
        requireUsed(endpoints);
    }

    /**
     * For a client: without {@code tls}, it trusts whom the JVM trusts.
     *
     * @throws IllegalArgumentException when the endpoint would not be encrypted though that was asked for
     */
    public void trustByDefault(URI endpoint) {
        requireUsed(List.of(endpoint));
        if (tls == null) {
            tls = Tls.of(TransportChoice::defaultContext);
        }
    }

    private void requireUsed(List<URI> endpoints) {
        if (tls != null && endpoints.stream().noneMatch(TlsTransport::isSecure)) {
            throw new IllegalArgumentException(
                    "tls(...) was given, but nothing would be encrypted: none of the endpoints " + endpoints
                            + " is mqtts://; for a transport of your own, use transport(tls.over(...)) instead");
        }
    }

    private static SSLContext defaultContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no default SSLContext: add tls(sslContext)", e);
        }
    }

    /** See {@code Builder.layer}. */
    public void addLayer(Layer layer) {
        layers.add(Objects.requireNonNull(layer, "layer"));
    }

    /**
     * The acceptor to give to the transport: the layers around the engine's, the first added outermost.
     */
    public Acceptor layered(Acceptor engine) {
        Acceptor acceptor = engine;
        for (int i = layers.size() - 1; i >= 0; i--) {
            acceptor = layers.get(i).wrap(acceptor);
        }
        return acceptor;
    }

    /** Whether {@link #transportFor} returns what belongs to the caller of the builder, who will close it. */
    public boolean isShared(URI endpoint) {
        return shared != null && !TlsTransport.isSecure(endpoint);
    }

    /**
     * The transport for an endpoint: the shared one, or a new one that the caller closes.
     *
     * @param timers for TLS; closed later than the transport
     * @throws IllegalArgumentException when there is none; the message says what to add
     */
    public Transport transportFor(URI endpoint, Timers timers) {
        if (!TlsTransport.isSecure(endpoint)) {
            return plainTransportFor(endpoint, endpoint);
        }
        Transport below = plainTransportFor(TlsTransport.below(endpoint), endpoint);
        return TlsTransport.over(tls, below, shared == null, timers);
    }

    private Transport plainTransportFor(URI endpoint, URI asked) {
        if (shared != null) {
            return shared;
        }
        List<TransportProvider> all =
                ServiceLoader.load(TransportProvider.class, TransportProvider.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
        return all.stream()
                .filter(provider -> name != null
                        ? provider.name().equals(name)
                        : provider.schemes().contains(scheme))
                .max(Comparator.comparingInt(TransportProvider::priority))
                .orElseThrow(() -> new IllegalArgumentException(noTransport(asked, scheme, all)))
                .create();
    }

    private String noTransport(URI asked, String scheme, List<TransportProvider> all) {
        String wanted = name != null
                ? "no transport is named '" + name + "'"
                : "no transport serves the scheme '" + scheme + "', which endpoint '" + asked + "' needs";
        if (all.isEmpty()) {
            return wanted + "; none was found at all: add dev.recado:recado-nio or dev.recado:recado-blocking";
        }
        return wanted + "; found: "
                + all.stream()
                        .map(provider -> provider.name() + " " + provider.schemes())
                        .sorted()
                        .toList();
    }
}
