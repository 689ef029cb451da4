package dev.recado.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CredentialsTest {

    @Test
    void shouldTellNoSecret() {
        assertThat(Credentials.of("ana", "segredo")).hasToString("Credentials[user ana, a password]");
        assertThat(new Credentials("ana", null)).hasToString("Credentials[user ana, no password]");
    }

    @Test
    void shouldNotChangeWithTheArraysThatItTookOrGave() {
        byte[] password = {1, 2};
        Credentials credentials = new Credentials(null, password);
        password[0] = 9;
        credentials.password()[1] = 9;
        assertThat(credentials.password()).containsExactly(1, 2);
        assertThat(credentials.userName()).isNull();
    }

    @Test
    void shouldHaveAUserNameOrAPassword() {
        assertThatThrownBy(() -> new Credentials(null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("neither");
        assertThatThrownBy(() -> Credentials.of(null, "segredo"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("userName");
    }
}
