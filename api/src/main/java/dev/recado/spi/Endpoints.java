package dev.recado.spi;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Reads and writes the endpoint URIs of transports that have a host and a port. Thread-safe.
 *
 * @since 0.1.0
 */
public final class Endpoints {

    private Endpoints() {}

    /**
     * The host part.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883} or {@code mqtt://[::1]}
     * @return the host, an IPv6 address without its brackets
     * @throws IllegalArgumentException when the URI has no host
     */
    public static String host(URI endpoint) {
        String host = endpoint.getHost();
        if (host == null) {
            throw new IllegalArgumentException(
                    "endpoint '" + endpoint + "' has no host; expected the form mqtt://host:port");
        }
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /**
     * The port part.
     *
     * @param endpoint the URI
     * @return its port, 0 to 65535; without one 8883 for the scheme {@code mqtts}, else 1883
     * @throws IllegalArgumentException when the port is over 65535
     */
    public static int port(URI endpoint) {
        int port = endpoint.getPort();
        if (port > 65_535) {
            throw new IllegalArgumentException(
                    "port " + port + " of endpoint '" + endpoint + "' is over 65535, the highest there is");
        }
        if (port >= 0) {
            return port;
        }
        return "mqtts".equalsIgnoreCase(endpoint.getScheme()) ? 8883 : 1883;
    }

    /**
     * Where to bind or connect. Looks the host up, which may block for seconds.
     *
     * @param endpoint the URI
     * @return host and port; {@link InetSocketAddress#isUnresolved() unresolved} when the host is unknown
     */
    public static InetSocketAddress resolve(URI endpoint) {
        return new InetSocketAddress(host(endpoint), port(endpoint));
    }

    /**
     * The same endpoint with another port: what a listener reports after binding port 0.
     *
     * @param endpoint the URI asked for
     * @param port the real port
     * @return a URI that differs in its port only
     * @throws IllegalArgumentException when the endpoint is no URI of a host and a port
     */
    public static URI withPort(URI endpoint, int port) {
        try {
            return new URI(endpoint.getScheme(), null, endpoint.getHost(), port, endpoint.getPath(), null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("endpoint '" + endpoint + "' is no URI of a host and a port", e);
        }
    }
}
