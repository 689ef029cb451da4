package dev.recado.samples.docs;

import dev.recado.Broker;
import dev.recado.auth.AclFile;
import dev.recado.auth.PasswordFile;
import java.io.IOException;
import java.nio.file.Path;

/** Shown in {@code docs/accounts.md}; compiled only, for it would listen to the whole network. */
final class AccountsExample {

    private AccountsExample() {}

    static void run() throws IOException {
        // tag::start[]
        PasswordFile passwords = new PasswordFile(Path.of("passwords"));
        AclFile acl = new AclFile(Path.of("acl"));
        Broker broker = Broker.builder()
                .authenticator(passwords)
                .authorizer(acl)
                .listen("mqtt://0.0.0.0:1883")
                .start();
        // end::start[]

        // tag::reload[]
        passwords.reload(); // a file with a mistake is refused, and what was in force stays so
        acl.reload();
        broker.reauthorize(); // takes subscriptions away that are denied now
        // end::reload[]
    }
}
