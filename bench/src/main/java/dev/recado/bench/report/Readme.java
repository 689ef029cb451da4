package dev.recado.bench.report;

import dev.recado.bench.broker.BenchHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The parts of {@code bench/README.md} that hold figures; each stands between two marks. */
public enum Readme {
    RESULTS("results", "report --readme"),
    JMH("small benchmarks", "jmh --readme");

    private final String begin;
    private final String end;

    Readme(String what, String command) {
        begin = "<!-- " + what + ": written by 'bench.jar " + command + "' -->\n";
        end = "<!-- end of " + what + " -->\n";
    }

    /** Puts figures into the file in the place of those that are there. */
    public void write(String figures) throws IOException {
        Path file = BenchHome.folder().resolve("README.md");
        Files.writeString(file, replaced(Files.readString(file), figures));
    }

    String replaced(String text, String figures) {
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("README.md has lost the mark " + begin.strip());
        }
        return text.substring(0, from + begin.length()) + figures + "\n" + text.substring(to);
    }
}
