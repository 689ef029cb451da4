package dev.recado.core.client;

import dev.recado.Reconnect;
import dev.recado.StateListener;
import dev.recado.core.TransportChoice;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/** What both builders ask for alike, with the defaults. Not thread-safe; not changed any more after {@code open()}. */
final class ClientSettings {

    private static final int MAX_KEEP_ALIVE_SECONDS = 0xFFFF;

    final URI endpoint;
    final TransportChoice transport;
    private String clientId = "";
    private long timeoutNanos = Nanos.of(Duration.ofSeconds(30));
    private Duration connectTimeout = Duration.ofSeconds(10);
    private int keepAliveSeconds = 60;
    private Reconnect reconnect = Reconnect.defaults();
    private StateListener stateListener;

    ClientSettings(URI endpoint, TransportChoice transport) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.transport = Objects.requireNonNull(transport, "transport");
    }

    void clientId(String id) {
        if (id.isEmpty()) {
            throw new IllegalArgumentException(
                    "the client identifier is empty; without clientId() the broker assigns one");
        }
        clientId = id;
    }

    /** Empty: the broker is to assign one. */
    String clientId() {
        return clientId;
    }

    void timeout(Duration limit) {
        timeoutNanos = Nanos.ofLimit("timeout", limit);
    }

    long timeoutNanos() {
        return timeoutNanos;
    }

    void connectTimeout(Duration limit) {
        Nanos.ofLimit("connectTimeout", limit);
        connectTimeout = limit;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    void keepAlive(Duration interval) {
        if (interval.isNegative() || interval.getSeconds() > MAX_KEEP_ALIVE_SECONDS || interval.getNano() != 0) {
            throw new IllegalArgumentException(
                    "keepAlive must be 0 to " + MAX_KEEP_ALIVE_SECONDS + " whole seconds, but is " + interval);
        }
        keepAliveSeconds = (int) interval.getSeconds();
    }

    int keepAliveSeconds() {
        return keepAliveSeconds;
    }

    void reconnect(Reconnect policy) {
        reconnect = Objects.requireNonNull(policy, "policy");
    }

    Reconnect reconnect() {
        return reconnect;
    }

    void stateListener(StateListener listener) {
        stateListener = Objects.requireNonNull(listener, "listener");
    }

    /** {@code null} when nobody listens. */
    StateListener stateListener() {
        return stateListener;
    }
}
