package dev.recado.interop;

/**
 * A resource for {@link org.junit.jupiter.api.parallel.ResourceLock}. Until its program starts, a child process of the JVM has
 * every socket that the JVM had open: what is closed meanwhile stays open for some milliseconds, and its port taken. Who starts
 * processes has a READ lock, who counts on closing at once READ_WRITE.
 */
final class ChildProcesses {

    static final String LOCK = "child processes";

    private ChildProcesses() {}
}
