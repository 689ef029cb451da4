package dev.recado.core.client;

import dev.recado.ClientBuilder;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Reconnect;
import dev.recado.StateListener;
import dev.recado.Tls;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Credentials;
import dev.recado.core.TransportChoice;
import dev.recado.core.time.Timers;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/** What the builders of both roles have in common. Not thread-safe. */
abstract class CommonBuilder<B extends ClientBuilder<B>> implements ClientBuilder<B> {

    final ClientSettings settings;

    /** {@code null}: the client gets timers of its own, and closes them. */
    final Timers timers;

    CommonBuilder(URI endpoint, TransportChoice transport, boolean cleanStartWithSession, Timers timersOrNull) {
        settings = new ClientSettings(endpoint, transport, cleanStartWithSession);
        timers = timersOrNull;
    }

    /** This builder as what the program sees. */
    abstract B self();

    @Override
    public B clientId(String id) {
        settings.clientId(id);
        return self();
    }

    @Override
    public B version(MqttVersion protocol) {
        settings.version(protocol);
        return self();
    }

    @Override
    public B credentials(Supplier<Credentials> source) {
        settings.credentials(source);
        return self();
    }

    @Override
    public B authentication(ClientAuthentication method) {
        settings.authentication(method);
        return self();
    }

    @Override
    public B sessionExpiry(Duration time) {
        settings.sessionExpiry(time);
        return self();
    }

    @Override
    public B cleanStart(boolean forget) {
        settings.cleanStart(forget);
        return self();
    }

    @Override
    public B will(Message message, Duration delay) {
        settings.will(message, delay);
        return self();
    }

    @Override
    public B timeout(Duration limit) {
        settings.timeout(limit);
        return self();
    }

    @Override
    public B connectTimeout(Duration limit) {
        settings.connectTimeout(limit);
        return self();
    }

    @Override
    public B keepAlive(Duration interval) {
        settings.keepAlive(interval);
        return self();
    }

    @Override
    public B reconnect(Reconnect policy) {
        settings.reconnect(policy);
        return self();
    }

    @Override
    public B onStateChange(StateListener listener) {
        settings.stateListener(listener);
        return self();
    }

    @Override
    public B transport(String name) {
        settings.transport.name(name);
        return self();
    }

    @Override
    public B transport(Transport shared) {
        settings.transport.shared(shared);
        return self();
    }

    @Override
    public B tls(Tls encryption) {
        settings.transport.tls(encryption);
        return self();
    }

    @Override
    public B layer(Layer layer) {
        settings.transport.addLayer(layer);
        return self();
    }
}
