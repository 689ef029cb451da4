import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.utils.AttributedString;
import org.jline.utils.WCWidth;

/** Draws a terminal's screen, as {@code tmux capture-pane -e -p} writes it, as an SVG. Run by {@code chat-tour.sh}. */
final class TerminalPicture {

    private static final double CELL_WIDTH = 8.4;
    private static final double CELL_HEIGHT = 18;
    private static final int MARGIN = 12;

    private static final Pattern WORD_OR_BORDER = Pattern.compile("([^ \u2500-\u257f]+)|[\u2500-\u257f]+");

    private TerminalPicture() {}

    public static void main(String[] args) throws IOException {
        List<String> screen;
        try (BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            screen = input.lines()
                    .map(TerminalPicture::plain)
                    .map(String::stripTrailing)
                    .toList();
        }
        int columns = screen.stream().mapToInt(TerminalPicture::width).max().orElse(0);
        double width = columns * CELL_WIDTH + 2 * MARGIN;
        double height = screen.size() * CELL_HEIGHT + 2 * MARGIN;
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.printf(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-size=\"14\""
                        + " font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\">%n",
                width, height);
        out.println("<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1d1f21\"/>");
        for (int row = 0; row < screen.size(); row++) {
            words(screen.get(row), MARGIN + (row + 1) * CELL_HEIGHT - 5, out);
        }
        out.println("</svg>");
    }

    private static String plain(String line) {
        return AttributedString.fromAnsi(line).toString();
    }

    private static int width(String line) {
        return line.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
    }

    /** Each word has its own place, so that a font with other widths cannot shift what stands behind it. */
    private static void words(String line, double y, PrintStream out) {
        Matcher word = WORD_OR_BORDER.matcher(line);
        while (word.find()) {
            String text = word.group();
            out.printf(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%.0f\" fill=\"%s\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\">%s</text>%n",
                    MARGIN + width(line.substring(0, word.start())) * CELL_WIDTH,
                    y,
                    word.group(1) == null ? "#8abeb7" : "#e0e0e0",
                    width(text) * CELL_WIDTH,
                    escaped(text));
        }
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
