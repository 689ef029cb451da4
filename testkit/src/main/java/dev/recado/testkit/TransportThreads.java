package dev.recado.testkit;

import dev.recado.testkit.internal.JdkThreads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the threads of the transport under test from everybody else's.
 *
 * <p>Test classes run in parallel in one JVM, so a look at all threads named {@code recado-} would blame one test for
 * another's. Instead each test runs on a thread of a group of its own, and platform threads that the transport starts
 * inherit the group. Virtual threads belong to no such group: those that call back are remembered one by one. A virtual
 * thread that never calls back is out of sight. Thread-safe.
 */
final class TransportThreads {

    private static final String PREFIX = "recado-";

    private final ThreadGroup group;
    private final Violations violations;
    private final Set<Thread> kit = ConcurrentHashMap.newKeySet();
    private final Set<Thread> callers = ConcurrentHashMap.newKeySet();

    TransportThreads(String test, Violations violations) {
        this.group = new ThreadGroup("testkit-" + test);
        this.violations = violations;
    }

    /** A daemon of the kit's own, whose descendants are the transport's. */
    Thread newKitThread(String name, Runnable body) {
        Thread thread = new Thread(group, body, "testkit-" + name);
        thread.setDaemon(true);
        kit.add(thread);
        return thread;
    }

    /** Remembers the calling thread, which runs a callback. */
    void calledBack() {
        Thread current = Thread.currentThread();
        if (!kit.contains(current)) {
            callers.add(current);
        }
    }

    /** Checks rule T27 for every thread seen so far. */
    void checkNames() {
        for (Thread thread : known()) {
            if (!thread.getName().startsWith(PREFIX)) {
                violations.add(
                        "T27",
                        "names of threads must start with '" + PREFIX + "', but one is '" + thread.getName() + "'");
            }
            if (!thread.isDaemon()) {
                violations.add("T27", "threads must be daemons, but '" + thread.getName() + "' is none");
            }
        }
    }

    /** The transport's threads that run now. */
    List<Thread> alive() {
        List<Thread> alive = new ArrayList<>(known());
        alive.removeIf(thread -> !thread.isAlive());
        return alive;
    }

    private Set<Thread> known() {
        Set<Thread> known = new LinkedHashSet<>(callers);
        for (Thread thread : inGroup()) {
            if (!kit.contains(thread) && !JdkThreads.include(thread)) {
                known.add(thread);
            }
        }
        return known;
    }

    private List<Thread> inGroup() {
        Thread[] found = new Thread[group.activeCount() * 2 + 64];
        int count = group.enumerate(found);
        return Arrays.asList(found).subList(0, count);
    }

    /** The stacks of the kit's and the transport's threads. */
    String dump() {
        Set<Thread> all = new LinkedHashSet<>(kit);
        all.addAll(known());
        StringBuilder text = new StringBuilder("threads of this test:\n");
        for (Thread thread : all) {
            if (thread.isAlive()) {
                text.append(stack(thread));
            }
        }
        return text.toString();
    }

    static String stack(Thread thread) {
        StringBuilder text = new StringBuilder("\"" + thread.getName() + "\" " + thread.getState() + "\n");
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("    at ").append(frame).append('\n');
        }
        return text.toString();
    }
}
