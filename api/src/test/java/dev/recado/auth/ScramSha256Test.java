package dev.recado.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.recado.ReasonCode;
import dev.recado.spi.Peer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramSha256Test {

    private static final Map<String, ScramSha256.Verifier> USERS = Map.of(
            "ana", ScramSha256.Verifier.of("segredo", 4_096),
            "a=b,c", ScramSha256.Verifier.of("pencil", 5_000));

    private final Authenticator authenticator = ScramSha256.authenticator(USERS::get);

    private AuthExchange exchange() {
        Login login = new Login("c", null, null, Peer.of(new InetSocketAddress("127.0.0.1", 1)));
        return authenticator.exchange(ScramSha256.METHOD, login).orElseThrow();
    }

    private static AuthStep next(AuthExchange exchange, byte[] data) {
        return exchange.next(data).toCompletableFuture().join();
    }

    private static AuthStep next(AuthExchange exchange, String message) {
        return next(exchange, bytes(message));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void shouldSpeakAsTheExampleOfRfc7677Does() {
        ScramSha256.ClientExchange client = new ScramSha256.ClientExchange("user", "pencil", "rOprNGfwEbeRWgbNEkqO");

        assertThat(text(client.first())).isEqualTo("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assertThat(text(client.answer(bytes("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))))
                .isEqualTo("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        client.finish(bytes("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    @Test
    void shouldKeepTheKeysOfTheExampleOfRfc7677() {
        byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        ScramSha256.Verifier verifier = ScramSha256.Verifier.of("pencil", salt, 4_096);

        assertThat(Base64.getEncoder().encodeToString(verifier.storedKey()))
                .isEqualTo("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
        assertThat(Base64.getEncoder().encodeToString(verifier.serverKey()))
                .isEqualTo("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ana/segredo", "a=b,c/pencil"})
    void shouldAcceptWhoKnowsThePasswordAndProveItselfToHim(String userAndPassword) {
        String[] parts = userAndPassword.split("/");
        ClientAuthentication.Exchange client =
                ScramSha256.client(parts[0], parts[1]).begin();
        AuthExchange server = exchange();

        AuthStep.Challenge challenge = (AuthStep.Challenge) next(server, client.first());
        AuthStep.Accepted accepted = (AuthStep.Accepted) next(server, client.answer(challenge.data()));

        assertThat(accepted.principal()).isEqualTo(parts[0]);
        client.finish(accepted.data());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ana/wrong", "nobody/segredo"})
    void shouldRefuseWrongPasswordsAndUnknownUsersAlike(String userAndPassword) {
        String[] parts = userAndPassword.split("/");
        ClientAuthentication.Exchange client =
                ScramSha256.client(parts[0], parts[1]).begin();
        AuthExchange server = exchange();

        AuthStep.Challenge challenge = (AuthStep.Challenge) next(server, client.first());

        assertThat(text(challenge.data())).contains(",s=", ",i=4096");
        assertThat(next(server, client.answer(challenge.data()))).isEqualTo(AuthStep.badUserNameOrPassword());
    }

    @Test
    void shouldGiveAnUnknownUserTheSameSaltEachTime() {
        String one = text(((AuthStep.Challenge) next(exchange(), "n,,n=nobody,r=x")).data());
        String two = text(((AuthStep.Challenge) next(exchange(), "n,,n=nobody,r=x")).data());

        assertThat(one.substring(one.indexOf(",s="))).isEqualTo(two.substring(two.indexOf(",s=")));
        assertThat(one).isNotEqualTo(two);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,",
                "n,,n=ana",
                "n,,n=ana,r=",
                "n,,r=x,n=ana",
                "y,,n=ana,r=x",
                "n,a=z,n=ana,r=x",
                "n,,n=a=2Gb,r=x",
                "n,,m=1,n=ana,r=x"
            })
    void shouldRefuseAFirstMessageThatIsNone(String first) {
        assertThat(((AuthStep.Denied) next(exchange(), first)).reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=$",
                "c=biws,r=$,p=",
                "c=biws,r=$,p=?",
                "c=biws,r=$,p=AAAA",
                "c=eSws,r=$,p=AAAA",
                "c=biws,r=$x,p=AAAA",
                "c=biws,r=x,p=AAAA"
            })
    void shouldRefuseALastMessageThatIsNone(String last) {
        AuthExchange server = exchange();
        String challenge = text(((AuthStep.Challenge) next(server, "n,,n=ana,r=x")).data());
        String nonce = challenge.substring(2, challenge.indexOf(','));

        assertThat(((AuthStep.Denied) next(server, last.replace("$", nonce))).reason())
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "r=x",
                "r=nonce,s=AAAA,i=4096",
                "r=other1,s=AAAA,i=4096",
                "r=nonce1,s=?,i=4096",
                "r=nonce1,s=AAAA,i=4095",
                "r=nonce1,s=AAAA,i=1000001",
                "r=nonce1,s=AAAA,i=x"
            })
    void shouldNotAnswerWhatIsNoChallenge(String challenge) {
        ScramSha256.ClientExchange client = new ScramSha256.ClientExchange("user", "pencil", "nonce");

        assertThatIllegalArgumentException().isThrownBy(() -> client.answer(bytes(challenge)));
        assertThatIllegalArgumentException().isThrownBy(() -> client.finish(new byte[0]));
    }

    @Test
    void shouldShowNoSecrets() {
        assertThat(ScramSha256.client("ana", "segredo").toString())
                .contains("ana")
                .doesNotContain("segredo");
        assertThat(USERS.get("ana").toString()).isEqualTo("Verifier[4096 iterations]");
        Login login = new Login("c", "ana", bytes("segredo"), Peer.of(new InetSocketAddress("127.0.0.1", 1)));
        assertThat(login.toString()).contains("ana", "a password").doesNotContain("segredo");
    }

    @Test
    void shouldWantEnoughIterations() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramSha256.Verifier.of("x", 4_095))
                .withMessageContaining("4095");
    }
}
