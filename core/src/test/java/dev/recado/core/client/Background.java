package dev.recado.core.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs what blocks on a thread of its own: the common pool of a small machine has one thread, for all tests together. */
final class Background {

    private Background() {}

    static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, Background::start);
    }

    static <T> CompletableFuture<T> get(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, Background::start);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "background");
        thread.setDaemon(true);
        thread.start();
    }
}
