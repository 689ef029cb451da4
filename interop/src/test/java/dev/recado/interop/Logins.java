package dev.recado.interop;

import dev.recado.Broker;
import dev.recado.BrokerListener;
import dev.recado.ClientInfo;
import dev.recado.Publisher;
import dev.recado.Refusal;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Credentials;
import dev.recado.auth.Login;
import dev.recado.auth.PasswordFile;
import dev.recado.auth.ScramSha256;
import dev.recado.spi.Peer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A program in which clients log in, rightly and wrongly, with each authenticator that we ship, and that prints all there is. */
final class Logins {

    static final String RIGHT = "s3gr3d0-certo";
    static final String WRONG = "s3gr3d0-errado";

    /** Of {@link #RIGHT}, by {@code mosquitto_passwd}. */
    static final String SALT = "sXfW1Vuquur+FuEU";

    static final String HASH =
            "eJ8jUjcgoSxQQoRtXmU+QVhyhStF2reNfudO9qaRqsWY1IQ+yj8YhiUCx3jQw4868UxTmG19PHXyH+6akwA7IQ==";

    private Logins() {}

    /** Takes a folder to write to. */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0], "passwords");
        String line = "ana:$7$101$" + SALT + "$" + HASH + "\n";
        Files.writeString(file, line);
        PasswordFile passwords = new PasswordFile(file);
        tell(passwords);
        Credentials right = Credentials.of("ana", RIGHT);
        Credentials wrong = Credentials.of("ana", WRONG);
        tell(right, wrong);
        tell(new Login("c", "ana", RIGHT.getBytes(StandardCharsets.UTF_8), Peer.of(new InetSocketAddress(0))));
        connect(passwords, builder -> builder.credentials(() -> right), builder -> builder.credentials(() -> wrong));

        ScramSha256.Verifier verifier = ScramSha256.Verifier.of(RIGHT, 4_096);
        ClientAuthentication scramRight = ScramSha256.client("ana", RIGHT);
        ClientAuthentication scramWrong = ScramSha256.client("ana", WRONG);
        tell(verifier, scramRight, scramWrong, scramRight.begin());
        Authenticator scram = ScramSha256.authenticator(user -> user.equals("ana") ? verifier : null);
        tell(scram);
        connect(scram, builder -> builder.authentication(scramRight), builder -> builder.authentication(scramWrong));

        connect(
                new Failing(),
                builder -> builder.credentials(() -> right),
                builder -> builder.credentials(() -> wrong));

        Files.writeString(file, line + "bia:$6$" + SALT + "$" + HASH + "\n");
        attempt(() -> {
            passwords.reload();
            return null;
        });
        Files.writeString(file, line + "bia:" + HASH + "\n");
        attempt(() -> {
            passwords.reload();
            return null;
        });
        tell(passwords);
    }

    /** Cannot decide about anybody. */
    private static final class Failing implements Authenticator {
        @Override
        public CompletionStage<AuthStep.Decision> authenticate(Login login) {
            return CompletableFuture.failedFuture(new IllegalStateException("cannot decide about " + login));
        }
    }

    private interface Account {
        Publisher.Builder of(Publisher.Builder builder);
    }

    private static void connect(Authenticator authenticator, Account right, Account wrong) throws Exception {
        BrokerListener listener = new BrokerListener() {
            @Override
            public void connected(ClientInfo client) {
                tell(client);
            }

            @Override
            public void refused(Refusal refusal) {
                tell(refusal);
            }
        };
        for (String transport : List.of("nio", "blocking")) {
            try (Broker broker = Broker.builder()
                    .transport(transport)
                    .authenticator(authenticator)
                    .listener(listener)
                    .listen("mqtt://127.0.0.1:0")
                    .start()) {
                tell(broker);
                for (Account account : List.of(right, wrong)) {
                    for (Supplier<Publisher.Builder> begun : List.<Supplier<Publisher.Builder>>of(
                            () -> Publisher.builder(broker.endpoint())
                                    .transport(transport)
                                    .topic("a"),
                            () -> broker.publisher("a"))) {
                        Publisher.Builder builder = account.of(begun.get());
                        tell(builder);
                        attempt(() -> {
                            try (Publisher publisher = builder.open()) {
                                tell(publisher);
                                publisher.publish("x");
                            }
                            return null;
                        });
                    }
                }
            }
        }
    }

    private static void attempt(Callable<Void> task) {
        try {
            task.call();
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    private static void tell(Object... things) {
        for (Object thing : things) {
            System.out.println(thing);
        }
    }
}
