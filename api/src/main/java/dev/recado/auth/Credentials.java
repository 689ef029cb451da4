package dev.recado.auth;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * User name and password, as a client gives them to its broker when it connects. Immutable and thread-safe, compared by identity; nothing
 * in it that is secret appears in {@link #toString}.
 *
 * @since 0.1.0
 */
public final class Credentials {

    private final String userName;
    private final byte[] password;

    /**
     * One of the two, or both.
     *
     * @param userName at most 65,535 bytes in UTF-8; {@code null} for none, which MQTT 3.1.1 does not allow
     *     (MQTT-3.1.2-22)
     * @param password binary data, at most 65,535 bytes; {@code null} for none; copied
     * @throws IllegalArgumentException when there is neither
     */
    public Credentials(String userName, byte[] password) {
        if (userName == null && password == null) {
            throw new IllegalArgumentException("credentials need a user name or a password, but have neither");
        }
        this.userName = userName;
        this.password = password == null ? null : password.clone();
    }

    /**
     * A password that is a text.
     *
     * @param userName at most 65,535 bytes in UTF-8
     * @param password likewise
     * @return both
     */
    public static Credentials of(String userName, String password) {
        Objects.requireNonNull(userName, "userName");
        return new Credentials(userName, password.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The User Name.
     *
     * @return {@code null} for none
     */
    public String userName() {
        return userName;
    }

    /**
     * The Password.
     *
     * @return a copy; {@code null} for none
     */
    public byte[] password() {
        return password == null ? null : password.clone();
    }

    @Override
    public String toString() {
        return "Credentials[user " + userName + ", " + (password == null ? "no password" : "a password") + "]";
    }
}
