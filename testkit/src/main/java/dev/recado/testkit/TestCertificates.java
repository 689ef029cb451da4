package dev.recado.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority for tests, made when it is needed and gone with the JVM: no file with a key lies about, and none
 * expires. It runs the JDK's {@code keytool}, which takes about a second for each certificate. Thread-safe.
 *
 * @since 0.1.0
 */
public final class TestCertificates {

    private static final String PASSWORD = "not a secret";
    private static final String AUTHORITY = "authority";
    private static final int LIMIT_SECONDS = 60;

    private byte[] store = {};
    private int issued;

    private TestCertificates(String name) {
        keytool(AUTHORITY, List.of("-dname", "CN=" + name, "-ext", "bc:c", "-validity", "2"));
    }

    /**
     * Makes an authority.
     *
     * @param name its common name
     * @return trusted by nobody yet
     */
    public static TestCertificates authority(String name) {
        return new TestCertificates(name);
    }

    /** A certificate with its key, and those that vouch for it. */
    public static final class Identity {

        private final Key key;
        private final Certificate[] chain;

        private Identity(Key key, Certificate[] chain) {
            this.key = key;
            this.chain = chain.clone();
        }

        /**
         * The certificates.
         *
         * @return PEM, its own first
         */
        public String certificatePem() {
            StringBuilder text = new StringBuilder();
            for (Certificate certificate : chain) {
                text.append(pem(certificate));
            }
            return text.toString();
        }

        /**
         * The private key.
         *
         * @return PEM (PKCS #8), not encrypted
         */
        public String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }
    }

    /**
     * Issues a certificate that is valid today.
     *
     * @param commonName of the subject
     * @param names whom it is for, such as {@code dns:localhost} or {@code ip:127.0.0.1}; none for a client
     * @return the new identity
     */
    public Identity issue(String commonName, String... names) {
        return issue(commonName, List.of("-validity", "2"), names);
    }

    /**
     * Issues a certificate that was valid the day before yesterday.
     *
     * @param commonName of the subject
     * @param names as {@link #issue} has them
     * @return the new identity
     */
    public Identity issueExpired(String commonName, String... names) {
        return issue(commonName, List.of("-startdate", "-3d", "-validity", "1"), names);
    }

    private synchronized Identity issue(String commonName, List<String> validity, String... names) {
        String alias = "issued" + ++issued;
        List<String> options = new ArrayList<>(validity);
        options.addAll(List.of("-dname", "CN=" + commonName, "-signer", AUTHORITY));
        if (names.length > 0) {
            options.addAll(List.of("-ext", "san=" + String.join(",", names)));
        }
        keytool(alias, options);
        try {
            KeyStore all = load();
            return new Identity(all.getKey(alias, PASSWORD.toCharArray()), all.getCertificateChain(alias));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key store that keytool has written cannot be read", e);
        }
    }

    /**
     * A context that trusts this authority, and shows nothing.
     *
     * @return a new one
     */
    public SSLContext context() {
        return context(null);
    }

    /**
     * A context that trusts this authority.
     *
     * @param shown what it shows to the peer; {@code null} for nothing
     * @return a new one
     */
    public SSLContext context(Identity shown) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(shown == null ? empty() : holding(shown), PASSWORD.toCharArray());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            KeyStore trusted = empty();
            trusted.setCertificateEntry(AUTHORITY, load().getCertificate(AUTHORITY));
            trust.init(trusted);
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM makes no TLS context", e);
        }
    }

    /**
     * The authority's own certificate, for programs that are to trust it.
     *
     * @return PEM
     */
    public String authorityPem() {
        try {
            return pem(load().getCertificate(AUTHORITY));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key store that keytool has written cannot be read", e);
        }
    }

    private static KeyStore holding(Identity identity) throws GeneralSecurityException {
        KeyStore keys = empty();
        keys.setKeyEntry("shown", identity.key, PASSWORD.toCharArray(), identity.chain);
        return keys;
    }

    private static KeyStore empty() throws GeneralSecurityException {
        return load(null);
    }

    private synchronized KeyStore load() throws GeneralSecurityException {
        return load(store);
    }

    private static KeyStore load(byte[] bytesOrNull) throws GeneralSecurityException {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(bytesOrNull == null ? null : new ByteArrayInputStream(bytesOrNull), PASSWORD.toCharArray());
            return keys;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + what + "-----\n";
    }

    /** Adds a key pair to the store. */
    private synchronized void keytool(String alias, List<String> options) {
        try {
            Path folder = Files.createTempDirectory("recado-certificates");
            Path file = folder.resolve("store.p12");
            try {
                if (store.length > 0) {
                    Files.write(file, store);
                }
                run(alias, file, options);
                store = Files.readAllBytes(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(String alias, Path file, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(options);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("keytool did not make the certificate '" + alias + "': " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
