package dev.recado.samples;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Option;

/** Where the broker is, and what carries the bytes: the options that every command over the network has. */
final class Address {

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "the broker's host name or address (default: ${DEFAULT-VALUE})")
    String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "1883",
            description = "the broker's port (default: ${DEFAULT-VALUE})")
    int port;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "nio",
            description = "nio or blocking (default: ${DEFAULT-VALUE})")
    String transport;

    /** The endpoint, as the library writes it. */
    URI endpoint() {
        try {
            // Puts the brackets around an IPv6 address.
            return new URI("mqtt", null, host, port, null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "--host '" + host + "' and --port " + port + " make no endpoint: " + e, e);
        }
    }
}
