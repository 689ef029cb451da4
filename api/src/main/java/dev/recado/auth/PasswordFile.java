package dev.recado.auth;

import dev.recado.ReasonCode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * User names and passwords in a file that {@code mosquitto_passwd} writes: {@code mosquitto_passwd -c passwords ana}.
 *
 * <pre>
 * # a comment
 * ana:$7$101$salt$hash
 * </pre>
 *
 * <p>{@code $7$} is PBKDF2 with HMAC-SHA-512; after it come iterations, salt and hash, the latter two in Base64. Other kinds of
 * hashes are refused when the file is read. The user name becomes the principal.
 *
 * <p>Passwords are hashed on daemon threads of this object's own, {@code recado-passwords}, which end when there is nothing to do, or
 * on an {@link #executor}; when 1,000 logins wait, one more is refused with 0x89. An unknown user takes as long as one that is
 * known. Thread-safe; one object may serve several brokers.
 *
 * @since 0.1.0
 */
public final class PasswordFile implements Authenticator {

    private static final int MOST_WAITING = 1_000;
    private static final int MOST_ITERATIONS = 10_000_000;
    private static final int HASH_BYTES = 64;
    private static final String PREFIX = "$7$";
    private static final byte[] NO_PASSWORD = {};
    private static final byte[] FIRST_BLOCK = {0, 0, 0, 1};

    private static final AuthStep.Denied BUSY =
            new AuthStep.Denied(ReasonCode.SERVER_BUSY, "too many are logging in; try again later");

    private final Path file;
    private volatile Users users;
    private volatile boolean anonymousAllowed;
    private volatile Executor executor;

    /**
     * Reads the file.
     *
     * @param file in UTF-8, 64 MiB at most
     * @throws IOException when it cannot be read, or is not what it should be: with file, line and what to do
     */
    public PasswordFile(Path file) throws IOException {
        this.file = Objects.requireNonNull(file, "file");
        users = Users.read(file);
        executor = ownExecutor();
    }

    private static Executor ownExecutor() {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor own = new ThreadPoolExecutor(
                threads, threads, 5, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(task, "recado-passwords");
                    thread.setDaemon(true);
                    return thread;
                });
        own.allowCoreThreadTimeOut(true);
        return own;
    }

    /**
     * Lets clients in that give no user name, as nobody in particular.
     *
     * @return this
     */
    public PasswordFile anonymous() {
        anonymousAllowed = true;
        return this;
    }

    /**
     * Hashes passwords elsewhere.
     *
     * @param other should bound its queue; what it rejects is refused with 0x89
     * @return this
     */
    public PasswordFile executor(Executor other) {
        executor = Objects.requireNonNull(other, "other");
        return this;
    }

    /**
     * Reads the file again. Who is connected stays connected.
     *
     * @throws IOException as when it was read first; then what was read before stays in force
     */
    public void reload() throws IOException {
        users = Users.read(file);
    }

    @Override
    public CompletionStage<AuthStep.Decision> authenticate(Login login) {
        if (login.userName() == null) {
            return CompletableFuture.completedFuture(
                    anonymousAllowed
                            ? AuthStep.anonymous()
                            : new AuthStep.Denied(ReasonCode.NOT_AUTHORIZED, "a user name and a password are needed"));
        }
        CompletableFuture<AuthStep.Decision> decision = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    decision.complete(decide(login));
                } catch (RuntimeException | Error e) {
                    decision.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            decision.complete(BUSY);
        }
        return decision;
    }

    private AuthStep.Decision decide(Login login) {
        return users.verify(login.userName(), login.password())
                ? AuthStep.accepted(login.userName())
                : AuthStep.badUserNameOrPassword();
    }

    /** Shows the file's name alone. */
    @Override
    public String toString() {
        return "PasswordFile[" + file + "]";
    }

    // ---- The file ----

    private record Stored(int iterations, byte[] salt, byte[] hash) {

        /** Shows nothing that is stored. */
        @Override
        public String toString() {
            return "Stored[" + iterations + " iterations]";
        }
    }

    private static final class Users {

        private final Map<String, Stored> byName = new HashMap<>();
        private final int seed = new SecureRandom().nextInt();
        private Stored[] stored;

        static Users read(Path file) throws IOException {
            Users users = new Users();
            AccountLines.read(file, users::add);
            users.stored = users.byName.values().toArray(new Stored[0]);
            return users;
        }

        private void add(String line) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("expected is user:$7$iterations$salt$hash");
            }
            String name = line.substring(0, colon);
            if (byName.put(name, parse(line.substring(colon + 1).strip())) != null) {
                throw new IllegalArgumentException("user '" + name + "' is there twice");
            }
        }

        boolean verify(String name, byte[] password) {
            Stored known = byName.get(name);
            Stored compared = known == null ? substitute(name) : known;
            byte[] hash = pbkdf2(password == null ? NO_PASSWORD : password, compared.salt(), compared.iterations());
            boolean same = MessageDigest.isEqual(hash, compared.hash());
            return same && known != null && password != null;
        }

        /** Each time the same one, as if the user existed. */
        private Stored substitute(String name) {
            return stored.length == 0
                    ? new Stored(1, new byte[1], new byte[HASH_BYTES])
                    : stored[Math.floorMod(31 * name.hashCode() ^ seed, stored.length)];
        }
    }

    private static Stored parse(String password) {
        if (!password.startsWith(PREFIX)) {
            throw new IllegalArgumentException("the password is " + kindOf(password)
                    + ", supported is $7$ (PBKDF2-SHA512); set it again with mosquitto_passwd -H sha512-pbkdf2");
        }
        String[] parts = password.substring(PREFIX.length()).split("\\$", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("expected after $7$ is iterations$salt$hash");
        }
        int iterations;
        byte[] salt;
        byte[] hash;
        try {
            iterations = Integer.parseInt(parts[0]);
            salt = Base64.getDecoder().decode(parts[1]);
            hash = Base64.getDecoder().decode(parts[2]);
        } catch (IllegalArgumentException e) {
            // Its message would show what is stored.
            throw new IllegalArgumentException("iterations must be a number, salt and hash Base64");
        }
        if (iterations < 1 || iterations > MOST_ITERATIONS) {
            throw new IllegalArgumentException(
                    "iterations must be 1 to " + MOST_ITERATIONS + ", but are " + iterations);
        }
        if (salt.length == 0 || hash.length != HASH_BYTES) {
            throw new IllegalArgumentException("the hash must have " + HASH_BYTES
                    + " bytes and the salt some, but they have " + hash.length + " and " + salt.length);
        }
        return new Stored(iterations, salt, hash);
    }

    private static String kindOf(String password) {
        if (password.startsWith("$6$")) {
            return "of kind $6$ (SHA512 with salt)";
        }
        return password.startsWith("$") ? "of another kind" : "not hashed";
    }

    // ---- The function (RFC 8018, section 5.2) ----

    /**
     * One block of PBKDF2 with HMAC-SHA-512. Not the JDK's: that takes characters, and an MQTT password is any bytes (MQTT 5, section
     * 3.1.3.6).
     */
    static byte[] pbkdf2(byte[] password, byte[] salt, int iterations) {
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            // HMAC pads keys with zeros, so an empty one, which Java refuses, is the same as this.
            mac.init(new SecretKeySpec(password.length == 0 ? new byte[1] : password, "HmacSHA512"));
            byte[] u = new byte[HASH_BYTES];
            mac.update(salt);
            mac.update(FIRST_BLOCK);
            mac.doFinal(u, 0);
            byte[] result = u.clone();
            for (int i = 1; i < iterations; i++) {
                mac.update(u);
                mac.doFinal(u, 0);
                for (int k = 0; k < HASH_BYTES; k++) {
                    result[k] ^= u[k];
                }
            }
            return result;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA512", e);
        }
    }
}
