package dev.recado.samples;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Option;

/** Where the broker is, and what carries the bytes: the options that every command over the network has. */
public final class Address {

    private static final int MQTT_PORT = 1883;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "the broker's host name or address (default: ${DEFAULT-VALUE})")
    String host;

    @Option(names = "--port", paramLabel = "PORT", description = "the broker's port (default: ${DEFAULT-VALUE})")
    int port;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "nio",
            description = "nio or blocking (default: ${DEFAULT-VALUE})")
    String transport;

    Address() {
        this(MQTT_PORT);
    }

    /** With another port, unless the user names one. */
    public Address(int defaultPort) {
        port = defaultPort;
    }

    /** The transport's name, as the library takes it. */
    public String transport() {
        return transport;
    }

    /** The endpoint, as the library writes it. */
    public URI endpoint() {
        return endpoint("mqtt");
    }

    /** The endpoint, encrypted or not. */
    public URI endpoint(boolean tls) {
        return endpoint(tls ? "mqtts" : "mqtt");
    }

    private URI endpoint(String scheme) {
        try {
            // Puts the brackets around an IPv6 address.
            return new URI(scheme, null, host, port, null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "--host '" + host + "' and --port " + port + " make no endpoint: " + e, e);
        }
    }

    /** Whether a server at this address can be reached from other machines. An unknown host is left to the library. */
    public boolean isReachableFromOutside() {
        InetSocketAddress resolved = new InetSocketAddress(host, 0);
        return !resolved.isUnresolved() && !resolved.getAddress().isLoopbackAddress();
    }
}
