package dev.recado.bench.run;

import java.time.Duration;

/**
 * How long is measured.
 *
 * @param firstWarmUp before a broker's first round in a scenario
 * @param warmUp before each later round
 * @param share of the numbers of connections, topics and the like
 */
record Pace(int rounds, Duration firstWarmUp, Duration warmUp, Duration measured, double share) {

    static final Pace FULL = new Pace(3, Duration.ofSeconds(2), Duration.ofMillis(500), Duration.ofSeconds(2), 1);
    static final Pace QUICK = new Pace(1, Duration.ofMillis(600), Duration.ZERO, Duration.ofMillis(400), 0.1);

    Duration warmUp(int round) {
        return round == 0 ? firstWarmUp : warmUp;
    }

    int scaled(int number) {
        return (int) Math.max(1, number * share);
    }
}
