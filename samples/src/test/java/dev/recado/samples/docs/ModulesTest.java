package dev.recado.samples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.samples.docs.Modules.Module;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/modules.svg} shows the modules as they are: who needs whom, and what each exports. */
class ModulesTest {

    private static final Path PICTURE = Documents.ROOT.resolve("docs/modules.svg");

    private static final int BOX_WIDTH = 200;
    private static final int COLUMN = 250;
    private static final int ROW = 170;
    private static final int LINE = 16;
    private static final int MARGIN = 30;

    /** A module and the middle of its upper edge. */
    private record Box(Module module, double x, double y) {

        double bottom() {
            return y + LINE * (2 + lines().size());
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>(module.exports());
            if (lines.isEmpty()) {
                lines.add(module.name().isEmpty() ? "no Java module" : "exports nothing");
            }
            return lines;
        }
    }

    @Test
    void shouldShowTheModulesAsTheyAre() throws Exception {
        String drawn = draw(place(Modules.read()));
        if (Documents.UPDATE) {
            Files.writeString(PICTURE, drawn);
        }
        assertThat(Files.readString(PICTURE)).isEqualTo(drawn);
    }

    /** Below a module lie those that it is compiled against; those of one row stand above what they need. */
    private static Map<String, Box> place(List<Module> modules) {
        Map<String, Module> byName = modules.stream()
                .filter(module -> isUsed(module, modules) || !module.uses().isEmpty())
                .collect(Collectors.toMap(Module::artifact, module -> module, (one, other) -> one, LinkedHashMap::new));
        int rows = 1
                + byName.values().stream()
                        .mapToInt(module -> depth(module, byName))
                        .max()
                        .orElseThrow();
        Map<String, Box> placed = new LinkedHashMap<>();
        for (int depth = 0; depth < rows; depth++) {
            int row = depth;
            List<Module> inRow = byName.values().stream()
                    .filter(module -> depth(module, byName) == row)
                    .sorted(Comparator.comparing(Module::artifact))
                    .toList();
            for (int i = 0; i < inRow.size(); i++) {
                Module module = inRow.get(i);
                double x = depth < 2 ? COLUMN * (i - (inRow.size() - 1) / 2.0) : mean(module, placed);
                placed.put(module.artifact(), new Box(module, x, ROW * (rows - 1 - depth)));
            }
        }
        return placed;
    }

    private static boolean isUsed(Module module, List<Module> modules) {
        return modules.stream().anyMatch(user -> user.uses().containsKey(module.artifact()));
    }

    private static int depth(Module module, Map<String, Module> modules) {
        return module.uses().entrySet().stream()
                .filter(use -> !use.getValue().equals("runtime"))
                .mapToInt(use -> 1 + depth(modules.get(use.getKey()), modules))
                .max()
                .orElse(0);
    }

    private static double mean(Module module, Map<String, Box> placed) {
        return module.uses().keySet().stream()
                .mapToDouble(used -> placed.get(used).x())
                .average()
                .orElseThrow();
    }

    private static String draw(Map<String, Box> boxes) {
        double left = boxes.values().stream().mapToDouble(Box::x).min().orElseThrow() - BOX_WIDTH / 2.0 - MARGIN;
        double right = boxes.values().stream().mapToDouble(Box::x).max().orElseThrow() + BOX_WIDTH / 2.0 + MARGIN;
        double bottom = boxes.values().stream().mapToDouble(Box::bottom).max().orElseThrow() + MARGIN;
        StringBuilder svg = new StringBuilder();
        line(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.0f %d %.0f %.0f\" font-family=\"sans-serif\">",
                left,
                -MARGIN,
                right - left,
                bottom + MARGIN);
        line(
                svg,
                "<title>Recado's modules: an arrow leads to what a module needs, a dashed one at run time only</title>");
        line(
                svg,
                "<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\""
                        + " orient=\"auto\"><path d=\"M0,0L10,5L0,10z\" fill=\"#57606a\"/></marker></defs>");
        line(
                svg,
                "<rect x=\"%.0f\" y=\"%d\" width=\"%.0f\" height=\"%.0f\" rx=\"8\" fill=\"#ffffff\"/>",
                left,
                -MARGIN,
                right - left,
                bottom + MARGIN);
        for (Box box : boxes.values()) {
            box.module().uses().forEach((used, scope) -> arrow(svg, box, boxes.get(used), scope.equals("runtime")));
        }
        boxes.values().forEach(box -> box(svg, box));
        line(svg, "</svg>");
        return svg.toString();
    }

    private static void arrow(StringBuilder svg, Box from, Box to, boolean atRunTime) {
        boolean sameRow = from.y() == to.y();
        double side = Math.signum(to.x() - from.x()) * BOX_WIDTH / 2;
        line(
                svg,
                "<line x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\" stroke=\"#57606a\" stroke-width=\"1.5\""
                        + " marker-end=\"url(#tip)\"%s/>",
                sameRow ? from.x() + side : from.x(),
                sameRow ? from.y() + LINE : from.bottom(),
                sameRow ? to.x() - side : to.x(),
                to.y() + (sameRow ? LINE : 0),
                atRunTime ? " stroke-dasharray=\"5 4\"" : "");
    }

    private static void box(StringBuilder svg, Box box) {
        line(
                svg,
                "<rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%.0f\" rx=\"6\" fill=\"#f6f8fa\" stroke=\"#57606a\"/>",
                box.x() - BOX_WIDTH / 2.0,
                box.y(),
                BOX_WIDTH,
                box.bottom() - box.y());
        text(
                svg,
                box.x(),
                box.y() + LINE * 1.3,
                "font-size=\"14\" font-weight=\"bold\" fill=\"#1f2328\"",
                box.module().artifact());
        for (int i = 0; i < box.lines().size(); i++) {
            text(
                    svg,
                    box.x(),
                    box.y() + LINE * (2.3 + i),
                    "font-size=\"11\" fill=\"#57606a\"",
                    box.lines().get(i));
        }
    }

    private static void text(StringBuilder svg, double x, double y, String style, String text) {
        line(svg, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\" %s>%s</text>", x, y, style, text);
    }

    private static void line(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
