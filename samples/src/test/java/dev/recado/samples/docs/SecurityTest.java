package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.Tls;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Permission;
import dev.recado.auth.ScramSha256;
import dev.recado.testkit.TestCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/security.md} shows, run. */
class SecurityTest {

    private static final Pattern KEYTOOL =
            Pattern.compile("^keytool((?: .*\\\\\\n)* .*)$", Pattern.MULTILINE); // with its continued lines

    private static TestCertificates authority;
    private static SSLContext serverContext;
    private static SSLContext clientContext;

    @BeforeAll
    static void issueCertificates() {
        authority = TestCertificates.authority("documents");
        serverContext = authority.context(authority.issue("broker", "dns:localhost", "ip:127.0.0.1"));
        clientContext = authority.context();
    }

    @Test
    void shouldEncrypt() {
        // tag::tls[]
        Broker broker = Broker.builder()
                .listen("mqtts://localhost:0")
                .tls(serverContext)
                .start();
        Publisher pub = Publisher.builder(broker.endpoint())
                .tls(clientContext)
                .topic("news/br")
                .open();
        // end::tls[]
        try (broker;
                pub) {
            pub.publish("bom dia");
            assertThat(broker.endpoint()).hasScheme("mqtts");
        }
    }

    @Test
    void shouldMakeContextsFromWhatKeytoolMade(@TempDir Path folder) throws Exception {
        for (List<String> command : keytoolCommands()) {
            Process keytool = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out").toFile())
                    .start();
            assertThat(keytool.waitFor())
                    .as(Files.readString(folder.resolve("out")))
                    .isZero();
        }

        SSLContext server = server(folder.resolve("broker.p12"), "changeit".toCharArray());
        SSLContext client = client(folder.resolve("trusted.p12"), "changeit".toCharArray());

        try (Broker broker = Broker.builder()
                        .listen("mqtts://localhost:0")
                        .tls(server)
                        .start();
                Publisher pub = Publisher.builder(broker.endpoint())
                        .tls(client)
                        .topic("news/br")
                        .open()) {
            pub.publish("bom dia");
        }
    }

    private static List<List<String>> keytoolCommands() throws IOException {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Matcher commands = KEYTOOL.matcher(Files.readString(Path.of("../docs/security.md")));
        List<List<String>> found = commands.results()
                .map(command -> command.group(1).replace("\\\n", " ").strip())
                .map(arguments -> List.of((keytool + " " + arguments).split(" +")))
                .toList();
        assertThat(found).isNotEmpty();
        return found;
    }

    // tag::contexts[]
    static SSLContext server(Path keyStore, char[] password) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(load(keyStore, password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    static SSLContext client(Path trustStore, char[] password) throws IOException, GeneralSecurityException {
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(load(trustStore, password));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        return context;
    }

    static KeyStore load(Path file, char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }
    // end::contexts[]

    @Test
    void shouldTakeThePrincipalFromTheClientCertificate() {
        // tag::certificates[]
        Broker broker = Broker.builder()
                .listen("mqtts://localhost:0")
                .tls(Tls.of(serverContext).clientAuth(Tls.ClientAuth.REQUIRED))
                .authenticator(login -> CompletableFuture.completedFuture(login.certificatePrincipal()
                        .map(subject -> AuthStep.accepted(subject.getName()))
                        .orElse(AuthStep.badUserNameOrPassword())))
                .authorizer(
                        (who, access, topic) -> (who.principal().equals("CN=sensor7") && topic.startsWith("sensors/7/")
                                        ? Permission.granted()
                                        : Permission.denied("not a topic of " + who.principal()))
                                .now())
                .start();
        // end::certificates[]
        SSLContext sensor7 = authority.context(authority.issue("sensor7"));
        try (broker;
                Publisher pub = Publisher.builder(broker.endpoint())
                        .tls(sensor7)
                        .topicsUnder("sensors/#")
                        .open()) {
            pub.publish("sensors/7/temperature", "21");
            assertThatThrownBy(() -> pub.publish("sensors/8/temperature", "21"))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED))
                    .hasMessageContaining("not a topic of CN=sensor7");
        }
    }

    @Test
    void shouldAuthenticateBySteps() {
        // tag::scram[]
        Map<String, ScramSha256.Verifier> users =
                Map.of("ana", ScramSha256.Verifier.of("s3nha", 100_000)); // stored at sign-up
        Authenticator scram = ScramSha256.authenticator(users::get);
        Broker broker = Broker.builder()
                .authenticator(scram)
                .listen("mqtt://127.0.0.1:0")
                .start();

        Publisher pub = Publisher.builder(broker.endpoint())
                .authentication(ScramSha256.client("ana", "s3nha"))
                .topic("news/br")
                .open();
        // end::scram[]
        try (broker;
                pub) {
            pub.publish("bom dia");
            assertThatThrownBy(() -> Publisher.builder(broker.endpoint())
                            .authentication(ScramSha256.client("ana", "senha"))
                            .topic("news/br")
                            .open())
                    .isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void shouldLowerLimits() {
        // tag::limits[]
        Broker broker = Broker.builder()
                .limits(limits -> limits.maxConnections(500)
                        .maxPacketSize(64 * 1024)
                        .maxSessionExpiry(Duration.ofHours(1))
                        .maxRetainedBytes(16 * 1024 * 1024))
                .start();
        // end::limits[]
        try (broker;
                Publisher pub = broker.publisher("news/br").open()) {
            assertThatThrownBy(() -> pub.publish("x".repeat(64 * 1024)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65536");
        }
    }
}
