package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.StateListener;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Credentials;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/** What both builders ask for alike, with the defaults. Not thread-safe; not changed any more after {@code open()}. */
final class ClientSettings {

    private static final int MAX_KEEP_ALIVE_SECONDS = 0xFFFF;
    private static final int MAX_TEXT_BYTES = 0xFFFF;
    private static final long MAX_SECONDS = 0xFFFF_FFFFL;

    /** What every server of MQTT 3.1.1 takes (MQTT-3.1.3-5): these characters, and 23 of them. */
    private static final String ID_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

    private static final int RANDOM_ID_LENGTH = 16;

    final URI endpoint;
    final TransportChoice transport;
    private final boolean cleanStartWithSession;
    private String clientId = "";
    private ProtocolVersion version = ProtocolVersion.MQTT_5;
    private Supplier<Credentials> credentials;
    private ClientAuthentication authentication;
    private long sessionExpirySeconds;

    /** {@code null} when the program said nothing. */
    private Boolean cleanStart;

    private Packet.Will will;
    private long timeoutNanos = Nanos.of(Duration.ofSeconds(30));
    private Duration connectTimeout = Duration.ofSeconds(10);
    private int keepAliveSeconds = 60;
    private Reconnect reconnect = Reconnect.defaults();
    private StateListener stateListener;

    /**
     * The defaults.
     *
     * @param cleanStartWithSession the default of {@code cleanStart} for a client whose session outlives its connection
     */
    ClientSettings(URI endpoint, TransportChoice transport, boolean cleanStartWithSession) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.transport = Objects.requireNonNull(transport, "transport");
        this.cleanStartWithSession = cleanStartWithSession;
    }

    void clientId(String id) {
        if (id.isEmpty()) {
            throw new IllegalArgumentException(
                    "the client identifier is empty; without clientId() the broker assigns one");
        }
        int bytes = id.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("the client identifier has " + bytes + " bytes in UTF-8, allowed are "
                    + MAX_TEXT_BYTES + " (MQTT-3.1.3-4)");
        }
        clientId = id;
    }

    /** Empty: the broker is to assign one. */
    String clientId() {
        return clientId;
    }

    void version(MqttVersion protocol) {
        version = switch (protocol) {
            case V3_1_1 -> ProtocolVersion.MQTT_3_1_1;
            case V5 -> ProtocolVersion.MQTT_5;
        };
    }

    ProtocolVersion version() {
        return version;
    }

    void credentials(Supplier<Credentials> source) {
        credentials = Objects.requireNonNull(source, "source");
    }

    /** {@code null} when the client connects without. */
    Supplier<Credentials> credentials() {
        return credentials;
    }

    void authentication(ClientAuthentication method) {
        authentication = Objects.requireNonNull(method, "method");
    }

    /** {@code null} when the client connects without. */
    ClientAuthentication authentication() {
        return authentication;
    }

    void sessionExpiry(Duration time) {
        sessionExpirySeconds = wholeSeconds("sessionExpiry", time, MAX_SECONDS);
    }

    /** 0: the session ends with each connection. */
    long sessionExpirySeconds() {
        return sessionExpirySeconds;
    }

    void cleanStart(boolean forget) {
        cleanStart = forget;
    }

    /** Of the first connection. */
    boolean cleanStart() {
        if (cleanStart != null) {
            return cleanStart;
        }
        return sessionExpirySeconds == 0 || (cleanStartWithSession && version.hasProperties());
    }

    void will(Message message, Duration delay) {
        Properties.Builder properties = MessageProperties.of(message);
        message.expiry().ifPresent(expiry -> properties.set(Property.MESSAGE_EXPIRY_INTERVAL, expiry.getSeconds()));
        long delaySeconds = wholeSeconds("the will's delay", delay, MAX_SECONDS);
        if (delaySeconds > 0) {
            properties.set(Property.WILL_DELAY_INTERVAL, delaySeconds);
        }
        will = new Packet.Will(
                message.qos().orElse(QoS.AT_LEAST_ONCE),
                message.retained(),
                properties.build(),
                message.topic(),
                message.payload());
    }

    /** {@code null} when there is none. */
    Packet.Will will() {
        return will;
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
        keepAliveSeconds = (int) wholeSeconds("keepAlive", interval, MAX_KEEP_ALIVE_SECONDS);
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

    private static long wholeSeconds(String name, Duration value, long max) {
        if (value.isNegative() || value.getSeconds() > max || value.getNano() != 0) {
            throw new IllegalArgumentException(name + " must be 0 to " + max + " whole seconds, but is " + value);
        }
        return value.getSeconds();
    }

    /** Refuses what does not go together, and decides what was left open. */
    void requireConsistent() {
        transport.trustByDefault(endpoint);
        if (sessionExpirySeconds > 0 && clientId.isEmpty()) {
            throw new IllegalArgumentException("sessionExpiry is " + sessionExpirySeconds
                    + " seconds, but a session that outlives its connection needs a clientId to be found by");
        }
        if (version.hasProperties()) {
            return;
        }
        if (cleanStart() != (sessionExpirySeconds == 0)) {
            throw new IllegalArgumentException("cleanStart is " + cleanStart() + " and sessionExpiry "
                    + sessionExpirySeconds + " seconds, but " + version + " has one flag for both: with a session"
                    + " that outlives its connection cleanStart is false, without one it is true");
        }
        if (authentication != null) {
            throw new IllegalArgumentException("authentication is '" + authentication.method() + "', but " + version
                    + " has user names and passwords only: use credentials(...), or MQTT 5");
        }
        if (will != null && !will.properties().isEmpty()) {
            throw new IllegalArgumentException(
                    "the will has the properties " + will.properties() + ", for which " + version + " has no place");
        }
        if (clientId.isEmpty()) {
            // A broker may choose one here as well, but does not say which.
            clientId = randomId();
        }
    }

    /** What nobody else is called. */
    static String randomId() {
        StringBuilder id = new StringBuilder("recado");
        new SecureRandom()
                .ints(RANDOM_ID_LENGTH, 0, ID_CHARACTERS.length())
                .forEach(i -> id.append(ID_CHARACTERS.charAt(i)));
        return id.toString();
    }
}
