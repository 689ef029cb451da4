package dev.recado.transport.blocking;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/** Virtual threads, for code that is compiled for Java 17 and may run on a JVM that has them. */
final class VirtualThreads {

    private VirtualThreads() {}

    /**
     * Looks for them.
     *
     * @return a factory of unstarted threads, when this is Java 21 or later; they were a preview before
     */
    static Optional<ThreadFactory> factory() {
        if (Runtime.version().feature() < 21) {
            return Optional.empty();
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
            return Optional.of((ThreadFactory) factory.invoke(builder));
        } catch (ReflectiveOperationException e) {
            return Optional.empty();
        }
    }
}
