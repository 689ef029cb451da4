package dev.recado;

import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Credentials;
import dev.recado.spi.Layer;
import dev.recado.spi.Transport;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * How a program reaches a broker and stays in touch with it: what the builders of {@link Publisher}s, {@link Subscriber}s,
 * {@link Requester}s and {@link Responder}s have in common. Not thread-safe. Each method returns the builder it is called on.
 *
 * @param <B> the type of the builder itself
 * @since 0.1.0
 */
public interface ConnectionBuilder<B extends ConnectionBuilder<B>> {

    /**
     * The client identifier.
     *
     * @param id unique at the broker; the one who comes second takes the name over. Default: the broker assigns one; with
     *     {@link MqttVersion#V3_1_1} it is a random one
     * @return this
     * @throws IllegalArgumentException when it is empty or longer than 65,535 bytes in UTF-8
     */
    B clientId(String id);

    /**
     * A user name and a password that do not change.
     *
     * @param userName at most 65,535 bytes in UTF-8
     * @param password likewise; without TLS everybody on the way can read it
     * @return this
     * @see #credentials(Supplier)
     */
    default B credentials(String userName, String password) {
        Credentials fixed = Credentials.of(userName, password);
        return credentials(() -> fixed);
    }

    /**
     * User name and password that may change, such as a token that expires. A broker that does not take them ends the client
     * with a {@link RefusedException} that says {@link ReasonCode#BAD_USER_NAME_OR_PASSWORD} or
     * {@link ReasonCode#NOT_AUTHORIZED}: it does not try again.
     *
     * @param source asked once for each connection: by the thread that calls {@code open()}, later by a thread of the
     *     client's own, and may take its time. Throwing, or returning {@code null}, fails the attempt as a broker would that
     *     cannot be reached
     * @return this
     */
    B credentials(Supplier<Credentials> source);

    /**
     * Enhanced authentication (MQTT 5, section 4.12), such as {@link dev.recado.auth.ScramSha256#client}. It may come on
     * top of {@link #credentials(Supplier)}. When the broker says no, or its answers do not satisfy the method, the client ends
     * with a {@link RefusedException}: it does not try again.
     *
     * @param method begins once for each connection, and whenever the program {@linkplain Publisher#reauthenticate asks for
     *     it}; always on a thread that may wait. MQTT 3.1.1 has none: {@code open()} then throws
     *     {@link IllegalArgumentException}
     * @return this
     */
    B authentication(ClientAuthentication method);

    /**
     * How long a call may wait: for the connection and for the broker's answer, and when closing.
     *
     * @param limit positive; default 30 seconds
     * @return this
     * @throws IllegalArgumentException when it is not positive
     */
    B timeout(Duration limit);

    /**
     * How long {@code open()} and each later attempt to connect may take.
     *
     * @param limit positive; default 10 seconds
     * @return this
     * @throws IllegalArgumentException when it is not positive
     */
    B connectTimeout(Duration limit);

    /**
     * After how much silence client and broker make sure of each other. Half as much again without a word from this
     * client, and the broker ends the connection.
     *
     * @param interval 0 to 65,535 whole seconds; 0 switches it off; default 60 seconds
     * @return this
     * @throws IllegalArgumentException when it is out of range or no whole number of seconds
     */
    B keepAlive(Duration interval);

    /**
     * What happens when the connection is lost. After reconnecting to a broker that has no session of this client any more
     * (see {@link ClientBuilder#sessionExpiry}), a subscriber subscribes again, and last values then arrive again, too; a publisher
     * publishes again what was not acknowledged.
     *
     * @param policy default {@link Reconnect#defaults()}; {@link Reconnect#never()} to give up at once
     * @return this
     */
    B reconnect(Reconnect policy);

    /**
     * Tells about changes of the client's {@link ConnectionState}.
     *
     * @param listener replaces an earlier one
     * @return this
     */
    B onStateChange(StateListener listener);

    /**
     * Chooses a transport by name instead of by the endpoint's scheme.
     *
     * @param name such as {@code nio} or {@code blocking}
     * @return this
     */
    B transport(String name);

    /**
     * Uses a transport that the caller made and will close; several clients may share it.
     *
     * @param shared the transport
     * @return this
     */
    B transport(Transport shared);

    /**
     * How to encrypt, to an {@code mqtts://} endpoint. Without it, one trusts whom {@link SSLContext#getDefault()} trusts:
     * the public authorities that the JVM knows.
     *
     * @param context trusts the broker's certificate, and has the client's own where the broker asks for one
     * @return this
     */
    default B tls(SSLContext context) {
        return tls(Tls.of(context));
    }

    /**
     * How to encrypt, to an {@code mqtts://} endpoint.
     *
     * @param encryption see there; with another endpoint {@code open()} throws {@link IllegalArgumentException}, for what was
     *     meant to be secret would not be
     * @return this
     */
    B tls(Tls encryption);

    /**
     * Puts a layer between transport and engine; later ones lie closer to the engine. TLS lies below all of them.
     *
     * @param layer the layer
     * @return this
     */
    B layer(Layer layer);
}
