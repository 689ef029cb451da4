package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.auth.AclFile;
import dev.recado.auth.AuthStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/accounts.md says, with clients in the broker's own process. */
class AccountsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void shouldDoWhatTheHowToSays() throws Exception {
        String howTo = Files.readString(Path.of("..", "docs", "accounts.md"));
        int begin = howTo.indexOf("# acl:");
        String rules = howTo.substring(begin, howTo.indexOf("```", begin));
        Path file = Files.writeString(folder.resolve("acl"), rules);
        AclFile acl = new AclFile(file);
        try (Broker broker = Broker.builder()
                        .authenticator(login -> CompletableFuture.completedFuture(AuthStep.accepted(login.userName())))
                        .authorizer(acl)
                        .start();
                Responder responder = broker.responder("chat/time")
                        .credentials("ana", "")
                        .respond(request -> request.reply("noon"))
                        .open();
                Requester requester =
                        broker.requester("chat/time").credentials("ana", "").open();
                Subscriber subscriber =
                        broker.subscriber("news/br").credentials("bia", "").open();
                Publisher publisher =
                        broker.publisher("users/bia/out").credentials("bia", "").open()) {
            assertThat(requester.request("time?").text()).isEqualTo("noon");
            publisher.publish("hello");
            try (Publisher spy =
                    broker.publisher("chat/secret").credentials("ana", "").open()) {
                assertThatThrownBy(() -> spy.publish("x"))
                        .isInstanceOfSatisfying(
                                RefusedException.class,
                                refused -> assertThat(refused.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED));
            }
            assertThatThrownBy(() ->
                            broker.subscriber("chat/#").credentials("bia", "").open())
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("chat/#");

            Files.writeString(file, rules.replace("pattern read news/#", ""));
            acl.reload();
            assertThat(broker.reauthorize()).succeedsWithin(SOON).isEqualTo(1);
            publisher.publish("nothing else was taken away");
        }
    }
}
