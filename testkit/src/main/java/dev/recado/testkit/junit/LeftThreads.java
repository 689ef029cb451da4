package dev.recado.testkit.junit;

import dev.recado.testkit.internal.Eventually;
import dev.recado.testkit.internal.JdkThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The platform threads that were started since this was made, and still run. */
final class LeftThreads {

    /** Groups that the JDK makes for threads which it keeps. */
    private static final Set<String> GROUPS_OF_THE_JDK = Set.of("system", "InnocuousThreadGroup", "CarrierThreads");

    /** Threads that the JDK and JUnit start when they are first needed, and keep. */
    private static final List<String> ALWAYS_LASTING = List.of("Keep-Alive-", "junit-", "JUnit-");

    private final Set<Thread> before = new HashSet<>(running());
    private final List<String> lasting;

    /** Names that begin with one of these are no leak. */
    LeftThreads(List<String> lasting) {
        this.lasting = List.copyOf(lasting);
    }

    /** Waits for their end at most this long, and tells which do not end. */
    List<Thread> afterAtMost(Duration patience) {
        Eventually.holds(patience, () -> now().isEmpty());
        return now();
    }

    private List<Thread> now() {
        List<Thread> left = running();
        left.removeIf(thread -> before.contains(thread) || isLasting(thread));
        return left;
    }

    private boolean isLasting(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        // It has none when it has just ended.
        return group == null
                || GROUPS_OF_THE_JDK.contains(group.getName())
                || JdkThreads.include(thread)
                || ALWAYS_LASTING.stream().anyMatch(thread.getName()::startsWith)
                || lasting.stream().anyMatch(thread.getName()::startsWith);
    }

    private static List<Thread> running() {
        ThreadGroup all = Thread.currentThread().getThreadGroup();
        while (all.getParent() != null) {
            all = all.getParent();
        }
        // What does not fit into the array is left out silently.
        Thread[] found = new Thread[all.activeCount() * 2 + 64];
        return new ArrayList<>(Arrays.asList(found).subList(0, all.enumerate(found)));
    }
}
