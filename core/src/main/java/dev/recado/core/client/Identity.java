package dev.recado.core.client;

import dev.recado.auth.Credentials;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Who the client says it is, in one CONNECT and what follows it.
 *
 * @param userName {@code null} for none
 * @param password {@code null} for none
 * @param dialogue {@code null} without enhanced authentication
 */
record Identity(String userName, ByteBuffer password, AuthDialogue dialogue) {

    /** Asks the program, and so may take long and throw anything. */
    static Identity ask(ClientSettings settings) {
        AuthDialogue dialogue =
                settings.authentication() == null ? null : AuthDialogue.begin(settings.authentication());
        if (settings.credentials() == null) {
            return new Identity(null, null, dialogue);
        }
        Credentials credentials = Objects.requireNonNull(settings.credentials().get(), "credentials");
        byte[] password = credentials.password();
        return new Identity(credentials.userName(), password == null ? null : ByteBuffer.wrap(password), dialogue);
    }

    /** Whether {@link #ask} calls the program. */
    static boolean isAsked(ClientSettings settings) {
        return settings.authentication() != null || settings.credentials() != null;
    }

    /**
     * Adds to CONNECT's properties.
     *
     * @throws IllegalArgumentException when the wire cannot carry what the program said
     */
    void describe(Properties.Builder connect) {
        if (dialogue != null) {
            dialogue.describe(connect);
        }
    }

    /**
     * Refuses what MQTT 3.1.1 has no place for.
     *
     * @throws IllegalArgumentException for a password without user name
     */
    void requireAllowedIn(ProtocolVersion version) {
        if (!version.hasProperties() && userName == null && password != null) {
            throw new IllegalArgumentException("the credentials have a password and no user name, which " + version
                    + " does not allow (MQTT-3.1.2-22)");
        }
    }
}
