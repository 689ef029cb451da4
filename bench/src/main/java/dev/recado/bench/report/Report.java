package dev.recado.bench.report;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.run.Machine;
import dev.recado.bench.run.Metric;
import dev.recado.bench.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * Draws a run: {@code index.html}, which needs no other file; {@code summary.md}, the same in words and tables; and each chart
 * as SVG and PNG.
 */
public final class Report {

    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Recado benchmarks</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; margin: 1rem 0; }
            td, th { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: left; }
            td.n { text-align: right; font-variant-numeric: tabular-nums; }
            .yes { color: #0b6e4f; } .no { color: #b3261e; } .unknown { color: #777; }
            img { max-width: 100%%; display: block; margin: 1rem 0; }
            </style></head><body>
            <h1>Recado benchmarks</h1>
            %s
            </body></html>
            """;

    private final Results results;
    private final Path out;
    private final StringBuilder html = new StringBuilder();
    private final StringBuilder markdown = new StringBuilder();

    private Report(Results results, Path out) {
        this.results = results;
        this.out = out;
    }

    /** Writes the report into a folder. */
    public static void draw(Results results, Path out) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(out);
        new Report(results, out).draw();
    }

    private void draw() throws IOException {
        machine();
        goals();
        troubles();
        for (Map.Entry<String, List<Results.Series>> scenario : byScenario().entrySet()) {
            scenario(scenario.getKey(), scenario.getValue());
        }
        Files.writeString(out.resolve("index.html"), PAGE.formatted(html));
        Files.writeString(out.resolve("summary.md"), markdown);
    }

    private Map<String, List<Results.Series>> byScenario() {
        return results.series().stream()
                .collect(Collectors.groupingBy(Results.Series::scenario, LinkedHashMap::new, Collectors.toList()));
    }

    private void machine() {
        Machine machine = results.machine();
        String where = "%s (%s run): %s, %d cores, %s; %s; %s. "
                .formatted(
                        machine.at(),
                        results.pace(),
                        machine.processor(),
                        machine.cores(),
                        machine.memory(),
                        machine.system(),
                        machine.jvm());
        String versions = machine.versions().entrySet().stream()
                .filter(one -> one.getKey() != BrokerKind.RELAY)
                .map(one -> one.getKey().title() + " " + one.getValue())
                .collect(Collectors.joining(", "));
        paragraph(where + versions + ".");
        paragraph(
                "Medians of the rounds; in the charts, whiskers from the lowest round to the highest. Every message is"
                        + " counted, and a round that loses one counts for nothing.");
    }

    private void goals() {
        List<List<String>> rows = new ArrayList<>();
        for (Goal goal : Goal.LIST) {
            OptionalDouble measured = goal.measured(results);
            rows.add(List.of(
                    goal.what(),
                    goal.wanted(),
                    measured.isEmpty() ? "-" : goal.found(measured.getAsDouble()),
                    measured.isEmpty() ? "not measured" : goal.isReached(measured.getAsDouble()) ? "yes" : "no"));
        }
        heading("Goals");
        table(List.of("goal", "wanted", "measured", "reached"), rows);
    }

    private void troubles() {
        if (results.troubles().isEmpty()) {
            return;
        }
        heading("Rounds that do not count");
        table(
                List.of("scenario", "broker", "round", "why"),
                results.troubles().stream()
                        .map(one ->
                                List.of(one.title(), one.broker().title(), Integer.toString(one.round()), one.why()))
                        .toList());
    }

    private void scenario(String id, List<Results.Series> series) throws IOException {
        heading(series.get(0).title());
        Map<Metric, List<Results.Series>> byMetric = series.stream()
                .sorted((one, other) -> one.broker().compareTo(other.broker()))
                .collect(Collectors.groupingBy(Results.Series::metric, LinkedHashMap::new, Collectors.toList()));
        table(header(byMetric), rows(series, byMetric));
        List<Results.Curve> curves = results.curves().stream()
                .filter(curve -> curve.scenario().equals(id))
                .toList();
        if (curves.isEmpty()) {
            Metric first = byMetric.keySet().iterator().next();
            picture(id, Charts.bars(byMetric.get(first)));
        } else {
            picture(id, Charts.curves(curves));
        }
    }

    private static List<String> header(Map<Metric, List<Results.Series>> byMetric) {
        List<String> header = new ArrayList<>(List.of("broker"));
        byMetric.keySet().forEach(metric -> {
            header.add(metric.title());
            header.add("lowest to highest");
        });
        header.add("Recado NIO is");
        return header;
    }

    private static List<List<String>> rows(List<Results.Series> series, Map<Metric, List<Results.Series>> byMetric) {
        List<List<String>> rows = new ArrayList<>();
        Metric main = byMetric.keySet().iterator().next();
        OptionalDouble ours = median(series, BrokerKind.RECADO_NIO, main);
        for (BrokerKind broker : BrokerKind.values()) {
            if (series.stream().noneMatch(one -> one.broker() == broker)) {
                continue;
            }
            List<String> row = new ArrayList<>(List.of(broker.title()));
            for (Metric metric : byMetric.keySet()) {
                Results.Series one = byMetric.get(metric).stream()
                        .filter(known -> known.broker() == broker)
                        .findFirst()
                        .orElse(null);
                row.add(one == null ? "" : number(one.median()));
                row.add(one == null ? "" : number(one.lowest()) + " – " + number(one.highest()));
            }
            OptionalDouble theirs = median(series, broker, main);
            boolean comparable = broker != BrokerKind.RECADO_NIO && ours.isPresent() && theirs.isPresent();
            row.add(comparable ? "%.2f ×".formatted(ours.getAsDouble() / theirs.getAsDouble()) : "");
            rows.add(row);
        }
        return rows;
    }

    private static OptionalDouble median(List<Results.Series> series, BrokerKind broker, Metric metric) {
        return series.stream()
                .filter(one -> one.broker() == broker && one.metric() == metric)
                .mapToDouble(Results.Series::median)
                .findFirst();
    }

    private static String number(double value) {
        return (value >= 100 ? "%,.0f" : "%.2f").formatted(value);
    }

    // ---- In both forms ----

    private void heading(String text) {
        html.append("<h2>").append(escaped(text)).append("</h2>\n");
        markdown.append("\n### ").append(text).append("\n");
    }

    private void paragraph(String text) {
        html.append("<p>").append(escaped(text)).append("</p>\n");
        markdown.append("\n").append(text).append("\n");
    }

    private void table(List<String> header, List<List<String>> rows) {
        html.append("<table><tr>");
        header.forEach(cell -> html.append("<th>").append(escaped(cell)).append("</th>"));
        html.append("</tr>\n");
        markdown.append("\n| ").append(String.join(" | ", header)).append(" |\n|");
        markdown.append("---|".repeat(header.size())).append("\n");
        for (List<String> row : rows) {
            html.append("<tr>");
            row.forEach(cell -> html.append("<td class=\"")
                    .append(styleOf(cell))
                    .append("\">")
                    .append(escaped(cell))
                    .append("</td>"));
            html.append("</tr>\n");
            markdown.append("| ").append(String.join(" | ", row)).append(" |\n");
        }
        html.append("</table>\n");
    }

    private static String styleOf(String cell) {
        return switch (cell) {
            case "yes", "no" -> cell;
            case "not measured" -> "unknown";
            default -> cell.matches("[0-9].*") ? "n" : "t";
        };
    }

    /** As a data URI: inline, two charts' clip paths would have the same ids. */
    private void picture(String id, Chart<?, ?> chart) throws IOException {
        byte[] svg = Charts.svg(chart);
        Files.write(out.resolve(id + ".svg"), svg);
        Files.write(out.resolve(id + ".png"), Charts.png(chart));
        html.append("<img alt=\"\" src=\"data:image/svg+xml;base64,")
                .append(Base64.getEncoder().encodeToString(svg))
                .append("\">\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
