package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.testkit.TestCertificates;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples encrypted, over each transport. */
@OnEachTransport
final class TlsIT {

    private static final String WORLD_CLOCK = "worldtime-server";
    private static final String PASSWORD = "pao de queijo";

    @TempDir
    private static Path folder;

    private static Path authority;
    private static Path cert;
    private static Path key;
    private static Path keystore;
    private static Path password;

    private final String transport;

    TlsIT(String transport) {
        this.transport = transport;
    }

    @BeforeAll
    static void issueCertificates() throws Exception {
        TestCertificates certificates = TestCertificates.authority("samples");
        TestCertificates.Identity server = certificates.issue("server", "ip:127.0.0.1");
        authority = Files.writeString(folder.resolve("authority.pem"), certificates.authorityPem());
        cert = Files.writeString(folder.resolve("cert.pem"), server.certificatePem());
        key = Files.writeString(folder.resolve("key.pem"), server.keyPem());
        keystore = folder.resolve("server.p12");
        password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        writeKeystore(server);
    }

    @Test
    void shouldCarryMessagesOfPublishersToSubscribers() throws Exception {
        try (RecadoProcess broker = startServer("broker", "--cert", cert.toString(), "--key", key.toString())) {
            URI endpoint = broker.nextEndpoint();
            try (RecadoProcess pub = trusting(endpoint, "pub", "--topic", "news/br", "bom dia")) {
                pub.success();
            }
            try (RecadoProcess sub = trusting(endpoint, "sub", "--topic", "news/#", "--count", "1")) {
                assertThat(sub.success()).containsExactly("news/br: bom dia");
            }
            try (RecadoProcess topics = trusting(endpoint, "topics")) {
                assertThat(topics.success()).containsExactly("news/br");
            }
            Connections.await(endpoint.getPort(), 0);
        }
    }

    @Test
    void shouldCarryAChat() throws Exception {
        try (RecadoProcess server = startServer("chat-server", "--cert", cert.toString(), "--key", key.toString())) {
            URI endpoint = server.nextEndpoint();
            try (RecadoProcess ana = trusting(endpoint, "chat", "--nick", "ana");
                    RecadoProcess bea = trusting(endpoint, "chat", "--nick", "bea")) {
                assertThat(ana.nextLine()).startsWith("* you are ana");
                assertThat(bea.nextLine()).startsWith("* you are bea");
                ana.type("oi");
                String line;
                do {
                    line = bea.nextLine();
                } while (line.startsWith("* "));
                assertThat(line).endsWith("ana: oi");
            }
            Connections.await(endpoint.getPort(), 0);
        }
    }

    @Test
    void shouldAnswerWithACertificateInPem() throws Exception {
        try (RecadoProcess server = startServer(WORLD_CLOCK, "--cert", cert.toString(), "--key", key.toString())) {
            assertAnswers(server);
        }
    }

    @Test
    void shouldAnswerWithACertificateInAKeystore() throws Exception {
        try (RecadoProcess server = startServer(
                WORLD_CLOCK, "--keystore", keystore.toString(), "--keystore-password", password.toString())) {
            assertAnswers(server);
        }
    }

    @Test
    void shouldNotTalkToWhomItDoesNotTrust() throws Exception {
        try (RecadoProcess server = startServer(WORLD_CLOCK, "--cert", cert.toString(), "--key", key.toString())) {
            URI endpoint = server.nextEndpoint();
            try (RecadoProcess client = client(endpoint, "--tls", "--zone", "UTC")) {
                assertThat(client.failure()).startsWith("recado: ").contains(endpoint.toString(), "certificat");
            }
            Connections.await(endpoint.getPort(), 0);
        }
    }

    @Test
    void shouldFailWhenOnlyTheServerEncrypts() throws Exception {
        try (RecadoProcess server = startServer(WORLD_CLOCK, "--cert", cert.toString(), "--key", key.toString())) {
            URI endpoint = server.nextEndpoint();
            try (RecadoProcess client = client(endpoint, "--zone", "UTC")) {
                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.output()).isEmpty();
                // The library logs that the other side does not speak MQTT, too.
                assertThat(client.errors())
                        .filteredOn(line -> line.startsWith("recado: "))
                        .singleElement()
                        .asString()
                        .contains("mqtt://127.0.0.1:" + endpoint.getPort());
            }
            Connections.await(endpoint.getPort(), 0);
        }
    }

    @Test
    void shouldKeepQuietAboutThePassword() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong-" + transport), "segredo");
        try (RecadoProcess server =
                startServer(WORLD_CLOCK, "--keystore", keystore.toString(), "--keystore-password", wrong.toString())) {
            assertThat(server.failure()).contains(keystore.toString()).doesNotContain("segredo", PASSWORD);
        }
    }

    private void assertAnswers(RecadoProcess server) throws Exception {
        URI endpoint = server.nextEndpoint();
        assertThat(endpoint).hasScheme("mqtts");
        try (RecadoProcess client = trusting(endpoint, "worldtime", "--zone", "Asia/Tokyo")) {
            assertThat(client.success()).singleElement().asString().contains("Asia/Tokyo", "UTC+09:00");
        }
        Connections.await(endpoint.getPort(), 0);
        server.type("/sair");
        assertThat(server.exitCode()).isZero();
        assertThat(server.errors()).containsExactly("recado: stopped by /sair");
    }

    private RecadoProcess startServer(String command, String... options) {
        List<String> all = new ArrayList<>(List.of(command, "--port", "0", "--transport", transport, "--tls"));
        all.addAll(List.of(options));
        return RecadoProcess.start(all.toArray(String[]::new));
    }

    private RecadoProcess trusting(URI server, String command, String... options) {
        List<String> all = new ArrayList<>(List.of("--tls", "--cafile", authority.toString()));
        all.addAll(List.of(options));
        return RecadoProcess.startAt(server, transport, command, all.toArray(String[]::new));
    }

    private RecadoProcess client(URI server, String... options) {
        return RecadoProcess.startAt(server, transport, "worldtime", options);
    }

    private static void writeKeystore(TestCertificates.Identity identity) throws Exception {
        Certificate[] chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(identity.certificatePem().getBytes(StandardCharsets.US_ASCII)))
                .toArray(Certificate[]::new);
        byte[] encoded = Base64.getMimeDecoder()
                .decode(identity.keyPem().replaceAll("-----[A-Z ]+-----", "").strip());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server",
                KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm())
                        .generatePrivate(new PKCS8EncodedKeySpec(encoded)),
                PASSWORD.toCharArray(),
                chain);
        try (OutputStream file = Files.newOutputStream(keystore)) {
            store.store(file, PASSWORD.toCharArray());
        }
    }
}
