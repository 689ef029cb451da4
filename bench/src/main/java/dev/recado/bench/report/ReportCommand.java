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

    @Option(names = "--out", description = "The folder with results.json; default bench/target/report.")
    private Path out = BenchHome.folder().resolve("target").resolve("report");

    @Option(names = "--readme", description = "Puts the figures into bench/README.md, too.")
    private boolean readme;

    @Override
    public Integer call() throws IOException {
        Report.draw(Results.read(out.resolve("results.json")), out);
        System.out.println("Report: " + out.resolve("index.html"));
        if (readme) {
            Readme.RESULTS.write(Files.readString(out.resolve("summary.md")));
        }
        return 0;
    }
}
