package dev.recado.samples;

import dev.recado.Broker;
import picocli.CommandLine.Mixin;

/** Where a server listens, and how: the options that every server has. */
public final class ServerOptions {

    @Mixin
    private final Address address;

    @Mixin
    private TlsOptions.Server tls = new TlsOptions.Server();

    ServerOptions() {
        this(Address.MQTT_PORT);
    }

    /** With another port, unless the user names one. */
    public ServerOptions(int defaultPort) {
        address = new Address(defaultPort);
    }

    /** A broker that is to listen there. */
    public Broker.Builder broker() {
        return tls.applyTo(Broker.builder()).transport(address.transport()).listen(address.endpoint(tls.isOn()));
    }

    /** Whether it can be reached from other machines. An unknown host is left to the library. */
    public boolean isReachableFromOutside() {
        return address.isReachableFromOutside();
    }
}
