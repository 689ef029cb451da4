package dev.recado.samples;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Option;

/** Where the broker is, and what carries the bytes: the options that servers and clients share. */
final class Address {

    static final int MQTT_PORT = 1883;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "the broker's host name or address (default: ${DEFAULT-VALUE})")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", description = "the broker's port (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "nio",
            description = "nio or blocking (default: ${DEFAULT-VALUE})")
    private String transport;

    /** With a port, unless the user names one. */
    Address(int defaultPort) {
        port = defaultPort;
    }

    /** The transport's name, as the library takes it. */
    String transport() {
        return transport;
    }

    /** The endpoint, as the library writes it, encrypted or not. */
    URI endpoint(boolean tls) {
        try {
            // Puts the brackets around an IPv6 address.
            return new URI(tls ? "mqtts" : "mqtt", null, host, port, null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "--host '" + host + "' and --port " + port + " make no endpoint: " + e, e);
        }
    }

    /** Whether a server at this address can be reached from other machines. An unknown host is left to the library. */
    boolean isReachableFromOutside() {
        InetSocketAddress resolved = new InetSocketAddress(host, 0);
        return !resolved.isUnresolved() && !resolved.getAddress().isLoopbackAddress();
    }
}
