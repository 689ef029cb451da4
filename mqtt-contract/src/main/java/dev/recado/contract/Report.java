package dev.recado.contract;

import dev.recado.contract.TestResult.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The results of a run, as people read them. */
record Report(String broker, List<TestResult> results) {

    private static final String STYLE = """
            body { font: 14px sans-serif; margin: 2em }
            table { border-collapse: collapse }
            th, td { border: 1px solid #bbb; padding: 4px 8px; text-align: left; vertical-align: top }
            pre { margin: 0; white-space: pre-wrap }
            .failed { background: #f99 }
            .skipped { color: #666 }
            """;

    long count(Outcome outcome) {
        return results.stream().filter(result -> result.outcome() == outcome).count();
    }

    private Map<String, List<TestResult>> chapters() {
        return results.stream().collect(Collectors.groupingBy(TestResult::chapter, TreeMap::new, Collectors.toList()));
    }

    private String summary() {
        return "%d passed, %d failed, %d skipped"
                .formatted(count(Outcome.PASSED), count(Outcome.FAILED), count(Outcome.SKIPPED));
    }

    // ---- for a terminal

    String text() {
        StringBuilder text = new StringBuilder();
        chapters().forEach((title, tests) -> appendChapter(text, title, new Report(broker, tests)));
        appendSkips(text);
        return text.append(broker).append(": ").append(summary()).append('\n').toString();
    }

    private static void appendChapter(StringBuilder text, String title, Report chapter) {
        text.append("%-36s %s\n".formatted(title, chapter.summary()));
        for (TestResult result : chapter.results) {
            if (result.outcome() == Outcome.FAILED) {
                text.append("\n  ").append(result.test()).append('\n');
                result.demand()
                        .ifPresent(demand ->
                                text.append("    the standard: ").append(demand).append('\n'));
                text.append(result.message().strip().indent(4)).append('\n');
            }
        }
    }

    private void appendSkips(StringBuilder text) {
        Map<String, Long> reasons = results.stream()
                .filter(result -> result.outcome() == Outcome.SKIPPED)
                .collect(Collectors.groupingBy(TestResult::kindOfSkip, TreeMap::new, Collectors.counting()));
        if (!reasons.isEmpty()) {
            text.append("\nskipped:\n");
            reasons.forEach((reason, count) -> text.append("%5d  %s\n".formatted(count, reason)));
        }
        text.append('\n');
    }

    // ---- for a browser

    String html() {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="UTF-8"><title>MQTT conformance of %1$s</title>
                <style>
                %2$s</style></head>
                <body>
                <h1>MQTT conformance of %1$s</h1>
                <p>%3$s</p>
                %4$s
                </body>
                </html>
                """.formatted(
                        escape(broker),
                        STYLE,
                        summary(),
                        chapters().entrySet().stream()
                                .map(chapter -> htmlChapter(chapter.getKey(), new Report(broker, chapter.getValue())))
                                .collect(Collectors.joining("\n")));
    }

    private static String htmlChapter(String title, Report chapter) {
        return "<h2>%s</h2>\n<p>%s</p>\n<table>\n<tr><th>test</th><th>the standard</th><th>result</th></tr>\n%s\n</table>"
                .formatted(
                        escape(title),
                        chapter.summary(),
                        chapter.results.stream().map(Report::htmlRow).collect(Collectors.joining("\n")));
    }

    private static String htmlRow(TestResult result) {
        String outcome = result.outcome().name().toLowerCase(Locale.ROOT);
        return "<tr class=\"%1$s\"><td>%2$s</td><td>%3$s</td><td>%1$s<pre>%4$s</pre></td></tr>"
                .formatted(
                        outcome,
                        escape(result.test()),
                        escape(result.demand().orElse("")),
                        escape(result.message().strip()));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
