package dev.recado.bench.report;

import dev.recado.bench.broker.BenchHome;
import dev.recado.bench.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws the report of an earlier run again. */
@Command(name = "report", description = "Draws the report of an earlier run again, from its results.json.")
public final class ReportCommand implements Callable<Integer> {

    private static final String BEGIN = "<!-- results: written by 'bench.jar report --readme' -->\n";
    private static final String END = "<!-- end of results -->\n";

    @Option(names = "--out", description = "The folder with results.json; default bench/target/report.")
    private Path out = BenchHome.folder().resolve("target").resolve("report");

    @Option(names = "--readme", description = "Puts the figures into bench/README.md, too.")
    private boolean readme;

    @Override
    public Integer call() throws IOException {
        Report.draw(Results.read(out.resolve("results.json")), out);
        System.out.println("Report: " + out.resolve("index.html"));
        if (readme) {
            Path file = BenchHome.folder().resolve("README.md");
            Files.writeString(file, withResults(Files.readString(file), Files.readString(out.resolve("summary.md"))));
        }
        return 0;
    }

    /** Replaces what stands between the two marks. */
    static String withResults(String text, String results) {
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("README.md has lost the marks around its results");
        }
        return text.substring(0, begin + BEGIN.length()) + results + "\n" + text.substring(end);
    }
}
