package dev.recado.testkit.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StatementTest {

    @Test
    void shouldHaveAllStatementsOfBothStandards() {
        assertThat(Statement.all())
                .hasSize(251 + 141)
                .doesNotHaveDuplicates()
                .allSatisfy(statement -> {
                    assertThat(statement.id()).matches("MQTT-\\d+\\.\\d+\\.\\d+-\\d+");
                    assertThat(statement.binds()).isIn("server", "client", "both");
                    assertThat(statement.text()).endsWith(".");
                })
                .anySatisfy(statement -> assertThat(statement.observable()).isFalse());
    }

    @Test
    void shouldFindTheStatementThatATestIsNamedFor() {
        assertThat(Statement.ofTest("required_v311_4_7_3_3_anything")).hasValueSatisfying(statement -> {
            assertThat(statement).hasToString("MQTT-4.7.3-3 of MQTT 3.1.1");
            assertThat(statement.text()).contains("65535 bytes");
            assertThat(statement.observable()).isFalse();
        });
        assertThat(Statement.ofTest("untested_v5_1_5_4_1_anything")).hasValueSatisfying(statement -> {
            assertThat(statement).hasToString("MQTT-1.5.4-1 of MQTT 5");
            assertThat(statement.observable()).isTrue();
        });
    }

    @Test
    void shouldFindNoneForATestThatIsNamedOtherwise() {
        assertThat(Statement.ofTest("required_v5_section_4_13_anything")).isEmpty();
        assertThat(Statement.ofTest("required_T01_anything")).isEmpty();
        assertThat(Statement.ofTest("shouldDoAnything")).isEmpty();
    }

    @Test
    void shouldRefuseATestThatIsNamedForANumberThatDoesNotExist() {
        assertThatThrownBy(() -> Statement.ofTest("required_v5_9_9_9_9_anything"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MQTT-9.9.9-9 of MQTT 5");
    }
}
