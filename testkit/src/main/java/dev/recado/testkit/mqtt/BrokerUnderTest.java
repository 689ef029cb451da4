package dev.recado.testkit.mqtt;

import dev.recado.auth.ClientAuthentication;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the broker is and what it is configured to do. By default it has every {@link MqttFeature}, lets everybody in, and
 * permits everything. Each setter returns this; not thread-safe until it is handed to {@link MqttContract}.
 *
 * @since 0.1.0
 */
public final class BrokerUnderTest implements AutoCloseable {

    /** A user that the broker does not let in. */
    record Credentials(String userName, String password) {}

    /** A test, perhaps one case of it, and a reason. */
    private static final Pattern DEVIATION = Pattern.compile("(\\w+(?:\\[[^]]+])?)\\s+(\\S.*)");

    private final String host;
    private final int port;
    private final String run = Long.toString(ThreadLocalRandom.current().nextLong(36 * 36 * 36 * 36), 36);
    private final AtomicLong names = new AtomicLong();
    private final Set<MqttFeature> features = EnumSet.allOf(MqttFeature.class);
    private final Map<String, String> deviations = new LinkedHashMap<>();
    private Credentials refusedCredentials;
    private String refusedClientId;
    private String refusedTopic;
    private ClientAuthentication authentication;
    private AutoCloseable owned = () -> {};

    private BrokerUnderTest(String host, int port) {
        this.host = host;
        this.port = port;
    }

    /**
     * A broker that takes MQTT over TCP here.
     *
     * @param host name or address
     * @param port its TCP port
     * @return a new description
     */
    public static BrokerUnderTest at(String host, int port) {
        return new BrokerUnderTest(host, port);
    }

    /**
     * A broker that takes MQTT over TCP here.
     *
     * @param endpoint such as {@code mqtt://127.0.0.1:1883}; only host and port matter
     * @return a new description
     */
    public static BrokerUnderTest at(URI endpoint) {
        return at(endpoint.getHost(), endpoint.getPort());
    }

    /**
     * Declares that the broker lacks features. Without {@link MqttFeature#REASON_CODES} it is tested at the standard level,
     * otherwise at the strict one: see {@link MqttContract}.
     *
     * @param lacking what it lacks
     * @return this
     */
    public BrokerUnderTest without(MqttFeature... lacking) {
        features.removeAll(Set.of(lacking));
        return this;
    }

    /**
     * Declares credentials that the broker refuses.
     *
     * @param userName the user
     * @param password not that user's
     * @return this
     */
    public BrokerUnderTest refusing(String userName, String password) {
        refusedCredentials = new Credentials(userName, password);
        return this;
    }

    /**
     * Declares a Client Identifier, valid in MQTT, that the broker refuses.
     *
     * @param clientId the identifier
     * @return this
     */
    public BrokerUnderTest refusingClientId(String clientId) {
        refusedClientId = clientId;
        return this;
    }

    /**
     * Declares a Topic Name, valid in MQTT, under which the broker takes no message from clients: at QoS 1 and 2 it answers an
     * MQTT 5 client with an error in PUBACK or PUBREC and lets the connection live.
     *
     * @param topic the name
     * @return this
     */
    public BrokerUnderTest refusingTopic(String topic) {
        refusedTopic = topic;
        return this;
    }

    /**
     * Declares an Authentication Method (MQTT 5, section 4.12) with at least one challenge, which is answered by Authentication
     * Data. An answer whose last byte is inverted must be refused.
     *
     * @param client the client's side
     * @return this
     */
    public BrokerUnderTest authenticating(ClientAuthentication client) {
        authentication = client;
        return this;
    }

    /**
     * Lists tests that the broker is known to fail. They run nevertheless: one that passes fails as "no longer a deviation",
     * and so does a name that no test has. A line has a test's name and the reason behind it; empty lines and those that
     * begin with {@code #} say nothing. Of a test with many cases, the name alone means each of them, and {@code name[case]}
     * one.
     *
     * @param list a text in UTF-8
     * @return this
     * @throws IllegalArgumentException when a line has no reason, or repeats a name
     */
    public BrokerUnderTest deviatingAsIn(URL list) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(list.openStream(), StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> deviate(line, list));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private void deviate(String line, URL list) {
        Matcher parts = DEVIATION.matcher(line);
        if (!parts.matches() || deviations.put(parts.group(1), parts.group(2)) != null) {
            throw new IllegalArgumentException(
                    "each line of " + list + " must be a new test's name and a reason, but one is '" + line + "'");
        }
    }

    /**
     * Hands over what is to be closed behind the last test.
     *
     * @param resource such as the broker itself
     * @return this
     */
    public BrokerUnderTest closing(AutoCloseable resource) {
        owned = resource;
        return this;
    }

    /** Closes what was handed over. */
    @Override
    public void close() throws Exception {
        owned.close();
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    boolean has(MqttFeature feature) {
        return features.contains(feature);
    }

    /** {@code null} when there are none. */
    Credentials refusedCredentials() {
        return refusedCredentials;
    }

    /** {@code null} when there is none. */
    String refusedClientId() {
        return refusedClientId;
    }

    /** {@code null} when there is none. */
    String refusedTopic() {
        return refusedTopic;
    }

    /** {@code null} when there is none. */
    ClientAuthentication authentication() {
        return authentication;
    }

    /** Reasons by test or case. */
    Map<String, String> deviations() {
        return deviations;
    }

    /**
     * The reason why this test fails, or this case of it; {@code null} when it must not.
     *
     * @param theCase in brackets, or empty
     */
    String deviation(String test, String theCase) {
        return deviations.getOrDefault(test + theCase, deviations.get(test));
    }

    /** A word of at most 16 letters and digits that nobody else uses at this broker. */
    String uniqueName() {
        return "k" + run + "x" + names.incrementAndGet();
    }

    @Override
    public String toString() {
        return "the broker at " + host + ":" + port;
    }
}
