package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ZonesTest {

    private final Zones zones = new Zones(List.of(
            "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Etc/GMT", "Etc/GMT+1", "Etc/GMT+10", "Etc/GMT-1"));

    @ParameterizedTest
    @CsvSource({
        "1, America/New_York",
        "' 7 ', Etc/GMT-1",
        "Asia/Tokyo, Asia/Tokyo",
        "asia/tokyo, Asia/Tokyo",
        "tok, Asia/Tokyo",
        "sao paulo, America/Sao_Paulo",
        "SÃO PAULO, America/Sao_Paulo",
        "etc/gmt, Etc/GMT",
        "Etc/GMT+1, Etc/GMT+1"
    })
    void shouldFindTheZoneThatIsMeant(String typed, String zone) {
        assertThat(zones.matching(typed)).containsExactly(zone);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "8", "-3", "99999999999", "Atlantis", "asia/tokyo/1"})
    void shouldFindNothing(String typed) {
        assertThat(zones.matching(typed)).isEmpty();
        assertThat(zones.explain(typed, List.of())).isEqualTo("no zone has the number or the name '" + typed + "'");
    }

    @Test
    void shouldNameThoseThatMayBeMeantWithTheirNumbers() {
        List<String> matches = zones.matching("america");

        assertThat(zones.explain("america", matches))
                .isEqualTo("'america' may be 1 America/New_York, 2 America/Sao_Paulo");
    }

    @Test
    void shouldNameTwentyAtMost() {
        Zones many = new Zones(IntStream.range(0, 25).mapToObj(i -> "Zone/" + i).toList());

        assertThat(many.explain("zone", many.matching("zone")))
                .contains("20 Zone/19")
                .doesNotContain("21 Zone/20")
                .endsWith(", and 5 more");
    }

    @Test
    void shouldListAllInTwoColumnsOf80() {
        assertThat(zones.lines())
                .hasSize(4)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
                .startsWith("   1 America/New_York                     5 Etc/GMT+1")
                .endsWith("   4 Etc/GMT");
    }
}
