package dev.recado.interop;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import dev.recado.testkit.TestCertificates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificates of all tests under TLS; making them takes seconds. */
final class Certificates {

    static final TestCertificates AUTHORITY = TestCertificates.authority("Interop's authority");
    static final TestCertificates.Identity BROKER = AUTHORITY.issue("broker", "dns:localhost", "ip:127.0.0.1");
    static final TestCertificates.Identity ALICE = AUTHORITY.issue("alice");

    /** A broker's context, which trusts the clients of the authority. */
    static final SSLContext OF_BROKER = AUTHORITY.context(BROKER);

    /** A client's that shows nothing. */
    static final SSLContext OF_ANYBODY = AUTHORITY.context();

    /** A client's that shows who it is. */
    static final SSLContext OF_ALICE = AUTHORITY.context(ALICE);

    private Certificates() {}

    /** As {@link #OF_ALICE}, for clients of HiveMQ's, which make the context themselves. */
    static MqttClientSslConfig ofAliceForHiveMq() throws GeneralSecurityException, IOException {
        CertificateFactory certificates = CertificateFactory.getInstance("X.509");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", certificates.generateCertificate(stream(AUTHORITY.authorityPem())));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);

        String key = ALICE.keyPem().replaceAll("-----.*-----|\\s", "");
        char[] password = "not a secret".toCharArray();
        store.setKeyEntry(
                "alice",
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key))),
                password,
                certificates
                        .generateCertificates(stream(ALICE.certificatePem()))
                        .toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        return MqttClientSslConfig.builder()
                .trustManagerFactory(trust)
                .keyManagerFactory(keys)
                .build();
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    static Path authorityFile(Path folder) throws IOException {
        return Files.writeString(folder.resolve("authority.pem"), AUTHORITY.authorityPem());
    }

    static Path certificateFile(Path folder, TestCertificates.Identity identity) throws IOException {
        return Files.writeString(folder.resolve("certificate.pem"), identity.certificatePem());
    }

    static Path keyFile(Path folder, TestCertificates.Identity identity) throws IOException {
        return Files.writeString(folder.resolve("key.pem"), identity.keyPem());
    }
}
