package dev.recado.testkit.internal;

/** Helpers that the JDK starts once for the whole program, and whoever needs them first is their parent. */
public final class JdkThreads {

    private JdkThreads() {}

    /** Whether the thread is one of them, and so nobody's leak. */
    public static boolean include(Thread thread) {
        String name = thread.getName();
        return name.startsWith("ForkJoinPool.commonPool-") || name.equals("CompletableFutureDelayScheduler");
    }
}
