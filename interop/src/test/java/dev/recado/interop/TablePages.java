package dev.recado.interop;

import dev.recado.interop.StatementTable.Row;
import dev.recado.interop.StatementTable.Test;
import dev.recado.interop.TestRun.Outcome;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table as people read it. */
final class TablePages {

    private static final List<String> HEAD =
            List.of("statement", "version", "binds", "what it demands", "tests", "result", "proved");

    private static final String STYLE = """
            body { font: 14px sans-serif; margin: 2em }
            table { border-collapse: collapse }
            th, td { border: 1px solid #bbb; padding: 4px 8px; text-align: left; vertical-align: top }
            .covered td:nth-child(6), .proven td:nth-child(7) { background: #cfc }
            .not-observable { color: #666 }
            .open, .unproven td:nth-child(7) { background: #fec }
            .missing { background: #f99 }
            """;

    private TablePages() {}

    static String markdown(StatementTable table) {
        return Stream.of(
                        Stream.of(
                                "# The statements of MQTT and their tests",
                                "",
                                table.summary(),
                                "",
                                line(HEAD.stream())),
                        Stream.of(line(HEAD.stream().map(column -> "---"))),
                        table.rows().stream()
                                .map(row -> line(cells(row, " <br> ").map(cell -> cell.replace("|", "\\|")))))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(Stream<String> cells) {
        return cells.collect(Collectors.joining(" | ", "| ", " |"));
    }

    static String html(StatementTable table) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="UTF-8"><title>The statements of MQTT and their tests</title>
                <style>
                %s</style></head>
                <body>
                <h1>The statements of MQTT and their tests</h1>
                <p>%s</p>
                <table>
                <tr>%s</tr>
                %s
                </table>
                </body>
                </html>
                """.formatted(
                        STYLE,
                        escape(table.summary()),
                        HEAD.stream().map(TablePages::escape).collect(Collectors.joining("</th><th>", "<th>", "</th>")),
                        table.rows().stream().map(TablePages::htmlRow).collect(Collectors.joining("\n")));
    }

    private static String htmlRow(Row row) {
        return cells(row, "\n")
                .map(cell -> escape(cell).replace("\n", "<br>"))
                .collect(Collectors.joining(
                        "</td><td>",
                        "<tr class=\"%s %s\"><td>".formatted(cssClass(row.state()), cssClass(row.proof())),
                        "</td></tr>"));
    }

    private static Stream<String> cells(Row row, String separator) {
        return Stream.of(
                row.statement().id(),
                row.statement().version(),
                row.statement().binds(),
                row.statement().text(),
                row.tests().stream().map(TablePages::cell).collect(Collectors.joining(separator)),
                StatementTable.words(row.state()) + (row.reason().isEmpty() ? "" : ": " + row.reason()),
                StatementTable.words(row.proof()));
    }

    private static String cell(Test test) {
        return test.outcome() == Outcome.PASSED
                ? test.name()
                : test.name() + " (" + StatementTable.words(test.outcome()) + ": " + test.reason() + ")";
    }

    private static String cssClass(Enum<?> constant) {
        return StatementTable.words(constant).replace(' ', '-');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
