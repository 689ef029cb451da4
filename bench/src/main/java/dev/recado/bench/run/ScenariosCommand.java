package dev.recado.bench.run;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Says what 'run' can measure. */
@Command(name = "scenarios", description = "Lists what 'run' measures.")
public final class ScenariosCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        Scenarios.LIST.forEach(scenario -> System.out.printf("%-20s %s%n", scenario.id(), scenario.title()));
        return 0;
    }
}
