package dev.recado.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Opens many connections and keeps them. */
public final class Connects {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /**
     * What came of it.
     *
     * @param perSecond from the first attempt to the last answer
     * @param refused connections that ended, or had no answer
     */
    public record Count(double perSecond, int refused) {}

    private Connects() {}

    /** @param atOnce attempts under way at most */
    public static Count open(Loop loop, int count, int atOnce) throws IOException {
        List<Client> underWay = new ArrayList<>();
        int begun = 0;
        int refused = 0;
        int open = 0;
        long start = System.nanoTime();
        while (open + refused < count && System.nanoTime() - start < LIMIT.toNanos()) {
            while (begun < count && underWay.size() < atOnce) {
                underWay.add(loop.begin());
                begun++;
            }
            loop.turn(10);
            int before = underWay.size();
            underWay.removeIf(client -> client.inbound().replies() > 0 && client.failure() == null);
            open += before - underWay.size();
            before = underWay.size();
            underWay.removeIf(client -> client.failure() != null);
            refused += before - underWay.size();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Count(open / seconds, count - open);
    }
}
