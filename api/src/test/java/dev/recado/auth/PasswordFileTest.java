package dev.recado.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ReasonCode;
import dev.recado.spi.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordFileTest {

    private static final Peer PEER = Peer.of(InetSocketAddress.createUnresolved("here", 1));

    /** Written by mosquitto_passwd 2.0.11; the passwords are segredo and pão de queijo. */
    private static final String ANA =
            "ana:$7$101$FnM8x1BKocFAPkUL$oLQYc/xB4P6Fcs4dFnRWuPQCifL8wmWbS5G5sE7OQbw9SM3LYM1U5dCICJFJ0qjfu7TYdzJO90apo4AxrWMYCg==";

    private static final String JOAO =
            "joão:$7$101$Y8bsLW3qibgiwH4I$R7wJ2OMGH2opBU40EC6Kgh3K0mQ7lKILwBfbpS7QjwHkFBNff5FTU/KzACURA8MiVaJflCIh/n4d/DSji7iO3Q==";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("passwords"), "# people\n\n" + ANA + "\n" + JOAO + "\n");
    }

    private static Login login(String user, byte[] password) {
        return new Login("c", user, password, PEER);
    }

    private static AuthStep.Decision decide(PasswordFile passwords, String user, String password) {
        return passwords
                .authenticate(login(user, password == null ? null : password.getBytes(UTF_8)))
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private static String line(String user, byte[] password, int iterations) {
        byte[] salt = "any salt".getBytes(UTF_8);
        Base64.Encoder base64 = Base64.getEncoder();
        return user + ":$7$" + iterations + "$" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(PasswordFile.pbkdf2(password, salt, iterations)) + "\n";
    }

    @Test
    void shouldAcceptWhoKnowsThePassword() throws Exception {
        PasswordFile passwords = new PasswordFile(file);

        assertThat(decide(passwords, "ana", "segredo")).isEqualTo(AuthStep.accepted("ana"));
        assertThat(decide(passwords, "joão", "pão de queijo")).isEqualTo(AuthStep.accepted("joão"));
    }

    @Test
    void shouldSayTheSameToAllOthers() throws Exception {
        PasswordFile passwords = new PasswordFile(file);

        for (String[] wrong : new String[][] {
            {"ana", "Segredo"}, {"ana", ""}, {"ana", null}, {"joão", "segredo"}, {"nobody", "segredo"}, {"", "segredo"}
        }) {
            assertThat(decide(passwords, wrong[0], wrong[1])).isEqualTo(AuthStep.badUserNameOrPassword());
        }
    }

    @Test
    void shouldTakeAnyBytesForAPassword() throws Exception {
        byte[] latin = "pão".getBytes(ISO_8859_1);
        Files.writeString(file, line("latin", latin, 10) + line("empty", new byte[0], 10));
        PasswordFile passwords = new PasswordFile(file);

        assertThat(passwords
                        .authenticate(login("latin", latin))
                        .toCompletableFuture()
                        .join())
                .isEqualTo(AuthStep.accepted("latin"));
        assertThat(decide(passwords, "latin", "pão")).isEqualTo(AuthStep.badUserNameOrPassword());
        assertThat(decide(passwords, "empty", "")).isEqualTo(AuthStep.accepted("empty"));
        assertThat(decide(passwords, "empty", null)).isEqualTo(AuthStep.badUserNameOrPassword());
    }

    @Test
    void shouldHashAsTheJDKDoes() throws Exception {
        byte[] salt = {1, 2, 3, 4, 5};
        for (String password : List.of("segredo", "pão de queijo", "x".repeat(300))) {
            byte[] expected = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, 37, 512))
                    .getEncoded();
            assertThat(PasswordFile.pbkdf2(password.getBytes(UTF_8), salt, 37)).isEqualTo(expected);
        }
    }

    @Test
    void shouldTakeAsLongForAnUnknownUser() throws Exception {
        Files.writeString(file, line("ana", "segredo".getBytes(UTF_8), 20_000));
        PasswordFile passwords = new PasswordFile(file).executor(Runnable::run);
        decide(passwords, "ana", "wrong");

        long known = Long.MAX_VALUE;
        long unknown = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long begun = System.nanoTime();
            decide(passwords, "ana", "wrong");
            long between = System.nanoTime();
            decide(passwords, "nobody", "wrong");
            known = Math.min(known, between - begun);
            unknown = Math.min(unknown, System.nanoTime() - between);
        }

        // Without hashing it would be thousands of times faster.
        assertThat(unknown).isGreaterThan(known / 4);
    }

    @Test
    void shouldAskForAUserNameUnlessAnonymousClientsAreWelcome() throws Exception {
        PasswordFile strict = new PasswordFile(file);
        assertThat(decide(strict, null, null))
                .isInstanceOfSatisfying(
                        AuthStep.Denied.class, no -> assertThat(no.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED));

        PasswordFile open = new PasswordFile(file).anonymous();
        assertThat(decide(open, null, null)).isEqualTo(AuthStep.anonymous());
        assertThat(decide(open, "ana", "wrong")).isEqualTo(AuthStep.badUserNameOrPassword());
    }

    @Test
    void shouldHashElsewhere() throws Exception {
        List<Runnable> tasks = new ArrayList<>();
        PasswordFile passwords = new PasswordFile(file).executor(tasks::add);
        var decision = passwords.authenticate(login("ana", "segredo".getBytes(UTF_8)));
        assertThat(decision.toCompletableFuture()).isNotDone();
        tasks.get(0).run();
        assertThat(decision.toCompletableFuture()).isCompletedWithValue(AuthStep.accepted("ana"));
    }

    @Test
    void shouldRefuseWhenTooManyWait() throws Exception {
        PasswordFile passwords = new PasswordFile(file).executor(task -> {
            throw new RejectedExecutionException("full");
        });

        assertThat(decide(passwords, "ana", "segredo"))
                .isInstanceOfSatisfying(
                        AuthStep.Denied.class, no -> assertThat(no.reason()).isEqualTo(ReasonCode.SERVER_BUSY));
    }

    @Test
    void shouldReadAgain() throws Exception {
        PasswordFile passwords = new PasswordFile(file);
        Files.writeString(file, line("bia", "nova".getBytes(UTF_8), 10));
        passwords.reload();

        assertThat(decide(passwords, "bia", "nova")).isEqualTo(AuthStep.accepted("bia"));
        assertThat(decide(passwords, "ana", "segredo")).isEqualTo(AuthStep.badUserNameOrPassword());
    }

    @Test
    void shouldKeepWhatItHasWhenTheNewFileIsBroken() throws Exception {
        PasswordFile passwords = new PasswordFile(file);

        Files.writeString(file, line("bia", "nova".getBytes(UTF_8), 10) + "broken");
        assertThatThrownBy(passwords::reload).isInstanceOf(IOException.class);
        Files.delete(file);
        assertThatThrownBy(passwords::reload).isInstanceOf(IOException.class);

        assertThat(decide(passwords, "ana", "segredo")).isEqualTo(AuthStep.accepted("ana"));
        assertThat(decide(passwords, "bia", "nova")).isEqualTo(AuthStep.badUserNameOrPassword());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no colon|expected is user:$7$",
                ":$7$101$c2FsdA==$c2VjcmV0|expected is user:$7$",
                "u:$6$c2FsdA==$c2VjcmV0|mosquitto_passwd",
                "u:$argon2id$v=19$c2VjcmV0|mosquitto_passwd",
                "u:c2VjcmV0|not hashed",
                "u:$7$101$c2VjcmV0|iterations$salt$hash",
                "u:$7$many$c2FsdA==$c2VjcmV0|iterations must be a number",
                "u:$7$101$c2FsdA==$-c2VjcmV0-|salt and hash Base64",
                "u:$7$0$c2FsdA==$c2VjcmV0|1 to 10000000",
                "u:$7$101$c2FsdA==$c2VjcmV0|64 bytes",
            })
    void shouldSayWhatIsWrongAndWhereButNotTheSecret(String line, String what) throws Exception {
        Files.writeString(file, "# comment\n" + ANA + "\n" + line + "\n");

        assertThatThrownBy(() -> new PasswordFile(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + ", line 3: ")
                .hasMessageContaining(what)
                .hasMessageNotContaining("c2VjcmV0")
                .hasStackTraceContaining("line 3")
                .satisfies(
                        thrown -> assertThat(Throwables.getStackTrace(thrown)).doesNotContain("c2VjcmV0"));
    }

    @Test
    void shouldRefuseAUserThatIsThereTwice() throws Exception {
        Files.writeString(file, ANA + "\n" + ANA + "\n");
        assertThatThrownBy(() -> new PasswordFile(file)).hasMessageContaining("line 2: user 'ana' is there twice");
    }

    @Test
    void shouldTakeAnEmptyFile() throws Exception {
        Files.writeString(file, "");
        assertThat(decide(new PasswordFile(file), "ana", "segredo")).isEqualTo(AuthStep.badUserNameOrPassword());
    }
}
