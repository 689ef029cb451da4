package dev.recado.auth;

import dev.recado.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as an Authentication Method: the password never crosses the wire, the broker stores
 * nothing that a thief could log in with, and the client learns whether it really talks to its broker. Without channel
 * binding; use it with TLS where others can change what is sent.
 *
 * <p>All methods are thread-safe.
 *
 * <pre>
 * CONNECT   n,,n=user,r=clientNonce
 * AUTH 0x18 r=clientNonce+serverNonce,s=salt,i=iterations
 * AUTH 0x18 c=biws,r=clientNonce+serverNonce,p=ClientProof
 * CONNACK   v=ServerSignature
 * </pre>
 *
 * @since 0.1.0
 */
public final class ScramSha256 {

    /** The name of the method. */
    public static final String METHOD = "SCRAM-SHA-256";

    /** What a client takes at most, so that no server can keep it busy. */
    private static final int MOST_ITERATIONS = 1_000_000;

    private static final int FEWEST_ITERATIONS = 4_096; // RFC 7677, section 4
    private static final int KEY_BITS = 256;
    private static final String NO_CHANNEL_BINDING = "n,,";

    private ScramSha256() {}

    /**
     * What a broker keeps of a password.
     *
     * @param salt random
     * @param iterations of PBKDF2, 4,096 or more
     * @param storedKey RFC 5802's StoredKey
     * @param serverKey RFC 5802's ServerKey
     */
    public record Verifier(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {

        /**
         * Makes the verifier of a new password.
         *
         * @param password what its user will type; not normalized
         * @param iterations 4,096 or more; what an attacker has to do for each guess
         * @return with a new random salt
         * @throws IllegalArgumentException when there are too few iterations
         */
        public static Verifier of(String password, int iterations) {
            byte[] salt = random(16);
            return of(password, salt, iterations);
        }

        static Verifier of(String password, byte[] salt, int iterations) {
            if (iterations < FEWEST_ITERATIONS) {
                throw new IllegalArgumentException(
                        "iterations must be 4096 or more, but are " + iterations + " (RFC 7677, section 4)");
            }
            byte[] salted = salted(password, salt, iterations);
            return new Verifier(salt, iterations, sha256(hmac(salted, "Client Key")), hmac(salted, "Server Key"));
        }

        /** Shows nothing that is stored. */
        @Override
        public String toString() {
            return "Verifier[" + iterations + " iterations]";
        }
    }

    /**
     * A broker's authenticator that knows this method and no other: a client without an Authentication Method is refused.
     *
     * @param users finds the verifier of a user name; {@code null} for an unknown one. Called on a transport's thread, must not
     *     block
     * @return thread-safe
     */
    public static Authenticator authenticator(Function<String, Verifier> users) {
        Objects.requireNonNull(users, "users");
        byte[] secret = random(32);
        return new Authenticator() {
            @Override
            public CompletionStage<AuthStep.Decision> authenticate(Login login) {
                return CompletableFuture.completedFuture(new AuthStep.Denied(
                        ReasonCode.BAD_AUTHENTICATION_METHOD, "this broker wants Authentication Method " + METHOD));
            }

            @Override
            public Optional<AuthExchange> exchange(String method, Login login) {
                return method.equals(METHOD) ? Optional.of(new ServerExchange(users, secret)) : Optional.empty();
            }
        };
    }

    /**
     * A client's side.
     *
     * @param user its name; {@code =} and {@code ,} are allowed
     * @param password not normalized
     * @return thread-safe
     */
    public static ClientAuthentication client(String user, String password) {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
        return new ClientAuthentication() {
            @Override
            public String method() {
                return METHOD;
            }

            @Override
            public Exchange begin() {
                return new ClientExchange(user, password, nonce());
            }

            @Override
            public String toString() {
                return METHOD + " as '" + user + "'";
            }
        };
    }

    private static final class ServerExchange implements AuthExchange {

        private final Function<String, Verifier> users;
        private final byte[] secret;
        private String user;
        private Verifier verifier;
        private boolean known;
        private String nonce;

        /** Both first messages, as the proof is about them. */
        private String begun;

        ServerExchange(Function<String, Verifier> users, byte[] secret) {
            this.users = users;
            this.secret = secret;
        }

        @Override
        public CompletionStage<AuthStep> next(byte[] data) {
            String message = new String(data, StandardCharsets.UTF_8);
            AuthStep step;
            try {
                step = begun == null ? challenge(message) : decide(message);
            } catch (IllegalArgumentException e) {
                step = new AuthStep.Denied(ReasonCode.PROTOCOL_ERROR, METHOD + ": " + e.getMessage());
            }
            return CompletableFuture.completedFuture(step);
        }

        private AuthStep challenge(String first) {
            if (!first.startsWith(NO_CHANNEL_BINDING)) {
                throw new IllegalArgumentException(
                        "the first message must begin with 'n,,': no channel binding, no other identity");
            }
            String bare = first.substring(NO_CHANNEL_BINDING.length());
            String[] parts = bare.split(",", -1);
            user = unescape(value(parts, 0, "n"));
            String clientNonce = value(parts, 1, "r");
            if (clientNonce.isEmpty()) {
                throw new IllegalArgumentException("the nonce is empty");
            }
            verifier = users.apply(user);
            known = verifier != null;
            if (!known) {
                // Looks the same as for a user that exists, each time the same, so that nobody can ask who does.
                byte[] salt = hmac(secret, user);
                verifier = new Verifier(Arrays.copyOf(salt, 16), FEWEST_ITERATIONS, salt, salt);
            }
            nonce = clientNonce + nonce();
            String challenge = "r=" + nonce + ",s=" + base64(verifier.salt()) + ",i=" + verifier.iterations();
            begun = bare + "," + challenge;
            return new AuthStep.Challenge(challenge.getBytes(StandardCharsets.UTF_8));
        }

        private AuthStep decide(String last) {
            String[] parts = last.split(",", -1);
            if (!value(parts, 0, "c").equals(base64(NO_CHANNEL_BINDING.getBytes(StandardCharsets.UTF_8)))) {
                throw new IllegalArgumentException("the channel binding is not the one of the first message");
            }
            if (!value(parts, 1, "r").equals(nonce)) {
                throw new IllegalArgumentException("the nonce is not the one of the challenge");
            }
            byte[] proof = unbase64(value(parts, parts.length - 1, "p"));
            String about = begun + "," + last.substring(0, last.lastIndexOf(",p="));
            byte[] clientKey = xor(proof, hmac(verifier.storedKey(), about));
            boolean proved = MessageDigest.isEqual(sha256(clientKey), verifier.storedKey());
            if (!proved || !known) {
                return AuthStep.badUserNameOrPassword();
            }
            String signature = "v=" + base64(hmac(verifier.serverKey(), about));
            return new AuthStep.Accepted(user, signature.getBytes(StandardCharsets.UTF_8));
        }
    }

    static final class ClientExchange implements ClientAuthentication.Exchange {

        private final String password;
        private final String nonce;
        private final String bare;
        private String expectedSignature;

        ClientExchange(String user, String password, String nonce) {
            this.password = password;
            this.nonce = nonce;
            this.bare = "n=" + user.replace("=", "=3D").replace(",", "=2C") + ",r=" + nonce;
        }

        @Override
        public byte[] first() {
            return (NO_CHANNEL_BINDING + bare).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] answer(byte[] data) {
            String challenge = new String(data, StandardCharsets.UTF_8);
            String[] parts = challenge.split(",", -1);
            String bothNonces = value(parts, 0, "r");
            if (!bothNonces.startsWith(nonce) || bothNonces.length() == nonce.length()) {
                throw new IllegalArgumentException("the broker's nonce does not continue the client's");
            }
            int iterations = Integer.parseInt(value(parts, 2, "i"));
            if (iterations < FEWEST_ITERATIONS || iterations > MOST_ITERATIONS) {
                throw new IllegalArgumentException("the broker asks for " + iterations + " iterations, allowed are "
                        + FEWEST_ITERATIONS + " to " + MOST_ITERATIONS);
            }
            byte[] salted = salted(password, unbase64(value(parts, 1, "s")), iterations);
            String last = "c=" + base64(NO_CHANNEL_BINDING.getBytes(StandardCharsets.UTF_8)) + ",r=" + bothNonces;
            String about = bare + "," + challenge + "," + last;
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] proof = xor(clientKey, hmac(sha256(clientKey), about));
            expectedSignature = "v=" + base64(hmac(hmac(salted, "Server Key"), about));
            return (last + ",p=" + base64(proof)).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void finish(byte[] data) {
            if (expectedSignature == null
                    || !MessageDigest.isEqual(expectedSignature.getBytes(StandardCharsets.UTF_8), data)) {
                throw new IllegalArgumentException("the broker did not prove that it knows the user");
            }
        }
    }

    // ---- The grammar (RFC 5802, section 7) ----

    private static String value(String[] parts, int index, String name) {
        if (index >= parts.length || !parts[index].startsWith(name + "=")) {
            throw new IllegalArgumentException("attribute '" + name + "' is missing");
        }
        return parts[index].substring(name.length() + 1);
    }

    private static String unescape(String user) {
        if (user.replace("=2C", "").replace("=3D", "").contains("=")) {
            throw new IllegalArgumentException("'=' in the user name is not followed by 2C or 3D");
        }
        return user.replace("=2C", ",").replace("=3D", "=");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] unbase64(String text) {
        return Base64.getDecoder().decode(text);
    }

    private static String nonce() {
        return base64(random(18));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    // ---- The functions (RFC 5802, section 2.2) ----

    private static byte[] salted(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, KEY_BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA256", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }

    private static byte[] xor(byte[] one, byte[] other) {
        if (one.length != other.length) {
            throw new IllegalArgumentException("the proof has " + one.length + " bytes, expected are " + other.length);
        }
        byte[] result = new byte[one.length];
        for (int i = 0; i < one.length; i++) {
            result[i] = (byte) (one[i] ^ other[i]);
        }
        return result;
    }
}
