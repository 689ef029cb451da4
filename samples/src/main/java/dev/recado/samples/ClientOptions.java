package dev.recado.samples;

import dev.recado.ConnectionBuilder;
import java.net.URI;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** Where the server of a client is, and how to get there: the options that every client has. */
public final class ClientOptions {

    @Mixin
    private final Address address;

    @Mixin
    private TlsOptions.Client tls = new TlsOptions.Client();

    ClientOptions() {
        this(Address.MQTT_PORT);
    }

    /** With another port, unless the user names one. */
    public ClientOptions(int defaultPort) {
        address = new Address(defaultPort);
    }

    /** The server's endpoint. */
    public URI endpoint() {
        return address.endpoint(tls.isOn());
    }

    /** A client that is to connect there, such as {@code Subscriber::builder}. */
    public <B extends ConnectionBuilder<B>> B connecting(Function<URI, B> client) {
        return tls.applyTo(client.apply(endpoint())).transport(address.transport());
    }
}
