package dev.recado.samples.worldtime;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where the server has the time from. Thread-safe. */
interface TimeSource {

    /**
     * The zones that it knows. May take its time.
     *
     * @throws TimeSourceException when it cannot tell
     */
    List<String> zones();

    /**
     * The time in one of its {@linkplain #zones zones}, now. Does not block.
     *
     * @return fails with {@link TimeSourceException}, and not later than the source's own time limit
     */
    CompletionStage<ZoneTime> now(String zone);
}
