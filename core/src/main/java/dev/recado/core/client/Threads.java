package dev.recado.core.client;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Starts the clients' threads: virtual ones where the JVM has them (from JDK 21 on), else daemons. Looked up by reflection,
 * because this is compiled for JDK 17.
 */
final class Threads {

    /** {@code (String name, Runnable task) -> Thread}, started; {@code null} where there are no virtual threads. */
    private static final MethodHandle START_VIRTUAL = findStartVirtual();

    private Threads() {}

    private static MethodHandle findStartVirtual() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle create = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(builder));
            MethodHandle name = lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class));
            MethodHandle start =
                    lookup.findVirtual(builder, "start", MethodType.methodType(Thread.class, Runnable.class));
            return MethodHandles.collectArguments(start, 0, MethodHandles.foldArguments(name, create));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /** Starts a daemon thread. */
    static Thread start(String name, Runnable task) {
        if (START_VIRTUAL != null) {
            try {
                return (Thread) START_VIRTUAL.invoke(name, task);
            } catch (Error | RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("no virtual thread could be started", e);
            }
        }
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
