package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.auth.AclFile;
import dev.recado.auth.PasswordFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** One password file and one access list, for Mosquitto and for our broker: they say the same of the same clients. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class AccountsWithMosquittoTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String MARKER = "marker";

    private static final String ACL = """
            # anonymous clients
            topic read public/#

            user admin
            topic readwrite #
            topic $private/#

            user ana
            topic read news/+
            topic write news/br
            topic chat/#
            topic deny chat/secret
            topic mine

            user a+b
            topic marker
            topic mine

            pattern read marker
            pattern read users/%u/in
            pattern write users/%u/out
            pattern clients/%c/+
            pattern deny mine
            pattern deny users/bia/out
            """;

    private static final List<String> TOPICS = List.of(
            "public",
            "public/a/b",
            "news",
            "news/br",
            "news/br/rs",
            "chat",
            "chat/open",
            "chat/secret",
            "chat/secret/x",
            "mine",
            "users/ana/in",
            "users/ana/out",
            "users/bia/in",
            "users/bia/out",
            "clients/c-ana/x",
            "clients/c-bia/x",
            "clients/c-bia/x/y",
            "$private/x");

    /** Passwords are the names, backwards; the empty user is anonymous. */
    private static final List<String> USERS = List.of("ana", "bia", "a+b", "");

    @TempDir
    Path folder;

    private static String passwordOf(String user) {
        return new StringBuilder(user).reverse().append("#ção").toString();
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as(said).isTrue();
        return process.exitValue();
    }

    private static void setPassword(Path file, String user, String password, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Native.MOSQUITTO_PASSWD.path()));
        command.addAll(List.of(options));
        if (!Files.exists(file)) {
            command.add("-c");
        }
        command.addAll(List.of("-b", file.toString(), user, password));
        assertThat(run(command)).as("mosquitto_passwd").isZero();
    }

    private Path passwords() throws Exception {
        Path file = folder.resolve("passwords");
        for (String user : List.of("admin", "ana", "bia", "a+b")) {
            setPassword(file, user, passwordOf(user));
        }
        return file;
    }

    private static int mosquittoPub(URI broker, String user, String password) throws Exception {
        return run(List.of(
                Native.MOSQUITTO_PUB.path(),
                "-V",
                "mqttv311",
                "-h",
                broker.getHost(),
                "-p",
                String.valueOf(broker.getPort()),
                "-u",
                user,
                "-P",
                password,
                "-t",
                "a",
                "-q",
                "1",
                "-m",
                "x"));
    }

    @Test
    void shouldTakeThePasswordsThatMosquittoPasswdWrites() throws Exception {
        Path file = passwords();
        PasswordFile accounts = new PasswordFile(file);
        try (Broker broker = Broker.builder()
                .authenticator(accounts)
                .listen("mqtt://127.0.0.1:0")
                .start()) {
            assertThat(mosquittoPub(broker.endpoint(), "ana", passwordOf("ana")))
                    .isZero();
            assertThat(mosquittoPub(broker.endpoint(), "ana", "wrong")).isNotZero();
            assertThat(mosquittoPub(broker.endpoint(), "zoé", "nova")).isNotZero();

            setPassword(file, "zoé", "nova");
            accounts.reload();
            assertThat(mosquittoPub(broker.endpoint(), "zoé", "nova")).isZero();

            setPassword(file, "old", "kind", "-H", "sha512");
            assertThatThrownBy(accounts::reload)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("$6$")
                    .hasMessageContaining("mosquitto_passwd");
            assertThat(mosquittoPub(broker.endpoint(), "ana", passwordOf("ana")))
                    .isZero();
        }
    }

    @Test
    void shouldSayWhatMosquittoSays() throws Exception {
        Path passwords = passwords();
        Path acl = Files.writeString(folder.resolve("acl"), ACL);
        // Started by root it would become a user that may not read these.
        String config =
                "user " + System.getProperty("user.name") + "\npassword_file " + passwords + "\nacl_file " + acl;
        try (Mosquitto mosquitto = Mosquitto.start(folder, config);
                Broker broker = Broker.builder()
                        .authenticator(new PasswordFile(passwords).anonymous())
                        .authorizer(new AclFile(acl))
                        .listen("mqtt://127.0.0.1:0")
                        .start()) {
            Map<String, Boolean> theirs = decisions(mosquitto.endpoint());
            Map<String, Boolean> ours = decisions(broker.endpoint());

            assertThat(ours).isEqualTo(theirs);
            assertThat(ours.values()).as("both answers occur").contains(true, false);
            assertThat(ours).hasSize(2 * TOPICS.size() * USERS.size());
        }
    }

    private static Map<String, Boolean> decisions(URI broker) {
        for (String topic : TOPICS) {
            publish(broker, "admin", topic);
        }
        publish(broker, "admin", MARKER);
        Map<String, Boolean> decisions = new TreeMap<>();
        for (String user : USERS) {
            for (String topic : TOPICS) {
                decisions.put("'" + user + "' reads " + topic, reads(broker, user, topic));
            }
            for (String topic : TOPICS) {
                decisions.put("'" + user + "' writes " + topic, publish(broker, user, topic));
            }
        }
        return decisions;
    }

    private static boolean publish(URI broker, String user, String topic) {
        Publisher.Builder builder =
                Publisher.builder(broker).clientId("c-" + user).topic(topic).qos(QoS.AT_LEAST_ONCE);
        if (!user.isEmpty()) {
            builder.credentials(user, passwordOf(user));
        }
        try (Publisher publisher = builder.open()) {
            publisher.publish(topic);
            return true;
        } catch (RefusedException e) {
            assertThat(e.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED);
            return false;
        }
    }

    /** Our broker refuses the subscription, Mosquitto sends nothing for it: the marker would come behind. */
    private static boolean reads(URI broker, String user, String topic) {
        Subscriber.Builder builder = Subscriber.builder(broker)
                .clientId("c-" + user)
                .topic(topic)
                .topic(MARKER)
                .qos(QoS.AT_LEAST_ONCE);
        if (!user.isEmpty()) {
            builder.credentials(user, passwordOf(user));
        }
        try (Subscriber subscriber = builder.open()) {
            boolean read = false;
            while (true) {
                Message message = subscriber.receive(SOON).orElseThrow();
                if (message.topic().equals(MARKER)) {
                    return read;
                }
                read |= message.topic().equals(topic);
            }
        } catch (RefusedException e) {
            assertThat(e.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED);
            return false;
        }
    }
}
