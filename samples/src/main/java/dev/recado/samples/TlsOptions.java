package dev.recado.samples;

import dev.recado.Broker;
import dev.recado.ConnectionBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine.Option;

/**
 * The options that encrypt, of servers and of clients. Beyond reading files it is what any program does to get an
 * {@link SSLContext}; no password is taken on the command line, where others could see it.
 */
final class TlsOptions {

    /** Who a server is. */
    static final class Server {

        private static final String PASSWORD_VARIABLE = "RECADO_KEYSTORE_PASSWORD";

        @Option(names = "--tls", description = "encrypt: needs --cert and --key, or --keystore")
        private boolean on;

        @Option(
                names = "--cert",
                paramLabel = "FILE",
                description = "the certificate, and those that vouch for it (PEM)")
        private Path cert;

        @Option(names = "--key", paramLabel = "FILE", description = "its private key (PEM, PKCS #8, not encrypted)")
        private Path key;

        @Option(names = "--keystore", paramLabel = "FILE", description = "both in one file (PKCS #12)")
        private Path keystore;

        @Option(
                names = "--keystore-password",
                paramLabel = "FILE",
                description = "a file with its password (default: the environment variable " + PASSWORD_VARIABLE + ")")
        private Path keystorePassword;

        /** Whether to encrypt. */
        boolean isOn() {
            return on;
        }

        /** Gives a broker what its {@code mqtts://} endpoint needs; nothing without {@code --tls}. */
        Broker.Builder applyTo(Broker.Builder broker) {
            boolean pem = cert != null && key != null;
            boolean half = (cert == null) != (key == null) || (keystorePassword != null && keystore == null);
            if (half || (pem && keystore != null) || on != (pem || keystore != null)) {
                throw new IllegalArgumentException(
                        "--tls goes with either --cert and --key or --keystore, and these only with --tls");
            }
            if (!on) {
                return broker;
            }
            return broker.tls(pem ? fromPem() : fromKeystore());
        }

        private SSLContext fromPem() {
            char[] inMemoryOnly = {};
            return reading("--cert '" + cert + "' and --key '" + key + "'", () -> {
                KeyStore store = empty();
                Certificate[] chain = certificates(cert).toArray(Certificate[]::new);
                store.setKeyEntry("server", privateKey(key), inMemoryOnly, chain);
                return context(keyManagers(store, inMemoryOnly), null);
            });
        }

        private SSLContext fromKeystore() {
            return reading("--keystore '" + keystore + "'", () -> {
                char[] password = password();
                KeyStore store = KeyStore.getInstance("PKCS12");
                try (InputStream file = Files.newInputStream(keystore)) {
                    store.load(file, password);
                }
                return context(keyManagers(store, password), null);
            });
        }

        private char[] password() throws IOException {
            if (keystorePassword != null) {
                return Files.readString(keystorePassword).stripTrailing().toCharArray();
            }
            String variable = System.getenv(PASSWORD_VARIABLE);
            if (variable == null) {
                throw new IOException("its password is neither in --keystore-password nor in " + PASSWORD_VARIABLE);
            }
            return variable.toCharArray();
        }
    }

    /** Whom a client trusts. */
    static final class Client {

        @Option(names = "--tls", description = "encrypt, and make sure that the server is who it says")
        private boolean on;

        @Option(
                names = "--cafile",
                paramLabel = "FILE",
                description = "trust these authorities (PEM; default: those that Java trusts)")
        private Path authorities;

        /** Whether to encrypt. */
        boolean isOn() {
            return on;
        }

        /** Tells a client whom to trust; nothing unless that is stated. */
        <B extends ConnectionBuilder<B>> B applyTo(B client) {
            if (authorities == null) {
                return client;
            }
            if (!on) {
                throw new IllegalArgumentException("--cafile goes with --tls only");
            }
            return client.tls(reading("--cafile '" + authorities + "'", () -> {
                KeyStore store = empty();
                for (Certificate authority : certificates(authorities)) {
                    store.setCertificateEntry("authority" + store.size(), authority);
                }
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store);
                return context(null, factory.getTrustManagers());
            }));
        }
    }

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);

    /** Those that TLS 1.3 and 1.2 sign with. */
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519", "Ed448");

    private TlsOptions() {}

    /** What reads files; its failures are told with the files' names and without what is in them. */
    private interface Reading {
        SSLContext read() throws IOException, GeneralSecurityException;
    }

    private static SSLContext reading(String what, Reading reading) {
        try {
            return reading.read();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(what + " cannot be used: " + e, e);
        }
    }

    private static SSLContext context(KeyManager[] own, TrustManager[] trusted) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, trusted, null);
        return context;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static KeyManager[] keyManagers(KeyStore store, char[] password) throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static Collection<? extends Certificate> certificates(Path pem)
            throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem)));
        if (all.isEmpty()) {
            throw new IOException("no certificate is in '" + pem + "'");
        }
        return all;
    }

    private static PrivateKey privateKey(Path pem) throws IOException, GeneralSecurityException {
        Matcher found = PRIVATE_KEY.matcher(Files.readString(pem, StandardCharsets.US_ASCII));
        if (!found.find()) {
            throw new IOException("no 'BEGIN PRIVATE KEY' (PKCS #8, not encrypted) is in '" + pem + "'");
        }
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1)));
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm.
            }
        }
        throw new IOException("the private key in '" + pem + "' is of none of " + KEY_ALGORITHMS);
    }
}
